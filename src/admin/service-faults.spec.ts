import type { Readiness } from '../platform/health';
import { ServiceFaults } from './service-faults';

type Parts = ConstructorParameters<typeof ServiceFaults>;

const MINUTE_MS = 60_000;
const up = { status: 'up' } as const;

describe('faults of the service that are seen by looking', () => {
  let faults: ServiceFaults;
  let skewMs: number;
  let misses: number;
  beforeEach(() => {
    jest.useFakeTimers();
    [skewMs, misses] = [0, 0];
    const facts = { clockSkewMs: async () => skewMs } as Parts[0];
    const keyless = { find: async () => null } as unknown as Parts[1];
    const readiness: Pick<Readiness, 'report' | 'missesOf'> = {
      report: async () => {
        const database = misses === 0 ? up : ({ status: 'down', reason: 'does not answer' } as const);
        return { database, queue: up, migrations: up, draining: up };
      },
      missesOf: (store) => (store === 'database' ? misses : 0),
    };
    const metrics = { gauge: () => ({ set: () => undefined }) } as unknown as Parts[3];
    faults = new ServiceFaults(facts, keyless, readiness as Parts[2], metrics);
    faults.onApplicationBootstrap();
  });
  afterEach(async () => {
    await faults.beforeApplicationShutdown();
    jest.useRealTimers();
  });

  it('begin when they begin, and not when somebody first looks', async () => {
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    const begun = Date.now();
    skewMs = 40_000;
    await jest.advanceTimersByTimeAsync(20 * MINUTE_MS);
    const { clockSkew } = await faults.look();
    expect(clockSkew!.reason).toBe('is 40 s ahead of the database’s');
    expect(clockSkew!.since.getTime() - begun).toBeLessThan(MINUTE_MS);
    skewMs = 0;
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    expect((await faults.look()).clockSkew).toBeNull();
  });

  it('of a store that is away begin with the first check without an answer', async () => {
    misses = 1;
    const slow = (await faults.look()).slowStores!;
    expect(slow).toMatchObject([{ store: 'database', reason: 'answers slowly' }]);
    await jest.advanceTimersByTimeAsync(10_000);
    misses = 2;
    const { databaseAway, slowStores } = await faults.look();
    expect([databaseAway, slowStores]).toEqual([expect.objectContaining({ since: slow[0]!.since }), []]);
  });
});
