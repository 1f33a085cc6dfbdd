import { json, startOutboundServer, type OutboundServer } from '../contract/outbound-server';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

/** A run that waits for its provider, has given its only slot up, and is known to no job of the queue any more. */
describe('a run without a slot', () => {
  let database: TestDatabase;
  let running: TestApp;
  let silent: OutboundServer;

  beforeAll(async () => {
    database = await migratedDatabase();
    silent = await startOutboundServer((request, response) => {
      if (request.url?.includes('payment_methods')) json(response, 200, { data: [], total_entries: 0, links: {} });
    });
    running = await startTestApp({
      databaseUrl: database.url,
      environment: { OUTBOUND_ALLOW_PRIVATE: 'true', WORKER_CONCURRENCY: '1' },
    });
  }, 60_000);
  afterAll(async () => {
    await running?.close();
    await silent?.close();
    await database?.drop();
  });

  it('yields when its process ends, before the process does', async () => {
    const [waiting, other] = [await makeClinic(running), await makeClinic(running)];
    const run = async () =>
      (
        await waiting.sql<{ state: string; reason: string | null; owner: string | null }>(
          `SELECT r.state, r.wait_reason AS reason, r.lease_owner AS owner FROM sync_runs r
           JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1`,
          [waiting.merchantId],
        )
      )[0];
    const credentials = { apiKey: waiting.accountKey, baseUrl: silent.origin };
    await waiting.call('post', '/activate', { credentials, timezone: 'UTC' }).expect(200);
    await eventually(async () => expect(await run()).toMatchObject({ state: 'running' }));
    await other.activate();
    expect(await other.settled()).toBe('succeeded');
    expect(await run()).toMatchObject({ state: 'running' });
    await running.close();
    expect(await run()).toEqual({ state: 'queued', reason: 'shutdown', owner: null });
  }, 60_000);
});
