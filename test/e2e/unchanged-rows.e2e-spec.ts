import { describeOnBothQueues, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

const PATIENTS = 30;

/** Rows that come as they are stored are not looked into again: what that must not change. */
describeOnBothQueues('a full scan of rows that are known', (application) => {
  const simulator = (): TestApp['sandbox']['practicehub'] => application().sandbox.practicehub;
  afterEach(() => simulator().clearFaults());

  const activated = async (body: object = {}): Promise<Clinic> => {
    const clinic = await makeClinic(application(), { sizes: { patients: PATIENTS, '*': 0 } });
    await clinic.activate(body).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    return clinic;
  };
  const change = (clinic: Clinic, fields: Record<string, unknown>): string =>
    String(simulator().change({ resource: 'patients', count: 1, fields, apiKey: clinic.accountKey })[0]);
  const lastCounts = async (clinic: Clinic) =>
    (
      await clinic.sql(
        `SELECT records_fetched AS fetched, records_created AS created, records_updated AS updated FROM sync_logs l
         JOIN integrations i ON i.id = l.integration_id
         WHERE i.merchant_id = $1 AND resource_type = 'customers' ORDER BY l.created_at DESC LIMIT 1`,
        [clinic.merchantId],
      )
    )[0];
  /** By external id; the transaction that last wrote each. */
  const stored = (clinic: Clinic) =>
    clinic.sql<{ id: string; digest: string; writtenBy: string }>(
      `SELECT external_id AS id, source_digest AS digest, r.xmin::text AS "writtenBy" FROM records r
       JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1 ORDER BY external_id`,
      [clinic.merchantId],
    );
  const quarantined = (clinic: Clinic) =>
    clinic.sql(
      `SELECT q.external_id AS id FROM sync_quarantine q JOIN integrations i ON i.id = q.integration_id WHERE i.merchant_id = $1`,
      [clinic.merchantId],
    );

  it('finds the one row that changed among them, and counts all', async () => {
    const clinic = await activated();
    const id = change(clinic, { first_name: 'Renamed' });
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    expect(await lastCounts(clinic)).toEqual({ fetched: PATIENTS, created: 0, updated: 1 });
    const moved = (await clinic.records('customers')).filter(({ version }) => version === 2);
    expect(moved.map(({ externalId, data }) => [externalId, data.firstName])).toEqual([[id, 'Renamed']]);
  });

  it('deletes what is gone from among them, and brings back what returns', async () => {
    const clinic = await activated();
    const [id] = simulator().delete({ resource: 'patients', count: 1, apiKey: clinic.accountKey }).map(String);
    await clinic.sync({ fullResync: true });
    const deleted = (await clinic.records('customers')).filter(({ operation }) => operation === 'deleted');
    expect(deleted.map(({ externalId }) => externalId)).toEqual([id]);
    expect(await lastCounts(clinic)).toEqual({ fetched: PATIENTS - 1, created: 0, updated: 0 });
  });

  it('brings back what was concluded deleted, although it comes as it was', async () => {
    const clinic = await activated();
    const [first] = await clinic.records('customers');
    await clinic.sql(
      `UPDATE records r SET operation = 'deleted', version = 2 FROM integrations i
       WHERE i.id = r.integration_id AND i.merchant_id = $1 AND external_id = $2`,
      [clinic.merchantId, first!.externalId],
    );
    await clinic.sync({ fullResync: true });
    expect((await clinic.records('customers')).filter(({ version }) => version === 3)).toEqual([
      expect.objectContaining({ externalId: first!.externalId, operation: 'created' }),
    ]);
  });

  it('writes nothing of a row that changed in what is not kept', async () => {
    const clinic = await activated();
    const before = await stored(clinic);
    change(clinic, { notes: 'something clinical' });
    await clinic.sync({ fullResync: true });
    expect(await lastCounts(clinic)).toEqual({ fetched: PATIENTS, created: 0, updated: 0 });
    expect(await stored(clinic)).toEqual(before);
  });

  it('gives rows of another mapping their new digests, once and without a new version', async () => {
    const clinic = await activated();
    const before = await stored(clinic);
    await clinic.sql(
      `UPDATE records r SET source_digest = CASE WHEN external_id = '1' THEN NULL ELSE 'older-' || source_digest END
       FROM integrations i WHERE i.id = r.integration_id AND i.merchant_id = $1`,
      [clinic.merchantId],
    );
    await clinic.sync({ fullResync: true });
    expect(await lastCounts(clinic)).toEqual({ fetched: PATIENTS, created: 0, updated: 0 });
    const after = await stored(clinic);
    expect(after.map(({ digest }) => digest)).toEqual(before.map(({ digest }) => digest));
    expect((await clinic.records('customers')).every(({ version }) => version === 1)).toBe(true);
    await clinic.sync({ fullResync: true });
    expect(await stored(clinic)).toEqual(after);
  });

  it('lets a row out of the quarantine that comes again as it was before', async () => {
    const clinic = await activated();
    const choice = { resource: 'patients', ids: [7], touch: false, apiKey: clinic.accountKey };
    const [row] = simulator().truth(choice);
    simulator().change({ ...choice, fields: { email: { not: 'a text' } } });
    await clinic.sync({ fullResync: true });
    expect(await quarantined(clinic)).toEqual([{ id: '7' }]);
    simulator().change({ ...choice, fields: { email: row!['email'] } });
    await clinic.sync({ fullResync: true });
    expect(await quarantined(clinic)).toEqual([]);
    expect((await clinic.records('customers')).every(({ version }) => version === 1)).toBe(true);
  });

  it('takes nothing for new that an earlier try of the first scan has stored', async () => {
    const clinic = await activated();
    await clinic.sql(
      `UPDATE sync_cursors c SET cursor = '{}' FROM integrations i WHERE i.id = c.integration_id AND i.merchant_id = $1`,
      [clinic.merchantId],
    );
    const [gone] = simulator().delete({ resource: 'patients', count: 1, apiKey: clinic.accountKey }).map(String);
    const id = change(clinic, { first_name: 'Renamed' });
    expect(await clinic.sync()).toBe('succeeded');
    expect(await lastCounts(clinic)).toEqual({ fetched: PATIENTS - 1, created: 0, updated: 1 });
    const records = await clinic.records('customers');
    expect(records).toHaveLength(PATIENTS);
    expect(
      records.filter(({ version }) => version === 2).map(({ externalId, operation }) => [externalId, operation]),
    ).toEqual(
      expect.arrayContaining([
        [id, 'updated'],
        [gone, 'deleted'],
      ]),
    );
  });

  it('deletes what was there in the first pass of a first scan, and not in its second', async () => {
    const clinic = await makeClinic(application(), { sizes: { patients: 250, '*': 0 } });
    simulator().addFaults([{ kind: 'delay', delayMs: 700, match: { path: '/patients', apiKey: clinic.accountKey } }]);
    await clinic.activate().expect(200);
    const asked = () => simulator().requests({ apiKey: clinic.accountKey, path: '/patients' }).requests;
    // the first page has been answered when the second is asked for
    await eventually(() => expect(asked().some(({ query }) => query['page'] === '2')).toBe(true), 30_000, 20);
    simulator().delete({ resource: 'patients', ids: [5], apiKey: clinic.accountKey });
    expect(await clinic.settled()).toBe('succeeded');
    expect(asked().filter(({ query }) => query['page'] === '1').length).toBeGreaterThan(1);
    const records = await clinic.records('customers');
    expect(records).toHaveLength(250);
    expect(records.filter(({ operation }) => operation === 'deleted').map(({ externalId }) => externalId)).toEqual([
      '5',
    ]);
  });
});
