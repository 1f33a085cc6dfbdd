import { SIMULATOR_PATH, stamp, startAccount, type AccountStandIn, type Row } from '../support/account-stand-in';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** What a sync makes of a record that is stored already, column by column. */
describe('a stored record', () => {
  let running: TestApp;
  let account: AccountStandIn;
  let clinic: Clinic;

  beforeAll(async () => {
    account = await startAccount({});
    running = await startTestApp({ environment: { SANDBOX_ORIGIN: account.url, SANDBOX_RATE_PER_SECOND: '0' } });
    const made = stamp(86_400);
    account.lists['patients'] = [1, 2].map((id): Row => ({ id, first_name: `P${id}`, created: made, updated: made }));
    clinic = await makeClinic(running);
    const credentials = { apiKey: 'stand-in-key', baseUrl: account.url + SIMULATOR_PATH };
    await clinic.activate({ credentials, timezone: 'UTC' }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  }, 60_000);
  afterAll(async () => {
    await running.close();
    await account.close();
  });

  const rows = () =>
    clinic.sql(
      `SELECT r.* FROM records r JOIN integrations i ON i.id = r.integration_id
       WHERE i.merchant_id = $1 AND resource_type = 'customers' ORDER BY external_id`,
      [clinic.merchantId],
    );
  /** The names of the columns that a full scan changes, of each record. */
  const changes = async () => {
    const before = await rows();
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    const after = await rows();
    return after.map((row, index) =>
      Object.keys(row)
        .filter((name) => JSON.stringify(row[name]) !== JSON.stringify(before[index]![name]))
        .toSorted(),
    );
  };
  const always = ['feed_position', 'synced_at', 'version'];
  const ofContent = ['content_hash', 'data', 'source_digest'];

  it('that changed gets all that is new of it; one that did not gets nothing', async () => {
    Object.assign(account.lists['patients']![0]!, { first_name: 'New', updated: stamp(3_600) });
    expect(await changes()).toEqual([[...always, ...ofContent, 'operation', 'source_updated_at'].toSorted(), []]);
    const [changed, other] = await rows();
    expect(changed).toMatchObject({ version: 2, operation: 'updated', missed_scan: null, missed_scans: 0 });
    expect(Number(changed!['feed_position'])).toBeGreaterThan(Number(other!['feed_position']));
    expect(await changes()).toEqual([[], []]);
  });

  it('that is deleted keeps its data, and gets all of it anew when it comes back', async () => {
    const [row] = account.lists['patients']!.splice(1);
    expect(await changes()).toEqual([[], [...always, 'operation'].toSorted()]);
    account.lists['patients']!.push({ ...row!, first_name: 'Back' });
    expect(await changes()).toEqual([[], [...always, ...ofContent, 'operation'].toSorted()]);
    expect((await rows())[1]).toMatchObject({ version: 3, operation: 'created', data: { firstName: 'Back' } });
  });

  it('whose digest was not made as it is now gets one, and its time, and is as it was for readers', async () => {
    await clinic.sql(
      `UPDATE records r SET source_digest = NULL, source_updated_at = NULL, source_reading = NULL FROM integrations i
       WHERE i.id = r.integration_id AND merchant_id = $1 AND external_id = '1'`,
      [clinic.merchantId],
    );
    expect(await changes()).toEqual([['source_digest', 'source_reading', 'source_updated_at'], []]);
  });

  it('that another list showed before is of the list that shows it now', async () => {
    await clinic.sql(
      `UPDATE records r SET stream = 'packages' FROM integrations i
       WHERE i.id = r.integration_id AND merchant_id = $1 AND external_id = '1'`,
      [clinic.merchantId],
    );
    Object.assign(account.lists['patients']![0]!, { first_name: 'Moved', updated: stamp(600) });
    expect((await changes())[0]).toEqual(expect.arrayContaining([...always, 'stream']));
    expect((await rows()).map(({ stream }) => stream)).toEqual(['patients', 'patients']);
  });

  it('of a former account that is listed by this one is this one’s', async () => {
    await clinic.sql(
      `UPDATE records r SET epoch = 0 FROM integrations i WHERE i.id = r.integration_id AND merchant_id = $1`,
      [clinic.merchantId],
    );
    expect((await changes())[0]).toEqual(expect.arrayContaining([...always, 'epoch']));
    expect((await rows()).map(({ epoch }) => epoch)).toEqual([1, 1]);
  });
});
