import request from 'supertest';
import { generateCredential } from '../../src/nodes/credential-format';
import { NodeCleanup } from '../../src/nodes/node-cleanup';
import { Database } from '../../src/platform/database';
import { apiContract, type ApiOperation } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { nodesClient, type NodesClient } from '../support/nodes';

const PER_ADDRESS = 15;
/** What the service writes by itself meanwhile. */
const SLACK = 10;

/** Well formed and unknown, each time anew: what passes every check that needs no database. */
const BODIES: Readonly<Record<string, () => object>> = {
  'post /api/v1/auth/authenticate': () => ({
    api_key: generateCredential('apiKey'),
    secret_key: generateCredential('secret'),
  }),
  'post /api/v1/auth/refresh': () => ({ refresh_token: generateCredential('refreshToken') }),
  'post /admin/session': () => ({ token: `${generateCredential('apiKey')}.e30.e30` }),
};

async function rowsOf({ app }: TestApp): Promise<number> {
  const database = app.get(Database);
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const counts = await database.query<{ rows: number }>(
    tables.map(({ name }) => `SELECT count(*)::int AS rows FROM ${name}`).join(' UNION ALL '),
  );
  return counts.reduce((sum, { rows }) => sum + rows, 0);
}

describe('operations that anybody may call', () => {
  let running: TestApp;
  let operations: readonly ApiOperation[];

  beforeAll(async () => {
    running = await startTestApp({
      environment: { EXCHANGE_LIMIT_PER_ADDRESS: String(PER_ADDRESS), TRUST_PROXY: '1' },
    });
    operations = apiContract().operations.filter(({ operation }) => !operation.security?.length);
  }, 60_000);
  afterAll(async () => running.close());

  const send = ({ method, path }: ApiOperation, address: string) => {
    const test = request(running.url)[method as 'get' | 'post'](path).set('x-forwarded-for', address);
    return method === 'get' ? test : test.send(BODIES[`${method} ${path}`]?.());
  };

  it('are those of the document that name no security, and there are some of both kinds', () => {
    const named = operations.map(({ method, path }) => `${method} ${path}`);
    expect(named).toEqual(
      expect.arrayContaining([...Object.keys(BODIES), 'delete /admin/session', 'get /health/live']),
    );
  });

  it('have a bound for each address when they do more than read, and leave a bounded number of rows', async () => {
    for (const [index, operation] of operations.entries()) {
      const before = await rowsOf(running);
      const attacker = `2001:db8:${index}:1::1`;
      const statuses: number[] = [];
      for (let i = 0; i < 4 * PER_ADDRESS; i++) {
        const answer = await send(operation, attacker);
        statuses.push(answer.status);
        if (answer.status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
      const refused = statuses.filter((status) => status === 429).length;
      const label = `${operation.method} ${operation.path}`;
      expect([label, refused]).toEqual([label, operation.method === 'get' ? 0 : 3 * PER_ADDRESS]);
      // somebody else, and another operation, notice nothing
      expect((await send(operation, `2001:db8:${index}:2::1`)).status).not.toBe(429);
      expect((await rowsOf(running)) - before).toBeLessThanOrEqual(PER_ADDRESS + SLACK);
    }
  }, 300_000);
});

describe('thousands of refreshes', () => {
  let running: TestApp;
  let api: NodesClient;
  let admin: string;
  let nodeId: string;

  beforeAll(async () => {
    // the bound of addresses is off: an attacker has many
    running = await startTestApp();
    api = nodesClient(running.app, running.url);
    admin = await api.token({ roles: ['admin'] });
    nodeId = (await api.node(admin))['id'] as string;
  }, 60_000);
  afterAll(async () => running.close());

  const query = async (text: string, values: unknown[] = []): Promise<number> =>
    (await running.app.get(Database).query<{ n: number }>(`SELECT count(*)::int AS n FROM ${text}`, values))[0]!.n;
  const execute = (text: string, values: unknown[]) => running.app.get(Database).execute(text, values);
  const entries = (id: string) => query('audit_entries WHERE subject_id = $1', [id]);
  const refresh = async (token: string) => {
    const answer = await fetch(`${running.url}/api/v1/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: token }),
    });
    return { status: answer.status, body: (await answer.json()) as { refresh_token: string } };
  };
  const session = async (name: string) => {
    const made = await api.integration(admin, nodeId, { name, permissions: ['nodes.read'] });
    const pair = await api.authenticate(made.api_key, made.secret).expect(200);
    return { made, token: pair.body.refresh_token as string };
  };

  it('of one session: thirty an hour, and an entry an hour', async () => {
    const start = await session('good');
    const before = await entries(start.made.id);
    let { token } = start;
    const statuses: Record<number, number> = {};
    for (let i = 0; i < 1_000; i++) {
      const answer = await refresh(token);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (answer.status === 200) token = answer.body.refresh_token;
    }
    expect(statuses).toEqual({ 200: 30, 429: 970 });
    const tokens = () =>
      query('node_refresh_tokens t JOIN node_sessions s ON s.id = t.session_id WHERE s.integration_id = $1', [
        start.made.id,
      ]);
    expect(await tokens()).toBe(31);
    // the hour may have changed meanwhile
    expect((await entries(start.made.id)) - before).toBeLessThanOrEqual(2);
    // an hour later the session goes on: nothing was locked but time
    await execute(
      `UPDATE node_refresh_tokens t SET used_at = used_at - interval '1 hour' FROM node_sessions s
       WHERE s.id = t.session_id AND s.integration_id = $1`,
      [start.made.id],
    );
    expect((await refresh(token)).status).toBe(200);
  }, 300_000);

  it('with tokens that are none, unknown, used or ended: nothing is written for a try', async () => {
    const start = await session('bad');
    const next = await refresh(start.token);
    expect(next.status).toBe(200);
    // the family ends with the first reuse
    expect((await refresh(start.token)).status).toBe(401);
    const before = await rowsOf(running);
    for (let i = 0; i < 250; i++) {
      for (const token of [start.token, next.body.refresh_token, generateCredential('refreshToken'), 'nonsense']) {
        expect((await refresh(token)).status).toBe(401);
      }
    }
    expect((await rowsOf(running)) - before).toBeLessThanOrEqual(SLACK);
  }, 300_000);

  it('a session that has ended is removed once its access tokens have expired by themselves', async () => {
    const [revoked, deleted, alive] = [await session('revoked'), await session('deleted'), await session('alive')];
    await refresh(revoked.token);
    await refresh(revoked.token);
    await api.call('delete', `/integrations/${deleted.made.id}`, admin).expect(204);
    const cleanup = running.app.get(NodeCleanup, { strict: false }) as unknown as { tick(): Promise<boolean> };
    const left = async () => {
      await cleanup.tick();
      return Promise.all(
        [revoked, deleted, alive].map(({ made }) => query('node_sessions WHERE integration_id = $1', [made.id])),
      );
    };
    // the deny list names their access tokens still
    expect(await left()).toEqual([1, 1, 1]);
    await execute(`UPDATE node_sessions SET revoked_at = revoked_at - interval '2 hours' WHERE integration_id = $1`, [
      revoked.made.id,
    ]);
    await execute(`UPDATE node_integrations SET deleted_at = deleted_at - interval '2 hours' WHERE id = $1`, [
      deleted.made.id,
    ]);
    expect(await left()).toEqual([0, 0, 1]);
    expect((await refresh(alive.token)).status).toBe(200);
  });
});
