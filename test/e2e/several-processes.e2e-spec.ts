import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { ApiKeyService } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import { startSandboxServer, type SandboxServer } from '../../src/sandbox';
import { openContext } from '../support/context';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';
import { startTestProcess, type TestProcess } from '../support/process';
import { addressOf, throughPort } from '../support/server-address';

jest.setTimeout(240_000);

const CLINICS = 6;
const PATIENTS = 250;
const PRACTICEHUB = '/v2/integrations/practicehub';

describe('several processes on one PostgreSQL, the queue in it too', () => {
  let database: TestDatabase;
  let dataDir: string;
  let sandbox: SandboxServer;
  let environment: Record<string, string>;
  const running: TestProcess[] = [];
  const clinics: { key: string; accountKey: string }[] = [];

  beforeAll(async () => {
    database = await migratedDatabase();
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-several-'));
    sandbox = await startSandboxServer({ port: 0, host: '127.0.0.1' });
    environment = {
      NODE_ENV: 'test',
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      SANDBOX_PROVIDERS: 'true',
      SANDBOX_ORIGIN: sandbox.url,
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      LOG_LEVEL: 'info',
      // far longer than any test here: what is taken up before was handed back, and not found dead
      RUN_LEASE_SECONDS: '600',
    };
    const app = await openContext(environment);
    for (let index = 0; index < CLINICS; index++) {
      const merchant = await app.get(MerchantService).create({ name: `Clinic ${index}`, defaultCurrency: 'GBP' });
      const issued = await app.get(ApiKeyService).create({
        merchantId: merchant.id,
        environment: 'sandbox',
        name: 'test',
        scopes: ['integrations:*', 'sync:*'],
      });
      const accountKey = `acct-${randomBytes(8).toString('hex')}`;
      const sizes = { '*': 0, patients: PATIENTS };
      sandbox.sandbox.practicehub.addAccount({ apiKey: accountKey, sizes, settings: { ratePerSecond: 0 } });
      clinics.push({ key: issued.key.reveal(), accountKey });
    }
    await app.close();
  });
  afterAll(async () => {
    for (const each of running) await each.kill();
    await sandbox?.close();
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = async (role: 'api' | 'worker', more: Record<string, string> = {}): Promise<TestProcess> => {
    const made = await startTestProcess({ ...environment, ROLE: role, ...more });
    running.push(made);
    await made.ready();
    return made;
  };
  const send = (url: string, method: string, rest: string, key: string, body?: object) =>
    fetch(`${url}${rest}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const sql = async <R = Record<string, any>>(text: string): Promise<R[]> => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  it('hands runs back at SIGTERM under load, for the other worker to go on with at once', async () => {
    const [first, second, leaving] = await Promise.all([start('api'), start('api'), start('worker'), start('worker')]);
    // slow, so that runs are in the middle of their pages
    sandbox.sandbox.practicehub.addFaults([{ kind: 'delay', delayMs: 250 }]);
    for (const [index, { key, accountKey }] of clinics.entries()) {
      const credentials = { apiKey: accountKey, baseUrl: `${sandbox.url}/sandbox/practicehub` };
      const api = index % 2 === 0 ? first : second;
      expect((await send(api.url, 'POST', `${PRACTICEHUB}/activate`, key, { credentials })).status).toBe(200);
    }
    const holders = () =>
      sql<{ owner: string }>(`SELECT lease_owner AS owner FROM sync_runs WHERE state = 'running'`).then((rows) =>
        rows.filter(({ owner }) => owner.includes(`/${leaving.child.pid}/`)),
      );
    await eventually(async () => expect((await holders()).length).toBeGreaterThan(0), 30_000);
    leaving.child.kill('SIGTERM');
    expect(await leaving.ended).toBe(0);
    // nothing is left in its name, although its leases would be good for minutes
    expect(await holders()).toEqual([]);
    sandbox.sandbox.practicehub.clearFaults();
    await eventually(async () => {
      const live = await sql(
        `SELECT state, wait_reason FROM sync_runs WHERE state IN ('waiting', 'queued', 'running')`,
      );
      expect(live).toEqual([]);
    }, 90_000);
    const ends = await sql(`SELECT state, count(*)::int AS count FROM sync_runs GROUP BY 1`);
    expect(ends).toEqual([{ state: 'succeeded', count: CLINICS }]);
    const [handedOver] = await sql<{ count: number }>(
      'SELECT count(*)::int AS count FROM sync_runs WHERE attempt > 1 AND fence > 1',
    );
    expect(handedOver!.count).toBeGreaterThan(0);
    const stored = await sql<{ count: number; versions: number }>(
      'SELECT count(*)::int AS count, max(version) AS versions FROM records',
    );
    expect(stored).toEqual([{ count: CLINICS * PATIENTS, versions: 1 }]);
    // and either api tells the same
    for (const api of [first, second]) {
      const answer = await send(api.url, 'GET', PRACTICEHUB, clinics[0]!.key);
      expect(await answer.json()).toMatchObject({ data: { status: 'connected', syncHealth: 'healthy' } });
    }
  });

  it('an api alone outlives its database: 503 while it is away, as before once it is back', async () => {
    const road = await startRoad(database.url);
    const api = await start('api', { DATABASE_URL: throughPort(database.url, road.port) });
    const { key } = clinics[0]!;
    const get = () => send(api.url, 'GET', '/v2/integrations', key);
    try {
      expect((await get()).status).toBe(200);
      await road.close();
      const while1 = await get();
      expect([while1.status, await while1.json()]).toEqual([503, expect.objectContaining({ code: 'unavailable' })]);
      expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
      expect((await fetch(`${api.url}/health/ready`)).status).toBe(503);
      await road.open();
      await eventually(async () => expect((await get()).status).toBe(200), 15_000);
      await eventually(async () => expect((await fetch(`${api.url}/health/ready`)).status).toBe(200), 15_000);
      const written = await send(api.url, 'PUT', `${PRACTICEHUB}/invoice-lookback`, key, { invoiceLookbackDays: 30 });
      expect(written.status).toBe(200);
      expect(api.child.exitCode).toBeNull();
    } finally {
      await road.close();
    }
  });
});

/** The way to the database: closed, whoever is on it is cut off and nobody gets through. */
async function startRoad(target: string): Promise<{ port: number; open(): Promise<void>; close(): Promise<void> }> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  const open = (): Promise<void> =>
    new Promise((resolve) => {
      server = createServer((near) => {
        const far = connect(addressOf(target));
        for (const [socket, other] of [
          [near, far],
          [far, near],
        ] as const) {
          sockets.add(socket);
          socket.on('error', () => undefined);
          socket.on('close', () => {
            sockets.delete(socket);
            other.destroy();
          });
          socket.pipe(other);
        }
      });
      server.listen(port, '127.0.0.1', resolve);
    });
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
    for (const socket of sockets) socket.destroy();
    await closed;
    server = null;
  };
  await open();
  return { port, open, close };
}
