import { DeletionPlans } from '../../src/sync';
import { SIMULATOR_PATH, stamp, startAccount, type AccountStandIn, type Row } from '../support/account-stand-in';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** What full scans conclude about rows that they do not see, at the bounds of each rule. */
describe('a full scan', () => {
  let running: TestApp;
  let account: AccountStandIn;
  let clinic: Clinic;

  beforeAll(async () => {
    account = await startAccount({});
    running = await startTestApp({ environment: { SANDBOX_ORIGIN: account.url, SANDBOX_RATE_PER_SECOND: '0' } });
  }, 60_000);
  afterAll(async () => {
    await running.close();
    await account.close();
  });

  const importOf = async (count: number): Promise<void> => {
    account.override = () => undefined;
    account.lists['patients'] = Array.from({ length: count }, (_, index): Row => {
      const id = index + 1;
      return { id, first_name: `P${id}`, last_name: 'X', created: stamp(86_400), updated: stamp(86_400 + index) };
    });
    clinic = await makeClinic(running);
    const credentials = { apiKey: 'stand-in-key', baseUrl: account.url + SIMULATOR_PATH };
    await clinic.activate({ credentials, timezone: 'UTC' }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await live()).toBe(count);
  };
  const live = async () =>
    (await clinic.records('customers')).filter(({ operation }) => operation !== 'deleted').length;
  const nameOf = async (id: string) =>
    (await clinic.records('customers')).find(({ externalId }) => externalId === id)!.data.name;
  const fullScan = async () => expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
  const notes = async (): Promise<string[]> => {
    const logs = await clinic.call('get', '/sync-logs?latestOnly=true&resourceType=customers').expect(200);
    return logs.body.data[0].notes.map(({ code }: { code: string }) => code);
  };
  const held = async () =>
    (
      await clinic.sql(
        `SELECT cardinality(p.external_ids) AS rows FROM sync_deletion_plans p JOIN integrations i ON i.id = p.integration_id
         WHERE i.merchant_id = $1 AND p.state = 'held'`,
        [clinic.merchantId],
      )
    ).map(({ rows }) => rows);
  const heldPlan = async (): Promise<{ id: string; since: Date }> => {
    const plans = await clinic.sql<{ id: string; since: Date }>(
      `SELECT p.id, p.created_at AS since FROM sync_deletion_plans p JOIN integrations i ON i.id = p.integration_id
       WHERE i.merchant_id = $1 AND p.state = 'held'`,
      [clinic.merchantId],
    );
    expect(plans).toHaveLength(1);
    return plans[0]!;
  };
  const approve = async (id: string) =>
    (await running.app.get(DeletionPlans).approve(id, { by: 'test', reason: 'test' })).deleted;
  const patients = () => account.lists['patients']!;
  /** No row is found by id, listed or not. */
  const noneById = () => {
    account.override = (url) => (/^\/api\/patients\//.test(url.pathname) ? { status: 404, body: {} } : undefined);
  };

  it.each([
    [21, 20, 'few, however large their share'],
    [50, 20, 'no more than twenty'],
    [1_000, 200, 'a fifth'],
  ])('of %i rows that misses %i deletes them: %s', async (stored, missing) => {
    await importOf(stored);
    patients().splice(0, missing);
    await fullScan();
    expect(await live()).toBe(stored - missing);
    expect(await held()).toEqual([]);
  });

  it.each([
    [50, 21, 'one more than twenty'],
    [1_000, 201, '20.1 %'],
  ])('of %i rows that misses %i holds them for an operator, until one misses few: %s', async (stored, missing) => {
    await importOf(stored);
    const gone = patients().splice(0, missing);
    await fullScan();
    expect(await live()).toBe(stored);
    expect(await held()).toEqual([missing]);
    expect(await notes()).toContain('deletions_held');
    gone.push(...patients().splice(0, 1));
    await fullScan();
    expect(await held()).toEqual([missing + 1]);
    patients().push(...gone.slice(1));
    await fullScan();
    expect(await live()).toBe(stored - 1);
    expect(await held()).toEqual([]);
  });

  it('that misses a row more makes another plan, and one that misses the same or fewer keeps it', async () => {
    await importOf(60);
    const [back] = patients().splice(0, 25);
    await fullScan();
    const seen = await heldPlan();
    await fullScan();
    expect(await heldPlan()).toEqual(seen);
    patients().push(back!);
    await fullScan();
    expect([(await heldPlan()).id, await held()]).toEqual([seen.id, [24]]);
    patients().splice(0, 1);
    await fullScan();
    const grown = await heldPlan();
    expect([grown.id === seen.id, await held()]).toEqual([false, [25]]);
    expect(grown.since).toEqual(seen.since);
    // whoever decides has seen the first one
    await expect(approve(seen.id)).rejects.toMatchObject({ code: 'not_found' });
    expect([await live(), await held()]).toEqual([60, [25]]);
    expect(await approve(grown.id)).toBe(25);
  });

  it('that has lost a part of what it saw concludes nothing, and says so', async () => {
    await importOf(10);
    patients().splice(3, 1);
    await clinic.sql(`CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`);
    await clinic.sql(`CREATE TRIGGER lose BEFORE INSERT ON sync_scan_pages FOR EACH ROW EXECUTE FUNCTION lose()`);
    try {
      await fullScan();
    } finally {
      await clinic.sql('DROP FUNCTION lose() CASCADE');
    }
    expect(await live()).toBe(10);
    expect(await notes()).toContain('scan_incomplete');
    await fullScan();
    expect(await live()).toBe(9);
  });

  it('that finds an empty list is no success and concludes nothing, however often', async () => {
    await importOf(10);
    Object.assign(patients()[0]!, { last_name: 'new', updated: stamp() });
    const sound = account.override;
    account.override = (url) => {
      if (!url.pathname.startsWith('/api/patients')) return undefined;
      return url.pathname === '/api/patients'
        ? { body: { data: [], total_entries: 0, links: {} } }
        : { status: 404, body: {} };
    };
    for (let scan = 0; scan < 3; scan++) {
      expect(await clinic.sync({ fullResync: scan === 0 })).toBe('failed');
      expect(await notes()).toContain('list_empty');
      expect(await held()).toEqual([10]);
    }
    expect(await live()).toBe(10);
    account.override = sound;
    expect(await clinic.sync()).toBe('succeeded');
    expect(await nameOf('1')).toBe('P1 new');
    expect(await live()).toBe(10);
    expect(await held()).toEqual([]);
  });

  it.each([1, 150])(
    'that finds an empty list holds all %i rows, and is a success once they are let go',
    async (rows) => {
      await importOf(rows);
      patients().length = 0;
      expect(await clinic.sync({ fullResync: true })).toBe('failed');
      const [cursor] = await clinic.sql(
        `SELECT last_sync_status AS status, last_sync_error AS error FROM sync_cursors c
         JOIN integrations i ON i.id = c.integration_id WHERE i.merchant_id = $1 AND stream = 'patients'`,
        [clinic.merchantId],
      );
      expect(cursor).toEqual({ status: 'error', error: expect.stringContaining('empty') });
      const plan = await heldPlan();
      expect(await clinic.sync()).toBe('failed');
      expect(await heldPlan()).toEqual(plan);
      expect(await approve(plan.id)).toBe(rows);
      expect(await live()).toBe(0);
      expect(await clinic.sync()).toBe('succeeded');
      expect(await held()).toEqual([]);
    },
  );

  it('that finds an empty list holds the rows again after an operator has kept them', async () => {
    await importOf(3);
    const gone = patients().splice(0);
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    const { id } = await heldPlan();
    await running.app.get(DeletionPlans).discard(id, { by: 'test', reason: 'test' });
    expect(await held()).toEqual([]);
    expect(await clinic.sync()).toBe('failed');
    expect((await heldPlan()).id).not.toBe(id);
    patients().push(...gone);
    expect(await clinic.sync()).toBe('succeeded');
    expect(await live()).toBe(3);
  });

  it('drops the plan of an empty list when nothing of it is left to delete', async () => {
    await importOf(3);
    patients().length = 0;
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    await clinic.sql(
      `UPDATE records r SET operation = 'deleted' FROM integrations i WHERE i.id = r.integration_id AND i.merchant_id = $1`,
      [clinic.merchantId],
    );
    expect(await clinic.sync()).toBe('succeeded');
    expect(await held()).toEqual([]);
  });

  it('takes the rows that are listed again off the plan, page by page', async () => {
    await importOf(150);
    const gone = patients().splice(0);
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    patients().push(...gone);
    account.override = (url) => (url.searchParams.get('page') === '2' ? { status: 500, body: {} } : undefined);
    await clinic.sync();
    expect(await approve((await heldPlan()).id)).toBe(50);
    expect(await live()).toBe(100);
  });

  it('does not count what an empty list misses: two complete scans in a row must miss a row that nobody shows', async () => {
    await importOf(10);
    const rows = patients().splice(0);
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    patients().push(...rows.slice(1));
    noneById();
    await fullScan();
    expect(await notes()).toContain('lookup_unproven');
    expect(await live()).toBe(10);
    await fullScan();
    expect(await live()).toBe(9);
  });

  it('that is cut by the lookback may find an empty list where all rows are older', async () => {
    await importOf(1);
    const old = stamp(80 * 86_400);
    account.lists['invoices'] = [{ id: 1, patient_id: '1', total: '44.00', created: old, updated: old }];
    await fullScan();
    expect(await clinic.records('invoices')).toHaveLength(1);
    const [invoice] = account.lists['invoices'].splice(0);
    account.override = (url) => (url.pathname === '/api/invoices/1' ? { body: { data: invoice } } : undefined);
    expect(await clinic.sync({ fullResync: true })).toBe('failed');
    expect(await held()).toEqual([1]);
    await clinic.sql(
      `UPDATE records r SET data = jsonb_set(data, '{issuedAt}', to_jsonb(now() - interval '200 days')) FROM integrations i
       WHERE i.id = r.integration_id AND i.merchant_id = $1 AND r.resource_type = 'invoices'`,
      [clinic.merchantId],
    );
    await running.app.get(DeletionPlans).discard((await heldPlan()).id, { by: 'test', reason: 'test' });
    await fullScan();
    expect(await held()).toEqual([]);
    expect((await clinic.records('invoices')).map(({ operation }) => operation)).not.toContain('deleted');
  });

  it('or any other does not take a list that is away for a moment for one without changes', async () => {
    await importOf(10);
    account.lists['services'] = [1, 2, 3].map((id) => ({
      id,
      name: 'old',
      price: '1.00',
      updated: stamp(90_000 - id),
    }));
    await fullScan();
    Object.assign(account.lists['services']![0]!, { name: 'new', updated: stamp(3_600) });
    // as if the last sync had been two hours ago
    const before = JSON.stringify(new Date(Date.now() - 7_200_000).toISOString());
    await clinic.sql(
      `UPDATE sync_cursors c SET cursor = jsonb_set(cursor, '{watermark}', $2::jsonb) FROM integrations i
       WHERE i.id = c.integration_id AND i.merchant_id = $1 AND stream = 'services'`,
      [clinic.merchantId, before],
    );
    account.override = (url) => (url.pathname === '/api/services' ? { status: 404, body: {} } : undefined);
    expect(await clinic.sync()).toBe('succeeded');
    account.override = () => undefined;
    expect(await clinic.sync()).toBe('succeeded');
    expect((await clinic.records('products')).map(({ data }) => data.name).toSorted()).toEqual(['new', 'old', 'old']);
  });

  it('releases from quarantine what it does not meet any more, and nothing else', async () => {
    await importOf(10);
    const quarantined = async () =>
      (
        await clinic.sql(
          `SELECT coalesce(q.external_id, 'unnamed') AS row FROM sync_quarantine q JOIN integrations i ON i.id = q.integration_id
           WHERE i.merchant_id = $1 ORDER BY q.external_id`,
          [clinic.merchantId],
        )
      ).map(({ row }) => row);
    const bad = { first_name: ['no', 'text'], last_name: 'X', updated: stamp() };
    patients().push({ id: 11, ...bad }, { id: 12, ...bad }, { ...bad, id: null as unknown as number });
    await fullScan();
    expect(await quarantined()).toEqual(['11', '12', 'unnamed']);
    patients().splice(11, 2);
    Object.assign(patients().at(-1)!, { id: 11 });
    expect(await clinic.sync()).toBe('succeeded');
    expect(await quarantined()).toEqual(['11', '12', 'unnamed']);
    await fullScan();
    expect(await quarantined()).toEqual(['11']);
  });

  it('counts the misses in a row, and forgets those before a scan that saw the row', async () => {
    await importOf(10);
    noneById();
    const [row] = patients().splice(3, 1);
    await fullScan();
    expect(await notes()).toContain('lookup_unproven');
    patients().push(row!);
    await fullScan();
    patients().pop();
    await fullScan();
    expect(await live()).toBe(10);
    await fullScan();
    expect(await live()).toBe(9);
  });

  it('of a list that was never emptied deletes a row which nobody knows, and brings back one that is listed again', async () => {
    await importOf(10);
    const [row] = patients().splice(3, 1);
    await fullScan();
    expect(await live()).toBe(9);
    patients().push(row!);
    await fullScan();
    expect(await live()).toBe(10);
  });
});
