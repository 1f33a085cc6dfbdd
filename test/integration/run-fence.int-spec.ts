import { setTimeout as sleep } from 'node:timers/promises';
import { IntegrationRepository, type Integration } from '../../src/integrations';
import { UnitOfWork } from '../../src/platform/database';
import type { GoodRow, Stream } from '../../src/providers';
import { EMPTY_CURSOR } from '../../src/sync/cursor';
import { PageCommit } from '../../src/sync/page-commit';
import { commitRow } from '../../src/sync/page-rows';
import type { IncomingRecord } from '../../src/sync/record-changes';
import { FencedOut, type LeasedRun } from '../../src/sync/run';
import { RunRepository } from '../../src/sync/store/run.repository';
import { ScheduleRepository } from '../../src/sync/store/schedule.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { commitPages, PAGES } from '../support/pages';

const row = (externalId: string, name: string, at: string | null = null): GoodRow => ({
  externalId,
  record: {
    name,
    firstName: null,
    lastName: name,
    email: null,
    phone: null,
    address: null,
    externalReference: null,
    active: true,
  },
  sourceUpdatedAt: at === null ? null : new Date(at),
  store: 'always',
  digest: null,
});
const stream = { key: 'patients', resource: 'customers' } as Stream;
describe('leases, fences and commits', () => {
  let running: TestApp;
  let clinic: Clinic;
  let integration: Integration;
  let runs: RunRepository;
  let commit: PageCommit;
  let runId: string;

  beforeAll(async () => {
    // no worker: this test is the worker
    running = await startTestApp({ environment: { ROLE: 'api' } });
    runs = running.app.get(RunRepository);
    commit = running.app.get(PageCommit);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    const { body } = await clinic.activate().expect(200);
    integration = (await running.app.get(IntegrationRepository).findById(body.data.id))!;
    runId = (await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1', [integration.id]))[0]!['id'];
  });

  const write = (run: LeasedRun, rows: GoodRow[], cursor = EMPTY_CURSOR) =>
    commitPages(
      commit,
      { run, integration, stream },
      rows.map((one) => commitRow(one, PAGES.reading)),
      () => ({ cursor }),
      PAGES,
    );
  const lease = async (attempt = 1, ms = 30_000) => (await runs.lease(runId, attempt, 'test', ms))!;

  it('gives the lease to one of many workers', async () => {
    const got = await Promise.all(Array.from({ length: 20 }, () => runs.lease(runId, 1, 'test', 30_000)));
    expect(got.filter((run) => run !== null)).toHaveLength(1);
  });

  it('lets a worker that slept past its lease write nothing, also when nobody has taken over yet', async () => {
    const run = await lease(1, 50);
    await sleep(120);
    await expect(write(run, [row('1', 'A')])).rejects.toThrow(FencedOut);
    expect(await clinic.records('customers')).toEqual([]);
  });

  it('fences the old worker out once another has taken the run over', async () => {
    const old = await lease(1, 50);
    await sleep(120);
    const taken = await lease();
    expect(taken.fence).toBeGreaterThan(old.fence);
    await write(taken, [row('1', 'new')]);
    await expect(write(old, [row('1', 'old')])).rejects.toThrow(FencedOut);
    expect((await clinic.records('customers')).map((record) => record.data.name)).toEqual(['new']);
  });

  it('counts what is read of a list, and says that its end has not come', async () => {
    const run = await lease();
    const state = async () =>
      (
        await clinic.sql(
          `SELECT items_processed::int AS items, last_sync_status AS status FROM sync_cursors
           WHERE integration_id = $1 AND stream = 'patients'`,
          [integration.id],
        )
      )[0];
    await write(run, [row('1', 'A'), row('2', 'B')]);
    expect(await state()).toEqual({ items: 2, status: 'syncing' });
    await write(run, [row('2', 'B'), row('3', 'C'), row('4', 'D')]);
    expect(await state()).toEqual({ items: 5, status: 'syncing' });
  });

  it('writes neither records nor cursor when one of them fails', async () => {
    const run = await lease();
    const broken = { ...EMPTY_CURSOR, watermark: '\u0000' };
    await expect(write(run, [row('1', 'A')], broken)).rejects.toThrow();
    expect(await clinic.records('customers')).toEqual([]);
  });

  it('writes nothing after a deactivate', async () => {
    const run = await lease();
    await clinic.call('post', '/deactivate').expect(200);
    await expect(write(run, [row('1', 'A')])).rejects.toThrow(FencedOut);
  });

  it('costs an unchanged record nothing, and never lets an older row overwrite a newer', async () => {
    const run = await lease();
    await write(run, [row('1', 'A', '2026-01-02T00:00:00Z'), row('2', 'B')]);
    const before = await clinic.sql(
      'SELECT ctid::text, * FROM records WHERE integration_id = $1 ORDER BY external_id',
      [integration.id],
    );
    const counts = await write(run, [row('1', 'older', '2026-01-01T00:00:00Z'), row('2', 'B')]);
    expect(counts).toMatchObject({ created: 0, updated: 0, unchanged: 2 });
    const after = await clinic.sql('SELECT ctid::text, * FROM records WHERE integration_id = $1 ORDER BY external_id', [
      integration.id,
    ]);
    expect(after).toEqual(before);
  });

  it('stores unpaid invoices as the settings are now, not as they were when the run began', async () => {
    const target = { run: await lease(), integration, stream: { key: 'invoices', resource: 'invoices' } as Stream };
    const invoice = (externalId: string): GoodRow => ({
      ...row(externalId, ''),
      record: {
        number: externalId,
        customerExternalId: '7',
        status: 'open',
        statusSource: 'provider',
        refundedMinor: 0,
        currency: 'GBP',
        totalMinor: 100,
        balanceMinor: 100,
        issuedAt: null,
        dueAt: null,
        lines: [],
      },
    });
    const commitInvoice = (externalId: string) =>
      commitPages(
        commit,
        target,
        [commitRow(invoice(externalId), PAGES.reading)],
        () => ({ cursor: EMPTY_CURSOR }),
        PAGES,
      );
    await commitInvoice('1');
    await clinic.call('put', '/auto-send-invoices', { autoSendInvoices: true }).expect(200);
    await commitInvoice('2');
    const stored = await clinic.records('invoices');
    expect(stored.map((record) => record.data.status)).toEqual(['draft', 'open']);
  });

  it('gives each change a feed position of its own, in the order of the commits', async () => {
    const run = await lease();
    await write(run, [row('1', 'A'), row('2', 'B'), row('3', 'C')]);
    await write(run, [row('2', 'B2'), row('4', 'D')]);
    const positions = await clinic.sql(
      'SELECT external_id, version, feed_position::int FROM records WHERE integration_id = $1 ORDER BY feed_position',
      [integration.id],
    );
    expect(positions).toEqual([
      { external_id: '1', version: 1, feed_position: 1 },
      { external_id: '3', version: 1, feed_position: 3 },
      { external_id: '2', version: 2, feed_position: 4 },
      { external_id: '4', version: 1, feed_position: 5 },
    ]);
  });

  it('runs a missed time once, not once per missed interval', async () => {
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded', lease_owner = NULL WHERE id = $1`, [runId]);
    await clinic.sql(`UPDATE sync_schedules SET next_due_at = now() - interval '5 days' WHERE integration_id = $1`, [
      integration.id,
    ]);
    const claim = () => running.app.get(UnitOfWork).run((tx) => running.app.get(ScheduleRepository).claimDue(tx, 100));
    const claimed = (await Promise.all([claim(), claim(), claim()])).flat();
    expect(claimed.filter((run) => run.integrationId === integration.id)).toHaveLength(1);
    expect(await claim()).toEqual([]);
    const [schedule] = await clinic.sql(
      `SELECT next_due_at > now() AS future, next_due_at <= now() + interval_ms * interval '1 millisecond' AS near
       FROM sync_schedules WHERE integration_id = $1`,
      [integration.id],
    );
    expect(schedule).toEqual({ future: true, near: true });
  });

  it('quarantines a row that the database does not take, and commits the others', async () => {
    const run = await lease();
    const odd = commitRow(row('2', 'B'), PAGES.reading) as IncomingRecord;
    // JSON that PostgreSQL has no text for
    const json = Buffer.from(odd.json.toString().replaceAll('"B"', '"\\u0000"'));
    const rows = [commitRow(row('1', 'A'), PAGES.reading), { ...odd, json }, commitRow(row('3', 'C'), PAGES.reading)];
    const target = { run, integration, stream };
    const { created, quarantined } = await commitPages(commit, target, rows, () => ({ cursor: EMPTY_CURSOR }), PAGES);
    expect({ created, quarantined }).toEqual({ created: 2, quarantined: 1 });
    expect((await clinic.records('customers')).map(({ externalId }) => externalId)).toEqual(['1', '3']);
    const held = await clinic.sql(`SELECT external_id AS id, reason FROM sync_quarantine WHERE integration_id = $1`, [
      integration.id,
    ]);
    expect(held).toEqual([{ id: '2', reason: 'cannot be stored' }]);
  });
});
