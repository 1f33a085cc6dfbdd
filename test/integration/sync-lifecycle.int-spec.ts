import { IntegrationRepository } from '../../src/integrations';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { ProviderRegistry } from '../../src/providers';
import { SyncLifecycle } from '../../src/sync/sync-lifecycle';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { rowsOfIntegration } from '../support/rows-of-integration';

const BREAKER = `failed_runs = 5, consecutive_errors = 5, breaker_opened_at = now(), breaker = 'open', breaker_cause`;

/** What the engine does when an integration is connected, switched on and off, and ended. */
describe('the sync of an integration', () => {
  let running: TestApp;
  let clinic: Clinic;
  let lifecycle: SyncLifecycle;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    // no worker: what is asked for stays as it is
    running = await startTestApp({ environment: { ROLE: 'api' } });
    lifecycle = running.app.get(SyncLifecycle, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  });

  const rows = async (table: string) => (await rowsOfIntegration(clinic, mine))[table]!;
  /** Nothing of another integration changes. */
  const act = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const before = await rowsOfIntegration(clinic, others);
    const done = await running.app.get(UnitOfWork).run(work);
    expect(await rowsOfIntegration(clinic, others)).toEqual(before);
    return done;
  };
  const opened = async (cause: string) => {
    await clinic.sql(`UPDATE sync_health SET ${BREAKER} = $2 WHERE integration_id = $1`, [mine, cause]);
    await clinic.sql('UPDATE sync_schedules SET breaker_open = true WHERE integration_id = $1', [mine]);
  };
  const breaker = async () => [
    (await rows('sync_health'))[0]!['breaker'],
    (await rows('sync_schedules'))[0]!['breaker_open'],
  ];
  const begin = async (newEpoch: boolean) => {
    const integration = (await running.app.get(IntegrationRepository).findById(mine))!;
    const { adapter } = await running.app.get(ProviderRegistry, { strict: false }).seek('practicehub');
    return act((tx) => lifecycle.begin(tx, integration, { streams: adapter.streams, newEpoch }));
  };

  it('knows its lists and its first run as soon as it is connected', async () => {
    const cursors = await rows('sync_cursors');
    expect(cursors.map(({ stream }) => stream)).toEqual(
      expect.arrayContaining(['patients', 'services', 'products', 'invoices', 'payments']),
    );
    for (const { cursor, last_sync_at: at } of cursors) expect([cursor, at]).toEqual([{}, null]);
    expect(await rows('sync_runs')).toMatchObject([{ state: 'queued', kind: 'sync', trigger: 'scheduled' }]);
    expect(await rows('sync_schedules')).toMatchObject([{ toggled_off: false, interval_ms: 3_600_000 }]);
    expect(await rows('sync_health')).toMatchObject([{ breaker: 'closed', failed_runs: 0 }]);
  });

  it('begun anew forgets failures and keeps where it stands; of another account it keeps nothing', async () => {
    const stands = () =>
      clinic.sql(`UPDATE sync_cursors SET cursor = '{"watermark":"2026-01-01"}' WHERE integration_id = $1`, [mine]);
    await stands();
    await clinic.sql(
      `INSERT INTO sync_quarantine (integration_id, stream, row_key, external_id, resource_type, reason, path, row_digest, run_id)
       SELECT $1, 'patients', 'q', 'q', 'customers', 'r', '$', 'd', id FROM sync_runs WHERE integration_id = $1`,
      [mine],
    );
    await clinic.sql(`INSERT INTO sync_feeds (integration_id, resource_type, position) VALUES ($1, 'customers', 5)`, [
      mine,
    ]);
    await opened('auth');
    const [live] = await rows('sync_runs');
    expect(await begin(false)).toBe(live!['id']);
    expect(await rows('sync_health')).toMatchObject([{ breaker: 'closed', failed_runs: 0 }]);
    const watermarks = async () => new Set((await rows('sync_cursors')).map(({ cursor }) => JSON.stringify(cursor)));
    expect(await watermarks()).toEqual(new Set(['{"watermark":"2026-01-01"}']));
    expect([(await rows('sync_quarantine')).length, (await rows('sync_former_records')).length]).toEqual([1, 0]);
    await begin(true);
    expect(await watermarks()).toEqual(new Set(['{}']));
    expect([(await rows('sync_quarantine')).length, (await rows('sync_former_records')).length]).toEqual([0, 1]);
  });

  it.each([
    ['closes a breaker that failures opened', true, 'failures', ['closed', false]],
    ['leaves a rejected credential paused', true, 'auth', ['open', true]],
  ])('switched on %s', async (_what, enabled, cause, expected) => {
    await opened(cause);
    await act((tx) => lifecycle.setEnabled(tx, mine, false));
    expect(await breaker()).toEqual(['open', true]);
    expect(await rows('sync_schedules')).toMatchObject([{ toggled_off: true }]);
    await act((tx) => lifecycle.setEnabled(tx, mine, enabled));
    expect(await breaker()).toEqual(expected);
    expect(await rows('sync_schedules')).toMatchObject([{ toggled_off: false }]);
  });

  it('switched on with a closed breaker stays as healthy as it is', async () => {
    await clinic.sql('UPDATE sync_health SET failed_runs = 2, consecutive_errors = 2 WHERE integration_id = $1', [
      mine,
    ]);
    const before = await rows('sync_health');
    await act((tx) => lifecycle.setEnabled(tx, mine, true));
    expect(await rows('sync_health')).toEqual(before);
  });

  it.each([
    ['auth', true, ['closed', false]],
    ['failures', false, ['open', true]],
  ])('with a new credential goes on where the old one was rejected: %s', async (cause, ends, expected) => {
    await opened(cause);
    expect(await act((tx) => lifecycle.isPaused(tx, mine))).toBe(true);
    expect(await act((tx) => lifecycle.closeAuthPause(tx, mine))).toBe(ends);
    expect(await breaker()).toEqual(expected);
    expect(await act((tx) => lifecycle.isPaused(tx, mine))).toBe(!ends);
  });

  it('has the interval that is set', async () => {
    await act((tx) => lifecycle.setInterval(tx, mine, 900_000));
    expect(await rows('sync_schedules')).toMatchObject([{ interval_ms: 900_000 }]);
  });

  it('that ends has no schedule, and no run that is live', async () => {
    await act((tx) => lifecycle.end(tx, mine));
    expect(await rows('sync_schedules')).toEqual([]);
    expect(await rows('sync_runs')).toMatchObject([{ state: 'cancelled' }]);
  });
});
