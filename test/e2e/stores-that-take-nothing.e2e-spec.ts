import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import request from 'supertest';
import { migrate } from '../../src/database/data-source';
import { Dispatcher } from '../../src/sync/dispatcher';
import { startTestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startTestPostgres } from '../support/postgres';
import { startTestRedis } from '../support/redis';

jest.setTimeout(180_000);

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('liveness', () => {
  it('fails with the reason when the dispatcher does not come round, and only then', async () => {
    const running = await startTestApp({ environment: { DISPATCHER_SILENCE_SECONDS: '5' } });
    undo.push(() => running.close());
    expect((await request(running.url).get('/health/live').expect(200)).body).toEqual({ status: 'ok' });
    const hanging = jest
      .spyOn(running.app.get(Dispatcher, { strict: false }), 'tick')
      .mockImplementation(() => new Promise(() => undefined));
    await eventually(async () => {
      const answer = await request(running.url).get('/health/live').expect(503);
      expect(answer.body).toMatchObject({
        code: 'unavailable',
        status: 'unavailable',
        reason: expect.stringMatching(/^the dispatcher has not come round for \d+ s$/),
      });
    }, 20_000);
    hanging.mockRestore();
    // the tick that hangs is no part of an orderly end
    Object.assign(running.app.get(Dispatcher, { strict: false }), { current: Promise.resolve() });
  });
});

describe('a database that takes no writes', () => {
  it('is unavailable to who writes, fails readiness, and is used again when it takes them', async () => {
    const server = await startTestPostgres();
    undo.push(() => server.stop());
    await migrate(server.url);
    const running = await startTestApp({ databaseUrl: server.url });
    undo.push(() => running.close());
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    await clinic.activate().expect(200);
    await clinic.settled();
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    const set = async (statement: string) => {
      await admin.query('SET default_transaction_read_only = off');
      await admin.query(`ALTER SYSTEM ${statement}`);
      await admin.query('SELECT pg_reload_conf()');
    };
    await set('SET default_transaction_read_only = on');
    await eventually(async () => {
      const { body } = await request(running.url).get('/health/ready').expect(503);
      expect(body.checks.database).toEqual({ status: 'down', reason: 'is read-only' });
    });
    await request(running.url).get('/health/live').expect(200);
    for (const [method, path, body] of [
      ['put', '/sync-toggle', { enabled: true }],
      ['post', '/sync', {}],
      ['post', '/deactivate', {}],
    ] as const) {
      expect((await clinic.call(method, path, body).expect(503)).body).toMatchObject({
        code: 'unavailable',
        nextAction: 'wait',
      });
    }
    await clinic.call('get', '').expect(200);
    await set('RESET default_transaction_read_only');
    await admin.end();
    await eventually(async () => void (await request(running.url).get('/health/ready').expect(200)), 20_000);
    expect(await clinic.sync()).toBe('succeeded');
  });
});

describe('a Redis that takes no jobs', () => {
  it.each([
    ['is full', ['CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0']],
    ['is read-only', ['REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE']],
  ] as const)('because it %s fails readiness, loses no run, and is used again', async (reason, [spoil, mend]) => {
    const redis = await startTestRedis();
    if (!redis) return;
    undo.push(() => redis.stop());
    const running = await startTestApp({ redisUrl: redis.url });
    undo.push(() => running.close());
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    await clinic.activate().expect(200);
    await clinic.settled();
    const { Redis } = await import('ioredis');
    const admin = new Redis(redis.url);
    undo.push(async () => admin.disconnect());
    const say = (words: string) => admin.call(...(words.split(' ') as [string, ...string[]]));
    await say(spoil);
    await eventually(async () => {
      const { body } = await request(running.url).get('/health/ready').expect(503);
      expect(body.checks.queue).toEqual({ status: 'down', reason });
    }, 20_000);
    // the run is kept, and its job added once that is possible
    await clinic.call('post', '/sync').expect(200);
    const { body: explained } = await clinic.call('get', '/explain').expect(200);
    expect(explained.data.reasons[0]).toMatchObject({
      code: 'queue_unavailable',
      message: `A run is queued, and the queue ${reason}; the run starts when the queue works again.`,
      nextAction: 'wait',
    });
    // what refuses is asked again in a while, not at once
    const said = running.logs.length;
    await sleep(2_000);
    expect(running.logs.length - said).toBeLessThan(40);
    await say(mend);
    await eventually(async () => void (await request(running.url).get('/health/ready').expect(200)), 20_000);
    await eventually(async () => expect(await clinic.settled()).toBe('succeeded'), 60_000);
  });
});
