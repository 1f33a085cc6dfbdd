import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { json, startOutboundServer, type OutboundServer } from '../contract/outbound-server';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { lockWaits } from '../support/lock-waits';

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

describe('a run that commits when its process is told to end', () => {
  it('is handed back before the process ends', async () => {
    const database = await migratedDatabase();
    const running = await startTestApp({ databaseUrl: database.url });
    const holder = new Client({ connectionString: database.url });
    try {
      await holder.connect();
      const clinic = await makeClinic(running);
      await clinic.activate().expect(200);
      expect(await clinic.settled()).toBe('succeeded');
      const match = { path: '/patients', apiKey: clinic.accountKey };
      running.sandbox.practicehub.addFaults([{ kind: 'delay', delayMs: 1_500, times: 1, match }]);
      await clinic.call('post', '/sync', { fullResync: true }).expect(200);
      const run = () =>
        clinic.sql(
          `SELECT r.state, r.wait_reason AS reason, r.lease_owner AS owner FROM sync_runs r
           JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1 AND r.full_resync`,
          [clinic.merchantId],
        );
      await eventually(async () => expect(await run()).toMatchObject([{ state: 'running' }]));
      await holder.query('BEGIN');
      await holder.query('SELECT FROM integrations WHERE merchant_id = $1 FOR NO KEY UPDATE', [clinic.merchantId]);
      await lockWaits(clinic);
      const closing = running.close();
      await Promise.race([closing, sleep(500)]);
      await holder.query('ROLLBACK');
      await closing;
      expect(await run()).toEqual([{ state: 'queued', reason: 'shutdown', owner: null }]);
    } finally {
      await holder.end();
      await running.close();
      await database.drop();
    }
  }, 60_000);
});
