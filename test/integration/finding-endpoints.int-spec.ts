import { Client } from 'pg';
import { EVERYTHING } from '../../src/admin/finding-facts';
import { FindingRepository } from '../../src/admin/store/finding.repository';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { ExplainingConnection } from '../support/query-plans';

describe('the webhook endpoints that findings name', () => {
  let database: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await migratedDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`INSERT INTO merchants (id, name, default_currency) VALUES (gen_random_uuid(), 'm', 'GBP')`);
  });
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  const endpoint = async (url: string, description: string | null = null): Promise<string> => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO webhook_endpoints (id, merchant_id, environment, url, description, include_data, ordering,
         mirrored_signature, secret_id, public_key, disabled_reason, disabled_at)
       SELECT gen_random_uuid(), id, 'live', $1, $2, false, 'parallel', false, gen_random_uuid(), 'k', 'gone', now()
       FROM merchants RETURNING id`,
      [url, description],
    );
    await client.query('INSERT INTO webhook_cursors (endpoint_id, position) VALUES ($1, 0)', [rows[0]!.id]);
    return rows[0]!.id;
  };
  const live = async () => {
    const facts = await new FindingRepository(new ExplainingConnection(client).database).read(EVERYTHING);
    return facts.find(({ environment }) => environment === 'live')!;
  };

  it('are named by id where it is one, with however many events', async () => {
    const id = await endpoint('https://one.example.com');
    for (const position of [1, 2]) {
      await client.query(
        `INSERT INTO webhook_held (endpoint_id, event_id, position, attempts, due_at, parked)
         VALUES ($1, gen_random_uuid(), $2, 9, now(), true)`,
        [id, position],
      );
    }
    const { disabledEndpoints, givenUpEvents, failingEndpoints, degraded } = await live();
    expect([disabledEndpoints, givenUpEvents]).toMatchObject([
      { count: 1, only: id },
      { count: 2, only: id },
    ]);
    expect([failingEndpoints.only, degraded.only]).toEqual([null, null]);
    await client.query('DELETE FROM webhook_endpoints');
  });

  it('are called as their pages call them, without what may be secret, and each is counted', async () => {
    const ids = [
      await endpoint('HTTPS://user:pass@Hooks.Example.com:8443/secret?token=secret#secret'),
      await endpoint('https://same.example.com/one'),
      await endpoint('https://same.example.com/two'),
      await endpoint('https://same.example.com/three'),
      await endpoint('https://zoo.example.com', 'Billing'),
    ];
    const named = (name: string) => ({ name, disabledReason: 'gone' });
    const { disabledEndpoints: several } = await live();
    expect(several.only).toBeNull();
    expect((await live()).disabledEndpoints).toMatchObject({
      count: 5,
      merchantCount: 1,
      endpointCount: 5,
      endpoints: [named('Billing'), named('hooks.example.com:8443'), named('same.example.com')],
    });
    for (const position of [1, 2, 3]) {
      await client.query(
        `INSERT INTO webhook_held (endpoint_id, event_id, position, attempts, due_at, parked)
         SELECT unnest($1::uuid[]), gen_random_uuid(), $2, 9, now(), true`,
        [ids.slice(0, 2), position],
      );
    }
    expect((await live()).givenUpEvents).toMatchObject({
      count: 6,
      endpointCount: 2,
      endpoints: [named('hooks.example.com:8443'), named('same.example.com')],
    });
  });
});
