import { randomUUID } from 'node:crypto';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { DeletionPlanRepository } from '../../src/sync/store/deletion-plan.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const SCAN = randomUUID();

describe('the rows of deletion plans', () => {
  let running: TestApp;
  let clinic: Clinic;
  let plans: DeletionPlanRepository;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    plans = running.app.get(DeletionPlanRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await clinic.sql('DELETE FROM sync_deletion_plans');
    await clinic.sql('DELETE FROM records');
    for (const id of ['2', '1']) await missed(id);
    await missed('another list', { stream: 'contacts' });
    await missed('another resource', { resource_type: 'products' });
    await missed('another integration', { integration_id: others });
    await missed('another scan', { missed_scan: randomUUID() });
    await missed('seen again', { missed_scans: 0 });
    await missed('gone', { operation: 'deleted' });
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  /** A record that the scan missed. */
  let position = 0;
  const missed = (externalId: string, more: object = {}) => {
    const row = {
      id: randomUUID(),
      integration_id: mine,
      resource_type: 'customers',
      external_id: externalId,
      stream: 'patients',
      epoch: 1,
      operation: 'created',
      version: 1,
      feed_position: ++position,
      data: '{}',
      content_hash: Buffer.from('0'),
      missed_scan: SCAN,
      missed_scans: 1,
      ...more,
    };
    const names = Object.keys(row);
    return clinic.sql(
      `INSERT INTO records (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
      Object.values(row),
    );
  };
  const hold = (more: Partial<Parameters<DeletionPlanRepository['hold']>[1]> = {}) =>
    inTransaction(async (tx) => {
      const runId = randomUUID();
      const plan = { integrationId: mine, stream: 'patients', resourceType: 'customers' as const, runId };
      await plans.hold(tx, { ...plan, scanId: SCAN, liveRecords: 60, ...more });
      return runId;
    });
  const held = async (integrationId = mine) =>
    clinic.sql('SELECT * FROM sync_deletion_plans WHERE integration_id = $1 ORDER BY stream', [integrationId]);
  const isHeld = (stream = 'patients', integrationId = mine) =>
    inTransaction((tx) => plans.isHeld(tx, { integrationId, stream }));

  it('hold what the scan missed of its list, in order, and whose it is', async () => {
    const runId = await hold({ liveRecords: 2 ** 40 });
    expect(await held()).toEqual([
      expect.objectContaining({
        stream: 'patients',
        resource_type: 'customers',
        run_id: runId,
        state: 'held',
        external_ids: ['1', '2'],
        live_records: 2 ** 31 - 1,
        decided_at: null,
      }),
    ]);
    expect([await isHeld(), await isHeld('contacts'), await isHeld('patients', others)]).toEqual([true, false, false]);
    const [{ id }] = (await held()) as [{ id: string }];
    expect(await plans.placeOf(id)).toEqual({ integrationId: mine, resourceType: 'customers' });
    expect(await plans.placeOf(randomUUID())).toBeNull();
  });

  it('are in the order of their numbers, and behind them in that of their letters', async () => {
    await clinic.sql(`DELETE FROM records WHERE missed_scan = $1 AND external_id IN ('1', '2')`, [SCAN]);
    const ids = ['2', '10', '1', '007', '9'.repeat(40), 'b-2', '-3', '1.5', 'b-10', 'a 1'];
    for (const id of ids) await missed(id);
    await hold();
    const [{ external_ids: inOrder } = {}] = await held();
    expect(inOrder).toEqual(['1', '2', '007', '10', '9'.repeat(40), ...['-3', '1.5', 'a 1', 'b-10', 'b-2']]);
  });

  it('are another plan once a row more is missed, and the same with the same rows or fewer', async () => {
    await hold();
    const [first] = await held();
    await clinic.sql(`UPDATE records SET missed_scans = 0 WHERE external_id = '2'`);
    const again = await hold({ liveRecords: 59 });
    const [fewer] = await held();
    expect(fewer).toMatchObject({ id: first!['id'], external_ids: ['1'], run_id: again, live_records: 59 });
    await missed('3');
    await hold();
    const [more] = await held();
    expect(more!['id']).not.toBe(first!['id']);
    expect(more).toMatchObject({ external_ids: ['1', '3'], live_records: 60 });
  });

  it('are dropped or decided one at a time', async () => {
    await hold();
    await hold({ stream: 'contacts' });
    await hold({ integrationId: others });
    await inTransaction((tx) => plans.dropHeld(tx, { integrationId: mine, stream: 'contacts' }));
    expect([await isHeld(), await isHeld('contacts'), await isHeld('patients', others)]).toEqual([true, false, true]);
    const [{ id }] = (await held()) as [{ id: string }];
    const lock = () => inTransaction((tx) => plans.lock(tx, id));
    expect(await lock()).toEqual({ state: 'held', externalIds: ['1', '2'] });
    expect(await inTransaction((tx) => plans.lock(tx, randomUUID()))).toBeNull();
    const decision = { state: 'discarded', by: 'an operator', reason: 'they are back' } as const;
    await inTransaction((tx) => plans.decide(tx, id, decision));
    expect(await held()).toEqual([
      expect.objectContaining({
        state: 'discarded',
        decided_by: 'an operator',
        reason: 'they are back',
        decided_at: expect.any(Date),
      }),
    ]);
    expect([await lock(), await isHeld(), await isHeld('patients', others)]).toEqual([
      { state: 'discarded', externalIds: ['1', '2'] },
      false,
      true,
    ]);
    // what was decided stays
    await inTransaction((tx) => plans.dropHeld(tx, { integrationId: mine, stream: 'patients' }));
    expect(await held()).toHaveLength(1);
  });

  it('delete what is missing still, of this account', async () => {
    await missed('former', { epoch: 0 });
    await missed('back', { missed_scan: null, missed_scans: 0 });
    const ids = ['former', 'gone', 'back', '2', '1', 'another integration', 'another resource', 'unknown'];
    const key = { integrationId: mine, resourceType: 'customers' as const, epoch: 1 };
    expect(await inTransaction((tx) => plans.stillMissing(tx, key, ids))).toEqual(['1', '2']);
    expect(await inTransaction((tx) => plans.stillMissing(tx, key, ['1']))).toEqual(['1']);
  });
});
