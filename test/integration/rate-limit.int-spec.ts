import { Controller, Get } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Client } from 'pg';
import request from 'supertest';
import { ApiKeyService, Authenticated } from '../../src/auth';
import { RateLimitRepository } from '../../src/auth/store/rate-limit.repository';
import { MerchantService } from '../../src/merchants';
import { Database } from '../../src/platform/database';
import { AppLogger } from '../../src/platform/logging';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

@Controller('v2/things')
class ThingsController {
  @Get()
  @Authenticated({ scope: 'integrations:read' })
  read(): object {
    return {};
  }
}

describe('the rate limit of a key', () => {
  let database: TestDatabase;
  let apps: NestExpressApplication[];
  let merchantId: string;
  const parts = { controllers: [ThingsController], listen: true };

  beforeAll(async () => {
    database = await migratedDatabase();
    apps = [await createAuthApp(database.url, parts), await createAuthApp(database.url, parts)];
    merchantId = (await apps[0]!.get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' })).id;
  });

  afterAll(async () => {
    for (const app of apps ?? []) await app.close();
    await database?.drop();
  });

  async function issue(environment: 'sandbox' | 'live', scopes = ['integrations:*']) {
    const issued = await apps[0]!.get(ApiKeyService).create({ merchantId, environment, name: 'test', scopes });
    return { id: issued.apiKey.id, key: issued.key.reveal() };
  }
  const get = (key: string, app = apps[0]!) => request(app.getHttpServer()).get('/v2/things').set('x-api-key', key);

  it('is shared by processes: together they let the burst through, and not more than flows in meanwhile', async () => {
    const { key } = await issue('sandbox');
    const began = performance.now();
    const statuses: number[] = [];
    for (let round = 0; round < 12; round++) {
      const answers = await Promise.all(Array.from({ length: 25 }, (_, i) => get(key, apps[i % 2])));
      statuses.push(...answers.map((answer) => answer.status));
    }
    const flowedIn = ((performance.now() - began) / 60_000) * 100;
    const passed = statuses.filter((status) => status === 200).length;
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(passed).toBeLessThanOrEqual(200 + Math.ceil(flowedIn));
    // what the other process has leased and nobody asked it for: one block
    expect(passed).toBeGreaterThanOrEqual(190);
  });

  it('says so in headers, and when to come back', async () => {
    const { id, key } = await issue('sandbox');
    const answer = await get(key);
    expect(answer.headers).toMatchObject({ 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '199' });
    const reset = Number(answer.headers['x-ratelimit-reset']);
    expect(Math.abs(reset - Date.now() / 1000)).toBeLessThan(5);
    await apps[0]!
      .get(Database)
      .execute(`UPDATE rate_limits SET tokens = 0 WHERE bucket = $1`, [`api_key:${id}:sandbox`]);
    const refused = await get(key, apps[1]);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'rate_limited', nextAction: 'wait' });
    expect(refused.headers).toMatchObject({
      'x-ratelimit-limit': '200',
      'x-ratelimit-remaining': '0',
      'retry-after': '1',
    });
    expect(Number(refused.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000 + 100);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await get(key, apps[1]).expect(200);
  });

  it('live keys have their own, and other keys are not touched', async () => {
    const { key } = await issue('live');
    const other = await issue('sandbox');
    expect((await get(key)).headers['x-ratelimit-limit']).toBe('2000');
    expect((await get(other.key)).headers['x-ratelimit-remaining']).toBe('199');
  });

  it('403 carries the headers, 401 does not', async () => {
    const { key } = await issue('live', []);
    const refused = await get(key);
    expect([refused.status, refused.headers['x-ratelimit-limit']]).toEqual([403, '2000']);
    expect((await get('rk_live_x')).headers['x-ratelimit-limit']).toBeUndefined();
  });

  it('costs no statement while a block lasts', async () => {
    const { key } = await issue('live');
    await get(key).expect(200);
    const query = jest.spyOn(apps[0]!.get(Database), 'query');
    const execute = jest.spyOn(apps[0]!.get(Database), 'execute');
    try {
      for (let i = 0; i < 50; i++) await get(key).expect(200);
      expect([...query.mock.calls, ...execute.mock.calls]).toEqual([]);
    } finally {
      query.mockRestore();
      execute.mockRestore();
    }
  });

  it('lets everybody through while its store does not answer, says so in the log, and limits again afterwards', async () => {
    const logs: string[] = [];
    const logger = new AppLogger({
      level: 'warn',
      destination: { write: (line) => void logs.push(line) },
    });
    const app = await createAuthApp(database.url, { ...parts, logger });
    const { key } = await issue('sandbox');
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE rate_limits IN ACCESS EXCLUSIVE MODE');
      const answers = await Promise.all([get(key, app), get(key, app), get(key, app)]);
      for (const answer of answers) {
        expect([answer.status, answer.headers['x-ratelimit-limit']]).toEqual([200, undefined]);
      }
      expect(logs.filter((line) => line.includes('the rate limit store is down'))).toHaveLength(1);
      await holder.query('ROLLBACK');
      await eventually(async () => expect((await get(key, app)).headers['x-ratelimit-limit']).toBe('200'));
    } finally {
      await holder.end();
      await app.close();
    }
  });

  it('takes no more than 5 % of the burst out of the store at once', async () => {
    const lease = jest.spyOn(apps[0]!.get(RateLimitRepository), 'lease');
    try {
      const { key } = await issue('live');
      for (let i = 0; i < 250; i++) await get(key).expect(200);
      const wanted = lease.mock.calls.map(([, { want, burst }]) => want / burst);
      expect(wanted.length).toBeGreaterThanOrEqual(3);
      expect(Math.max(...wanted)).toBeLessThanOrEqual(0.05);
    } finally {
      lease.mockRestore();
    }
  });

  it('0 switches it off and sends no headers', async () => {
    const app = await createAuthApp(database.url, { ...parts, env: { RATE_LIMIT_SANDBOX_PER_MINUTE: '0' } });
    try {
      const { key } = await issue('sandbox');
      const answer = await get(key, app);
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    } finally {
      await app.close();
    }
  });

  it('a bucket refills by the clock of the database, up to the burst', async () => {
    const store = apps[0]!.get(RateLimitRepository);
    const terms = { burst: 200, perSecond: 100 / 60, want: 10 };
    await store.lease('b', { ...terms, want: 200 });
    expect((await store.lease('b', terms)).granted).toBe(0);
    const sql = apps[0]!.get(Database);
    await sql.execute(`UPDATE rate_limits SET refilled_at = refilled_at - interval '3 s' WHERE bucket = 'b'`);
    expect((await store.lease('b', terms)).granted).toBe(5);
    // what has flowed in flows in once
    expect((await store.lease('b', terms)).granted).toBe(0);
    await sql.execute(`UPDATE rate_limits SET refilled_at = refilled_at - interval '1 h' WHERE bucket = 'b'`);
    expect(await store.lease('b', terms)).toEqual({ granted: 10, tokens: 190 });
    // a clock that was set back neither gives nor takes
    await sql.execute(`UPDATE rate_limits SET refilled_at = refilled_at + interval '1 h' WHERE bucket = 'b'`);
    expect(await store.lease('b', terms)).toEqual({ granted: 10, tokens: 180 });
  });
});
