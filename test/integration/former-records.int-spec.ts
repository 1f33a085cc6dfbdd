import { randomBytes } from 'node:crypto';
import { IntegrationRepository, type Integration } from '../../src/integrations';
import { UnitOfWork } from '../../src/platform/database';
import { SyncedRecords } from '../../src/sync';
import { FormerRecords } from '../../src/sync/former-records';
import { RecordFeed } from '../../src/sync/record-feed';
import { FencedOut, type LeasedRun } from '../../src/sync/run';
import type { RunContext } from '../../src/sync/run-handler';
import { FormerRecordRepository } from '../../src/sync/store/former-record.repository';
import { RunRepository } from '../../src/sync/store/run.repository';
import { SyncedItemRepository } from '../../src/sync/store/synced-item.repository';
import { SyncRunHandler } from '../../src/sync/sync-run.handler';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const OLD = 20_000;
const BATCH = 1_000;
const NEW = 3;

describe('the records of the account that was connected before', () => {
  let running: TestApp;
  let clinic: Clinic;
  let integration: Integration;

  beforeAll(async () => {
    // no worker: this test is the worker
    running = await startTestApp({ environment: { ROLE: 'api' } });
  }, 60_000);
  afterAll(() => running?.close());
  afterEach(() => jest.restoreAllMocks());

  /** Of an account that is not the one which was connected. */
  const otherAccount = async () => {
    await clinic.sql(`UPDATE integrations SET account_id = 'another' WHERE id = $1`, [integration.id]);
    const apiKey = `acct-${randomBytes(8).toString('hex')}`;
    running.sandbox.practicehub.addAccount({
      apiKey,
      sizes: { patients: NEW, '*': 0 },
      settings: { ratePerSecond: 0 },
    });
    return { credentials: { ...clinic.credentials, apiKey } };
  };
  const lease = async (ms = 60_000): Promise<LeasedRun> => {
    const [run] = await clinic.sql(
      `SELECT id, attempt FROM sync_runs WHERE integration_id = $1 AND state IN ('queued', 'running')`,
      [integration.id],
    );
    return (await running.app.get(RunRepository).lease(run!['id'], run!['attempt'], 'test', ms))!;
  };
  const contextOf = (run: LeasedRun, handsBack: boolean): RunContext => ({
    run,
    signal: new AbortController().signal,
    assertHeld: () => undefined,
    duringCall: (call) => call(),
    countPage: () => undefined,
    shouldYield: () => handsBack,
  });
  const leave = (run: LeasedRun, handsBack = false) =>
    running.app.get(FormerRecords).leave(contextOf(run, handsBack), { run, integration });
  /** What was written last, and by which transaction. */
  const written = () =>
    clinic.sql(
      `SELECT count(*)::int AS rows, count(*) FILTER (WHERE operation = 'deleted')::int AS deleted, max(xmin::text::bigint) AS by,
         max(feed_position) AS position FROM records WHERE integration_id = $1`,
      [integration.id],
    );
  const deletedSoFar = async (): Promise<number> => (await written())[0]!['deleted'];
  const page = (cursor: string | null, includeDeleted = true) =>
    running.app.get(RecordFeed).page(integration.id, 'customers', { cursor, limit: OLD * 2, includeDeleted });

  beforeEach(async () => {
    clinic = await makeClinic(running);
    const { body } = await clinic.activate().expect(200);
    const { id } = body.data;
    // as many as one batch could never take; the first of them has the id of one of the new account's
    await clinic.sql(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data, content_hash,
         feed_position)
       SELECT $1, 'customers', n::text, gen_random_uuid(), 'patients', 1, 1, 'created', '{"name": "old"}', '\\x00', n
       FROM generate_series(1, $2) AS n`,
      [id, OLD],
    );
    await clinic.sql(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data, content_hash,
         feed_position)
       VALUES ($1, 'products', 'package:1', gen_random_uuid(), 'packages', 1, 1, 'created',
         '{"name": "old", "kind": "package"}', '\\x00', 1)`,
      [id],
    );
    await clinic.sql(
      `INSERT INTO sync_feeds (integration_id, resource_type, position) VALUES ($1, 'customers', $2), ($1, 'products', 1)`,
      [id, OLD],
    );
    integration = (await running.app.get(IntegrationRepository).findById(id))!;
  }, 30_000);

  const changeAccount = async (how: 'activate' | 'credentials') => {
    const other = await otherAccount();
    if (how === 'activate') {
      await clinic.call('post', '/deactivate').expect(200);
      await clinic.call('post', '/activate', other).expect(200);
    } else {
      await clinic.call('put', '/credentials', other).expect(200);
    }
    integration = (await running.app.get(IntegrationRepository).findById(integration.id))!;
    expect(integration.epoch).toBe(2);
  };

  it.each(['activate', 'credentials'] as const)(
    'are not written in the request that changes the account (%s), and are shown to nobody from then on',
    async (how) => {
      const { nextCursor } = await page(null);
      const before = await written();
      await changeAccount(how);
      expect(await written()).toEqual(before);

      expect((await page(null)).data).toEqual([]);
      expect((await page(null, false)).data).toEqual([]);
      expect((await page(nextCursor)).data).toEqual([]);
      const { body } = await clinic.call('get', '/records/customers/1').expect(200);
      expect(body.operation ?? body.data.operation).toBe('deleted');
      const known = await running.app
        .get(UnitOfWork)
        .run((tx) => running.app.get(SyncedRecords).known(tx, integration.id, 'customers', '1'));
      expect(known).toBeNull();
      const items = running.app.get(SyncedItemRepository);
      const part = { limit: 10, offset: 0 };
      expect((await items.products(integration.id, ['package'], part)).rows).toEqual([]);
      expect((await items.seen(integration.id, {}, part)).rows).toEqual([]);
      const explained = await clinic.call('get', '/explain').expect(200);
      const reasons: { code: string }[] = (explained.body.data ?? explained.body).reasons;
      expect(reasons.map(({ code }) => code)).toContain('former_account_leaving');
    },
    30_000,
  );

  it('leave the feed once each before the new account’s come, in batches between which readers read', async () => {
    let { nextCursor } = await page(null);
    await changeAccount('activate');
    const seen: { externalId: string; operation: string; name: unknown }[] = [];
    const read = async () => {
      const next = await page(nextCursor);
      nextCursor = next.nextCursor;
      for (const { externalId, operation, data } of next.data) {
        seen.push({ externalId, operation, name: (data as { name?: unknown }).name });
      }
      return next.data.length;
    };
    const run = await lease();
    let turns = 0;
    for (let left = 'yielded'; left === 'yielded'; turns++) {
      left = await leave(run, true);
      expect(await read()).toBeLessThanOrEqual(BATCH);
    }
    expect(turns).toBeGreaterThan(OLD / BATCH);
    expect(seen).toHaveLength(OLD);
    expect(await running.app.get(SyncRunHandler).execute(contextOf(run, false))).toEqual({ kind: 'succeeded' });
    await read();

    const deleted = seen.filter(({ operation }) => operation === 'deleted').map(({ externalId }) => externalId);
    expect(deleted).toHaveLength(OLD);
    expect(new Set(deleted).size).toBe(OLD);
    expect(seen.slice(0, OLD).every(({ operation }) => operation === 'deleted')).toBe(true);
    expect(seen.slice(OLD).map(({ operation }) => operation)).toEqual(Array(NEW).fill('created'));
    expect(seen.slice(OLD).every(({ name }) => name !== 'old')).toBe(true);
    expect(await clinic.sql(`SELECT 1 FROM sync_former_records WHERE integration_id = $1`, [integration.id])).toEqual(
      [],
    );
    const explained = await clinic.call('get', '/explain').expect(200);
    expect(JSON.stringify(explained.body)).not.toContain('former_account_leaving');
  }, 60_000);

  it('in quarantine are dropped with the account', async () => {
    const quarantined = () => clinic.sql(`SELECT FROM sync_quarantine WHERE integration_id = $1`, [integration.id]);
    await clinic.sql(
      `INSERT INTO sync_quarantine (integration_id, stream, row_key, external_id, resource_type, reason, path, row_digest, run_id)
       SELECT $1, 'patients', 'p', 'p', 'customers', 'is not a text', 'name', 'd', gen_random_uuid()`,
      [integration.id],
    );
    await clinic.call('post', '/deactivate').send({}).expect(200);
    await clinic.activate().expect(200);
    expect(await quarantined()).toHaveLength(1);
    await clinic.call('post', '/deactivate').send({}).expect(200);
    await clinic.activate(await otherAccount()).expect(200);
    expect(await quarantined()).toHaveLength(0);
  });

  it('go on leaving where a killed worker’s last commit was, and the killed one writes nothing any more', async () => {
    await changeAccount('credentials');
    const killed = await lease(1_500);
    let batches = 0;
    const { advance } = FormerRecordRepository.prototype;
    jest.spyOn(FormerRecordRepository.prototype, 'advance').mockImplementation(function (
      this: FormerRecordRepository,
      ...args
    ) {
      if (++batches === 4) throw new Error('killed');
      return advance.apply(this, args);
    });
    await expect(leave(killed)).rejects.toThrow('killed');
    expect(await deletedSoFar()).toBe(3 * BATCH);
    jest.restoreAllMocks();

    await clinic.sql(`UPDATE sync_runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [killed.id]);
    const next = await lease();
    expect(next.fence).toBeGreaterThan(killed.fence);
    await expect(leave(killed)).rejects.toThrow(FencedOut);
    expect(await leave(next, true)).toBe('yielded');
    expect(await deletedSoFar()).toBe(4 * BATCH);
    expect(await leave(next)).toBe('done');
    expect(await deletedSoFar()).toBe(OLD + 1);
    const versions = await clinic.sql(`SELECT DISTINCT version FROM records WHERE integration_id = $1`, [
      integration.id,
    ]);
    expect(versions).toEqual([{ version: 2 }]);
  }, 60_000);

  it('all leave when the account changes again before the last of them has', async () => {
    await changeAccount('credentials');
    await leave(await lease(), true);
    await clinic.call('put', '/credentials', await otherAccount()).expect(200);
    integration = (await running.app.get(IntegrationRepository).findById(integration.id))!;
    expect(integration.epoch).toBe(3);
    expect(await leave(await lease())).toBe('done');
    const [left] = await clinic.sql(
      `SELECT count(*)::int AS count, max(version) AS version FROM records WHERE integration_id = $1 AND operation <> 'deleted'`,
      [integration.id],
    );
    expect(left).toEqual({ count: 0, version: null });
  }, 60_000);
});
