import { readTableOwners } from '../../scripts/sql/table-owners';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver';

/** Of both modules, by the entities that they declare: a new table is here by itself. */
const TABLES = Object.entries(readTableOwners())
  .filter(([, owner]) => owner === 'webhooks' || owner === 'events')
  .map(([table]) => table)
  .sort();

describe('what the tables of webhooks and events keep', () => {
  let running: TestApp;
  let receiver: WebhookReceiver;
  let clinic: Clinic;
  let endpointId: string;
  let integrationId: string;
  beforeAll(async () => {
    running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true' } });
    receiver = await startReceiver();
    receiver.answerWith(() => 500);
  }, 120_000);
  afterAll(async () => {
    await receiver?.close();
    await running?.close();
  });
  /** Every table has rows of an endpoint and of an integration. */
  beforeEach(async () => {
    clinic = await makeClinic(running);
    endpointId = (await clinic.call('post', '/v2/webhook-endpoints', { url: receiver.url }).expect(201)).body.data.id;
    await clinic.call('post', `/v2/webhook-endpoints/${endpointId}/rotate-secret`).expect(200);
    await clinic.activate().expect(200);
    await clinic.settled();
    await clinic.call('post', '/deactivate').expect(200);
    integrationId = (await clinic.integration()).id;
    await eventually(async () => {
      const kept = await clinic.sql(`SELECT FROM webhook_held WHERE endpoint_id = $1`, [endpointId]);
      expect(kept).not.toEqual([]);
    });
    // off: the replay waits
    await clinic.call('patch', `/v2/webhook-endpoints/${endpointId}`, { enabled: false }).expect(200);
    await clinic
      .call('post', `/v2/webhook-endpoints/${endpointId}/replay`, { from: '2020-01-01T00:00:00Z' })
      .expect(200);
  }, 60_000);

  const tablesWith = async (column: string): Promise<string[]> => {
    const found = await clinic.sql<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = current_schema() AND column_name = $1 AND table_name = ANY ($2) ORDER BY 1`,
      [column, TABLES],
    );
    return found.map(({ name }) => name);
  };
  const withRows = async (tables: readonly string[], column: string, id: string): Promise<string[]> => {
    const counted = await Promise.all(
      tables.map((table) => clinic.sql(`SELECT FROM ${table} WHERE ${column} = $1 LIMIT 1`, [id])),
    );
    return tables.filter((_table, index) => counted[index]!.length > 0);
  };

  it('of an integration goes with its data', async () => {
    const tables = await tablesWith('integration_id');
    expect(await withRows(tables, 'integration_id', integrationId)).toEqual(tables);
    await clinic.call('delete', '/data').expect(202);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await withRows(tables, 'integration_id', integrationId)).toEqual([]);
  }, 60_000);

  it('of an endpoint goes with it, and no secret of it opens', async () => {
    const tables = await tablesWith('endpoint_id');
    const secrets = () =>
      clinic.sql(`SELECT FROM sealed_secrets WHERE owner_id = $1 AND wrapped_key IS NOT NULL`, [endpointId]);
    expect(await withRows(tables, 'endpoint_id', endpointId)).toEqual(tables);
    expect(await secrets()).toHaveLength(2);
    await clinic.call('delete', `/v2/webhook-endpoints/${endpointId}`).expect(200);
    expect(await withRows(tables, 'endpoint_id', endpointId)).toEqual([]);
    expect(await withRows(['webhook_endpoints'], 'id', endpointId)).toEqual([]);
    expect(await secrets()).toEqual([]);
  }, 60_000);

  it('goes with the merchant’s row, table by table', async () => {
    const cascading = await clinic.sql<{ name: string }>(
      `WITH RECURSIVE owned AS (
         SELECT 'merchants'::regclass::oid AS id
         UNION SELECT c.conrelid FROM pg_constraint c JOIN owned ON owned.id = c.confrelid
         WHERE c.contype = 'f' AND c.confdeltype = 'c')
       SELECT id::regclass::text AS name FROM owned WHERE id::regclass::text = ANY ($1) ORDER BY 1`,
      [TABLES],
    );
    expect(cascading.map(({ name }) => name)).toEqual(TABLES);
  });
});
