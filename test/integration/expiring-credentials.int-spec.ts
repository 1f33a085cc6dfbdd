import { EventLog } from '../../src/events';
import { IntegrationRepository } from '../../src/integrations';
import { ExpiringCredentials } from '../../src/lifecycle/expiring-credentials';
import { UnitOfWork } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const DAY_MS = 86_400_000;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);

describe('credentials that end soon', () => {
  let first: TestApp;
  /** Another process on the same database. */
  let second: TestApp;
  let clinic: Clinic;

  beforeAll(async () => {
    first = await startTestApp();
    second = await startTestApp({ databaseUrl: first.config.database.url, dataDir: first.config.dataDir });
  }, 120_000);
  afterAll(async () => {
    await second?.close();
    await first?.close();
  });
  beforeEach(async () => {
    clinic = await ending(null);
  });
  afterEach(() => jest.restoreAllMocks());

  const daemonOf = (running: TestApp) => running.app.get(ExpiringCredentials, { strict: false });
  const tickEverywhere = () => Promise.all([first, second, first].map((running) => daemonOf(running).tick()));
  /** An active integration whose credentials end then. */
  async function ending(end: Date | null): Promise<Clinic> {
    const made = await makeClinic(first, { sizes: { '*': 0 } });
    await made.activate().expect(200);
    // a run holds the row, and what is held is told a minute later
    await made.settled();
    await endsAt(end, made);
    return made;
  }
  const endsAt = (end: Date | null, of = clinic) =>
    of.sql('UPDATE integrations SET credential_expires_at = $2 WHERE merchant_id = $1', [of.merchantId, end]);
  const told = async (of = clinic): Promise<string[]> => {
    const { body } = await of.call('get', '/v2/events?type=integration.credentials_expiring').expect(200);
    return body.data.map(({ data }: { data: { expiresAt: string } }) => data.expiresAt);
  };

  it('are told a week before, once, by however many processes', async () => {
    const end = inDays(6.9);
    const [soon, later, ended, never] = await Promise.all([end, inDays(7.1), inDays(-1), null].map(ending));
    await tickEverywhere();
    await tickEverywhere();
    expect(await told(soon)).toEqual([end.toISOString()]);
    for (const other of [later, ended, never]) expect(await told(other)).toEqual([]);
  });

  it('are told again when others with another end replace them, and not when the end is the same', async () => {
    const [end, next] = [inDays(5), inDays(3)];
    await endsAt(end);
    await tickEverywhere();
    await endsAt(null);
    await tickEverywhere();
    await endsAt(end);
    await tickEverywhere();
    expect(await told()).toEqual([end.toISOString()]);
    await endsAt(next);
    await tickEverywhere();
    expect((await told()).toSorted()).toEqual([next.toISOString(), end.toISOString()]);
  });

  it('are not told of an integration that is not active', async () => {
    await clinic.call('post', '/deactivate', { deleteCredentials: false }).expect(200);
    await endsAt(inDays(5));
    await tickEverywhere();
    expect(await told()).toEqual([]);
  });

  it('count as told in the transaction that tells it: both or neither', async () => {
    await endsAt(inDays(5));
    for (const { app } of [first, second]) {
      jest.spyOn(app.get(EventLog, { strict: false }), 'append').mockImplementation(() => {
        throw new Error('broken off');
      });
    }
    await expect(daemonOf(first).tick()).rejects.toThrow('broken off');
    jest.restoreAllMocks();
    expect(await told()).toEqual([]);
    await tickEverywhere();
    expect(await told()).toHaveLength(1);
  });

  it('wait for nobody who holds the integration', async () => {
    await endsAt(inDays(5));
    const { id } = await clinic.integration();
    await first.app.get(UnitOfWork).run(async (tx) => {
      await first.app.get(IntegrationRepository).lock(tx, id);
      await daemonOf(second).tick();
      expect(await told()).toEqual([]);
    });
    await tickEverywhere();
    expect(await told()).toHaveLength(1);
  });
});
