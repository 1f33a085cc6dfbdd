import { Readiness, type Store } from '../platform/health';
import { storeFaults } from './store-faults';

const STORES: readonly Store[] = ['database', 'queue'];
const up = { status: 'up' } as const;

describe.each(STORES)('what is wrong with the %s', (store) => {
  const faultAfter = async (reason: string | undefined, misses: number) => {
    const checks = { database: up, queue: up, migrations: up, draining: up };
    const found = reason === undefined ? up : ({ status: 'down', reason } as const);
    const readiness: Pick<Readiness, 'report' | 'missesOf'> = {
      report: async () => ({ ...checks, [store]: found }),
      missesOf: (of) => (of === store ? misses : 0),
    };
    return (await storeFaults(readiness))[store];
  };

  it.each([
    ['nothing, while it answers', undefined, 0, null],
    ['that it takes nothing, as it says itself', 'is read-only', 0, { kind: 'refuses', reason: 'is read-only' }],
    ['that it is slow, when it missed one check', 'does not answer', 1, { kind: 'slow', reason: 'answers slowly' }],
    ['that it is away, when it missed two in a row', 'does not answer', 2, { kind: 'away', reason: 'does not answer' }],
  ])('is %s', async (_what, reason, misses, fault) => {
    expect(await faultAfter(reason, misses)).toEqual(fault);
  });
});

it('counts what is missed in a row, of each store', async () => {
  const database = {
    url: 'postgres://nobody:none@127.0.0.1:1/none',
    directUrl: 'postgres://nobody:none@127.0.0.1:1/none',
  };
  const config = { database, redisUrl: null } as ConstructorParameters<typeof Readiness>[0];
  const readiness = new Readiness(config, { started: false } as ConstructorParameters<typeof Readiness>[1], {
    names: [],
  });
  try {
    expect(await storeFaults(readiness)).toMatchObject({ database: { kind: 'slow' }, queue: { kind: 'slow' } });
    expect(await storeFaults(readiness)).toMatchObject({ database: { kind: 'away' }, queue: { kind: 'away' } });
    expect(STORES.map((store) => readiness.missesOf(store))).toEqual([2, 2]);
  } finally {
    await readiness.onApplicationShutdown();
  }
});
