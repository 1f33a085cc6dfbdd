import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Database } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { nodesClient, type NodesClient } from '../support/nodes';
import { freePort } from '../support/ports';

const EXAMPLE = path.resolve(__dirname, '../../examples/backend.mjs');

describe('examples/backend.mjs', () => {
  let running: TestApp;
  let api: NodesClient;
  let admin: string;
  let node: Record<string, any>;
  let mine: Awaited<ReturnType<NodesClient['integration']>>;
  let child: ChildProcess;
  let url: string;

  beforeAll(async () => {
    running = await startTestApp();
    api = nodesClient(running.app, running.url);
    admin = await api.token({ roles: ['admin'] });
    node = await api.node(admin, { name: 'mine' });
    mine = await api.integration(admin, node['id'], { permissions: ['nodes.read', 'nodes.write'] });
    const port = String(await freePort());
    url = `http://127.0.0.1:${port}`;
    child = spawn(process.execPath, [EXAMPLE], {
      env: { PORT: port, INTERLOCK_URL: running.url, API_KEY: mine.api_key, API_SECRET: mine.secret },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout!, 'data');
  }, 60_000);

  afterAll(async () => {
    if (child?.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
    await running?.close();
  });

  const call = (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const acts = async (): Promise<string[]> => {
    const rows = await running.app
      .get(Database)
      .query<{ action: string }>('SELECT action FROM audit_entries WHERE subject_id = $1 ORDER BY occurred_at', [
        mine.id,
      ]);
    return rows.map((row) => row.action).filter((action) => action.startsWith('node_token'));
  };

  it('is at most 40 lines', () => {
    expect(readFileSync(EXAMPLE, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('exchanges, calls, verifies another service offline, and refreshes when its token has ended', async () => {
    const other = await api.integration(admin, node['id'], { name: 'another service' });
    const { access_token: token } = (await api.authenticate(other.api_key, other.secret)).body;
    const first = await call(token);
    expect(first.status).toBe(200);
    expect(await first.json()).toEqual({ hello: other.id, nodes: [node] });
    await Promise.all([call(token), call(token)]);
    // one exchange for all of them
    expect(await acts()).toEqual(['node_token.issued']);

    await api.call('put', `/integrations/${mine.id}`, admin).send({ name: 'less', permissions: ['nodes.read'] });
    const answers = await Promise.all([call(token), call(token), call(token)]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    // they shared one refresh, and the session is not revoked
    expect(await acts()).toEqual(['node_token.issued', 'node_token.issued']);
  });

  it('lets nobody in with a token that is forged, foreign or none', async () => {
    const { access_token: token } = (await api.authenticate(mine.api_key, mine.secret)).body as {
      access_token: string;
    };
    const [head, body, signature] = token.split('.') as [string, string, string];
    const claims = { ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'somebody else' };
    const forged = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    for (const bad of ['', 'nonsense', forged, none, mine.api_key]) expect((await call(bad)).status).toBe(401);
    expect((await call(token)).status).toBe(200);
  });
});
