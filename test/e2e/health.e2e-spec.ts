import { Client } from 'pg';
import request from 'supertest';
import { migrate } from '../../src/database/data-source';
import { startTestApp, type TestApp } from '../support/app';
import { migratedDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startTestPostgres } from '../support/postgres';
import { startTestRedis } from '../support/redis';

jest.setTimeout(120_000);

describe('readiness', () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const start = async (overrides: Parameters<typeof startTestApp>[0]): Promise<TestApp> => {
    // no worker: readiness is what is tested, and what a worker does without its database is the chaos tests' business
    const application = await startTestApp({ ...overrides, environment: { ROLE: 'api' } });
    undo.push(() => application.close());
    return application;
  };
  const checksOf = async ({ url }: TestApp): Promise<Record<string, { status: string; reason?: string }>> => {
    const answer = await request(url).get('/health/ready').expect(503);
    expect(answer.body).toMatchObject({
      error: expect.any(String),
      code: 'unavailable',
      nextAction: 'wait',
      requestId: answer.headers['x-request-id'],
      status: 'unavailable',
    });
    await request(url).get('/health/live').expect(200);
    return answer.body.checks;
  };
  const up = { status: 'up' };

  it('fails while migrations are pending, and recovers once they have run', async () => {
    const database = await migratedDatabase();
    undo.push(() => database.drop());
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const forget = 'DELETE FROM schema_migrations WHERE id = (SELECT max(id) FROM schema_migrations) RETURNING name';
    const { rows } = await client.query<{ name: string; timestamp: string }>(`${forget}, timestamp`);
    const application = await start({ databaseUrl: database.url });
    expect(await checksOf(application)).toEqual({
      database: up,
      queue: up,
      migrations: { status: 'down', reason: '1 pending' },
      draining: up,
    });
    const remember = 'INSERT INTO schema_migrations (name, timestamp) VALUES ($1, $2)';
    await client.query(remember, [rows[0]?.name, rows[0]?.timestamp]);
    await client.end();
    await request(application.url).get('/health/ready').expect(200);
  });

  it('fails without the database, while the process lives on and says so to callers', async () => {
    const server = await startTestPostgres();
    undo.push(() => server.stop());
    await migrate(server.url);
    const application = await start({ databaseUrl: server.url });
    await request(application.url).get('/health/ready').expect(200);
    await server.stop();
    const checks = await checksOf(application);
    expect(checks).toEqual({
      database: { status: 'down', reason: 'does not answer' },
      queue: { status: 'down', reason: 'does not answer' },
      migrations: up,
      draining: up,
    });
  });

  it('fails while Redis does not answer where the queue is on it, and recovers', async () => {
    const redis = await startTestRedis();
    if (!redis) return;
    undo.push(() => redis.stop());
    const application = await start({ redisUrl: redis.url });
    await request(application.url).get('/health/ready').expect(200);
    process.kill(redis.pid, 'SIGSTOP');
    try {
      expect(await checksOf(application)).toEqual({
        database: up,
        queue: { status: 'down', reason: 'does not answer' },
        migrations: up,
        draining: up,
      });
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
    await request(application.url).get('/health/ready').expect(200);
  });
});

describe('liveness of a worker', () => {
  it('fails while its dispatcher does not come round, and is back with it', async () => {
    const running = await startTestApp({ environment: { DISPATCHER_SILENCE_SECONDS: '5' } });
    const client = new Client({ connectionString: running.config.database.url });
    const live = () => request(running.url).get('/health/live');
    try {
      await client.connect();
      await live().expect(200);
      // the tick waits and does not fail
      await client.query('BEGIN');
      await client.query('LOCK TABLE sync_schedules IN ACCESS EXCLUSIVE MODE');
      await eventually(async () => {
        const { body } = await live().expect(503);
        expect(body).toMatchObject({ code: 'unavailable', reason: expect.stringContaining('the dispatcher') });
      }, 20_000);
      await client.query('ROLLBACK');
      await eventually(() => live().expect(200));
    } finally {
      await client.end();
      await running.close();
    }
  });
});
