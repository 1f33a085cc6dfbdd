import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import request from 'supertest';
import { AuditVerifier } from '../../src/audit';
import { ApiKeyService } from '../../src/auth';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { findProgram } from '../support/optional-programs';
import { startTestPgBouncer, type TestPgBouncer } from '../support/pgbouncer';
import { startTestProcess } from '../support/process';
import { startReplicatedPostgres } from '../support/standby';

if (findProgram('pgbouncer') !== null) {
  describe('everything through a pooler in transaction mode', throughThePooler);
  it('goes on behind a pooler that is led to the promoted standby', aroundTheLostPrimary, 120_000);
} else {
  it.skip('a pooler in transaction mode: needs pgbouncer, which is not on the PATH', () => undefined);
}

async function aroundTheLostPrimary(): Promise<void> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-pooled-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const postgres = await startReplicatedPostgres(folder);
    undo.push(() => postgres.stop());
    const pooler = await startTestPgBouncer(postgres.primaryUrl);
    undo.push(() => pooler.stop());
    const url = pooler.urlOf(postgres.primaryUrl);
    const environment = { DATABASE_URL: url, DATABASE_DIRECT_URL: postgres.url };
    const running = await startTestApp({ databaseUrl: url, environment });
    undo.push(() => running.close());
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    await postgres.caughtUp();

    await postgres.losePrimary();
    await eventually(async () => void (await request(running.url).get('/health/ready').expect(503)));
    await postgres.promote();
    await pooler.to(postgres.standbyUrl);
    await eventually(async () => void (await request(running.url).get('/health/ready').expect(200)), 10_000);
    await eventually(async () => expect(await clinic.sync()).toBe('succeeded'), 10_000);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function throughThePooler(): void {
  let database: TestDatabase;
  let pooler: TestPgBouncer;
  let running: TestApp;
  let second: TestApp;
  let clinic: Clinic;

  beforeAll(async () => {
    database = await migratedDatabase();
    pooler = await startTestPgBouncer(database.url);
    const environment = {
      DATABASE_URL: pooler.urlOf(database.url),
      DATABASE_DIRECT_URL: database.url,
      // far more than the pooler has towards the server
      DATABASE_POOL_SIZE: '30',
    };
    running = await startTestApp({ databaseUrl: database.url, environment });
    second = await startTestApp({
      databaseUrl: database.url,
      dataDir: running.config.dataDir,
      environment: { ...environment, ROLE: 'api', RATE_LIMIT_SANDBOX_PER_MINUTE: '60' },
    });
    clinic = await makeClinic(running);
  }, 90_000);
  afterAll(async () => {
    await second?.close();
    await running?.close();
    await pooler?.stop();
    await database?.drop();
  }, 60_000);

  it('activates, syncs for the first time, and again what has changed', async () => {
    const activated = await clinic.activate();
    expect(activated.body).toMatchObject({ success: true, data: { isActive: true } });
    expect(await clinic.settled(60_000)).toBe('succeeded');
    expect(await clinic.records('customers')).toHaveLength(30);
    running.sandbox.practicehub.change({ resource: 'patients', count: 3, apiKey: clinic.accountKey });
    expect(await clinic.sync()).toBe('succeeded');
    const versions = (await clinic.records('customers')).map((record) => record.version);
    expect(versions.filter((version) => version === 2)).toHaveLength(3);
  }, 120_000);

  it('lets many runs and requests at once wait for a connection, and finishes them all', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        index % 3 === 0 ? clinic.call('post', '/sync', {}) : clinic.call('get', '/records/customers?limit=5'),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 60 }, () => 200));
    expect(await clinic.settled(60_000)).toBe('succeeded');
  }, 120_000);

  it('runs a request with an Idempotency-Key once, however often and wherever it is sent', async () => {
    const put = (url: string) =>
      request(url)
        .put('/v2/integrations/practicehub/invoice-lookback')
        .set('x-api-key', clinic.key)
        .set('idempotency-key', 'through-the-pooler')
        .send({ invoiceLookbackDays: 120 });
    const answers = await Promise.all([running.url, second.url, running.url, second.url].map((url) => put(url)));
    // one that comes while the first is running is told to wait
    expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
    const again = await put(second.url);
    expect(again.status).toBe(200);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('keeps one rate limit for all processes', async () => {
    const statuses: number[] = [];
    for (let sent = 0; sent < 150; sent++) {
      statuses.push((await request(second.url).get('/v2/integrations').set('x-api-key', clinic.key)).status);
    }
    const refused = statuses.filter((status) => status === 429).length;
    expect(refused).toBeGreaterThan(10);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(50);
  });

  it('hears of a revoked key on the other process, because LISTEN goes to the server itself', async () => {
    const keys = running.app.get(ApiKeyService);
    const issued = await keys.create({
      merchantId: clinic.merchantId,
      environment: 'sandbox',
      name: 'to be revoked',
      scopes: ['integrations:read'],
    });
    const get = (url: string) => request(url).get('/v2/integrations').set('x-api-key', issued.key.reveal());
    await get(running.url).expect(200);
    await running.app.get(ApiKeyService).revoke(issued.apiKey.id);
    await eventually(async () => void (await get(second.url).expect(401)), 5_000);
    await get(running.url).expect(401);
  });

  it('chains the audit log, one chainer at a time, and leaves no lock in any session', async () => {
    const tail = () => clinic.sql<{ count: number }>('SELECT count(*)::int AS count FROM audit_unchained');
    await eventually(async () => expect((await tail())[0]!.count).toBe(0), 15_000);
    const report = await running.app.get(AuditVerifier).verify();
    expect(report).toMatchObject({ intact: true });
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      // a lock of a session would stay with the pooler's connection, and be nobody's: those of transactions end with
      // them
      const held = async () =>
        (
          await client.query(
            `SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND a.datname = current_database() AND a.state = 'idle'`,
          )
        ).rows;
      expect(await held()).toEqual([]);
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'interlock'`,
      );
      // both applications together, with pools of 30: the pooler's connections and no more
      expect(rows[0]!.count).toBeGreaterThan(0);
      expect(rows[0]!.count).toBeLessThanOrEqual(3);
    } finally {
      await client.end();
    }
  }, 60_000);

  it('is recognised: without the direct address the process says what to set, and ends', async () => {
    const lost = await startTestProcess({
      NODE_ENV: 'test',
      ROLE: 'api',
      DATABASE_URL: pooler.urlOf(database.url),
      DATA_DIR: running.config.dataDir,
    });
    expect(await lost.ended).toBe(1);
    expect(lost.output()).toMatch(/Interlock cannot start\. DATABASE_URL: this is a pooler\. .*DATABASE_DIRECT_URL/);
  }, 90_000);

  it('still bounds every statement: the pooler sets the limits that a client cannot', async () => {
    const client = new Client({ connectionString: pooler.urlOf(database.url) });
    await client.connect();
    try {
      expect((await client.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '1min' }]);
    } finally {
      await client.end();
    }
  });
}
