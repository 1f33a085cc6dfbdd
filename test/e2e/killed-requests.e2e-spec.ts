import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { nodesClient, type NodesClient } from '../support/nodes';
import { startTestProcess } from '../support/process';

/** The act has committed, its answer is not stored yet. */
const BEFORE_THE_ANSWER_IS_STORED = `SET state = 'done'`;

interface Repeated {
  readonly status: number;
  readonly body: any;
}

describe('a request that is killed, and repeated with its Idempotency-Key', () => {
  let running: TestApp;
  let clinic: Clinic;
  let nodes: NodesClient;
  let admin: string;
  let nodeId: string;
  let folder: string;
  beforeAll(async () => {
    running = await startTestApp();
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-kill-'));
    nodes = nodesClient(running.app, running.url);
    admin = await nodes.token({ roles: ['admin'] });
    nodeId = (await nodes.node(admin))['id'] as string;
  }, 60_000);
  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    clinic = await makeClinic(running, { sizes: { patients: 2, '*': 0 } });
  });

  /** Sends it to a process that dies at that point, then twice to a living one; answers what the living one said. */
  async function killAndRepeat(
    call: { method: string; target: string; headers: Record<string, string>; body?: object },
    point: string = BEFORE_THE_ANSWER_IS_STORED,
  ): Promise<Repeated> {
    const killFile = path.join(folder, randomUUID());
    const victim = await startTestProcess(
      {
        NODE_ENV: 'test',
        ROLE: 'api',
        DATABASE_URL: running.config.database.url,
        DATA_DIR: running.config.dataDir,
        SANDBOX_ORIGIN: running.sandboxUrl,
        RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
        LOG_LEVEL: 'warn',
        KILL_FILE: killFile,
      },
      { preload: path.join(__dirname, 'kill-at-query.cjs'), fromSources: true },
    );
    try {
      await victim.ready();
      const headers = { ...call.headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
      const body = JSON.stringify(call.body ?? {});
      const send = (url: string) => fetch(`${url}${call.target}`, { method: call.method, headers, body });
      // warm: authentication has its own queries, which are not what is tested
      await fetch(`${victim.url}${call.target}`, { headers: call.headers });
      await writeFile(killFile, point);
      await expect(send(victim.url)).rejects.toThrow();
      await victim.kill();
      // what the dead process held lapses; a minute is not waited for here
      await clinic.sql(`UPDATE idempotency_records SET lease_until = now() - interval '1 s' WHERE state <> 'done'`);
      const repeated = await send(running.url);
      const text = await repeated.text();
      expect(repeated.headers.get('idempotency-replayed')).toBeNull();
      const replayed = await send(running.url);
      expect([replayed.status, replayed.headers.get('idempotency-replayed')]).toEqual([repeated.status, 'true']);
      expect(await replayed.text()).toBe(text);
      return { status: repeated.status, body: JSON.parse(text) };
    } finally {
      await victim.kill();
    }
  }
  const v1 = (method: string, target: string, body: object) => ({
    method,
    target: `/api/v1${target}`,
    headers: { authorization: `Bearer ${admin}` },
    body,
  });
  const v2 = (method: string, target: string, body: object = {}) => ({
    method,
    target: `/v2/integrations/practicehub${target}`,
    headers: { 'x-api-key': clinic.key },
    body,
  });
  const acts = async (subjectId: string): Promise<Record<string, number>> => {
    const rows = await clinic.sql<{ action: string; n: number }>(
      `SELECT action, count(*)::int AS n FROM audit_entries WHERE subject_id = $1 GROUP BY action`,
      [subjectId],
    );
    return Object.fromEntries(rows.map(({ action, n }) => [action, n]));
  };
  const expectNowhereInClear = async (secret: string): Promise<void> => {
    const [stored] = await clinic.sql<{ text: string }>(
      `SELECT string_agg(r::text, ' ') AS text FROM idempotency_records r`,
    );
    expect(stored!.text).not.toContain(secret);
    expect(running.logs.join('')).not.toContain(secret);
  };

  it('makes one node', async () => {
    const name = `node ${randomUUID()}`;
    const { status, body } = await killAndRepeat(v1('POST', '/nodes', { name, type: 'account', parent_id: nodeId }));
    expect([status, body]).toEqual([201, expect.objectContaining({ name, parent_id: nodeId })]);
    expect(await clinic.sql('SELECT id FROM nodes WHERE name = $1', [name])).toEqual([{ id: body.id }]);
    expect(await acts(body.id)).toEqual({ 'node.created': 1 });
  }, 90_000);

  it.each([BEFORE_THE_ANSWER_IS_STORED, 'COMMIT'])(
    'makes one key, and still tells its secret (killed at %s)',
    async (point) => {
      const name = `key ${randomUUID()}`;
      const create = v1('POST', '/integrations', { node_id: nodeId, name, permissions: ['sync.read'] });
      const { status, body } = await killAndRepeat(create, point);
      expect([status, body.name]).toEqual([201, name]);
      expect(await clinic.sql('SELECT id FROM node_integrations WHERE name = $1', [name])).toEqual([{ id: body.id }]);
      expect(await acts(body.id)).toEqual({ 'node_integration.created': 1 });
      await nodes.authenticate(body.api_key, body.secret).expect(200);
      await expectNowhereInClear(body.secret);
    },
    90_000,
  );

  it('rotates a secret once, and still tells the new one', async () => {
    const made = await nodes.integration(admin, nodeId, { name: `key ${randomUUID()}` });
    const { status, body } = await killAndRepeat(
      v1('POST', `/integrations/${made.id}/rotate-secret`, { overlap_seconds: 600 }),
    );
    expect(status).toBe(200);
    expect(await clinic.sql('SELECT secret_number FROM node_integrations WHERE id = $1', [made.id])).toEqual([
      { secret_number: 2 },
    ]);
    expect(Date.parse(body.previous_secret_expires_at)).toBeGreaterThan(Date.now());
    await nodes.authenticate(made.api_key, body.secret).expect(200);
    await nodes.authenticate(made.api_key, made.secret).expect(200);
    await expectNowhereInClear(body.secret);
  }, 90_000);

  it('deactivates once, and says so', async () => {
    await clinic.activate().expect(200);
    await clinic.settled();
    const { id } = await clinic.integration();
    const { status, body } = await killAndRepeat(v2('POST', '/deactivate'));
    expect([status, body]).toEqual([200, { success: true, message: expect.any(String) }]);
    expect(await acts(id)).toMatchObject({ 'integration.deactivated': 1 });
  }, 90_000);

  it('replaces credentials once, so that the rollback leads to the ones before', async () => {
    await clinic.activate().expect(200);
    await clinic.settled();
    const { id } = await clinic.integration();
    const credentials = { ...clinic.credentials, appName: 'other' };
    const replaced = await killAndRepeat(v2('PUT', '/credentials', { credentials }));
    expect([replaced.status, replaced.body.data]).toEqual([200, { version: 2, rollbackUntil: expect.any(String) }]);
    const rolledBack = await killAndRepeat(v2('POST', '/credentials/rollback'));
    expect([rolledBack.status, rolledBack.body.data]).toEqual([200, { version: 3 }]);
    expect(await acts(id)).toMatchObject({ 'credential.replaced': 1, 'credential.rolled_back': 1 });
    const secrets = `SELECT 1 FROM sealed_secrets WHERE context->>'merchant_id' = $1::text AND destroyed_at IS NULL`;
    expect(await clinic.sql(secrets, [clinic.merchantId])).toHaveLength(1);
  }, 120_000);

  it('counts a reported failure once, resumes once, and starts one run', async () => {
    await clinic.activate().expect(200);
    await clinic.settled();
    const { id } = await clinic.integration();
    expect((await killAndRepeat(v2('PUT', '/status', { status: 'error' }))).body).toEqual({ success: true });
    expect((await clinic.integration())['providerState'].consecutiveErrors).toBe(1);
    const runs = async () =>
      (await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1', [id])).map((run) => run['id']);
    const before = (await runs()).length;
    const resumed = await killAndRepeat(v2('POST', '/resume-sync'));
    expect(resumed.status).toBe(200);
    await clinic.settled();
    expect(await runs()).toHaveLength(before + 1);
    expect(await runs()).toContain(resumed.body.jobId);
    expect(await acts(id)).toMatchObject({ 'integration.resumed': 1 });
  }, 120_000);
});
