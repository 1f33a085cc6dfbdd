import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DevCredentials } from '../../src/dev-credentials';
import { emptyDatabase, migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { KmsStandIn } from '../support/kms-stand-in';
import { freePort } from '../support/ports';
import { startTestProcess, type TestProcess } from '../support/process';

jest.setTimeout(60_000);

describe('the process', () => {
  let folder: string;
  let running: TestProcess[] = [];
  let databases: TestDatabase[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-process-'));
  });
  afterEach(async () => {
    for (const each of running.splice(0)) await each.kill();
    for (const each of databases.splice(0)) await each.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (environment: Record<string, string>, preload?: string): Promise<TestProcess> => {
    const made = await startTestProcess({ DATA_DIR: folder, ...environment }, { preload });
    running.push(made);
    return made;
  };
  const database = async (make: () => Promise<TestDatabase>): Promise<string> => {
    const made = await make();
    databases.push(made);
    return made.url;
  };

  /** A call of the API that waits that long for its provider. */
  const slowCall = async (service: TestProcess, delayMs: number): Promise<{ inFlight: Promise<Response> }> => {
    const text = await readFile(path.join(folder, 'dev-credentials.json'), 'utf8');
    const { sandboxApiKey, sandboxProviders, sandboxControlToken } = JSON.parse(text) as DevCredentials;
    const credentials = sandboxProviders['practicehub']!;
    const ordered = await fetch(`${credentials.baseUrl}/_control/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${sandboxControlToken}` },
      body: JSON.stringify({ kind: 'delay', delayMs, times: 1 }),
    });
    expect(ordered.status).toBe(201);
    const inFlight = fetch(`${service.url}/v2/integrations/practicehub/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': sandboxApiKey },
      body: JSON.stringify({ credentials }),
    });
    inFlight.catch(() => undefined);
    await sleep(300);
    return { inFlight };
  };

  describe('starting', () => {
    it('names every wrong variable with its rule, no value, and ends with 1', async () => {
      const service = await start({
        PORT: 'canary-port',
        DATABASE_URL: 'mysql://canary-user:canary-password@db/canary',
        ROLE: 'canary-role',
        SHUTDOWN_GRACE_SECONDS: '0',
        SANDBOX_PROVIDERS: 'canary-flag',
      });
      expect(await service.ended).toBe(1);
      const named = service.output().match(/^ {2}- [A-Z_]+(?=: \S)/gm);
      expect(named?.map((line) => line.slice(4)).sort()).toEqual([
        'DATABASE_URL',
        'PORT',
        'ROLE',
        'SANDBOX_PROVIDERS',
        'SHUTDOWN_GRACE_SECONDS',
      ]);
      expect(service.output()).not.toContain('canary');
      expect(service.output()).not.toContain('    at ');
    });

    it('refuses a database that lacks migrations, in words', async () => {
      const service = await start({ DATABASE_URL: await database(emptyDatabase) });
      expect(await service.ended).toBe(1);
      expect(service.output()).toMatch(/^Interlock cannot start\. The database lacks \d+ migration\(s\): .*\.\n$/);
    });

    it('says in words which file of DATA_DIR it cannot use', async () => {
      const file = path.join(folder, 'file');
      await writeFile(file, '');
      const service = await start({ DATA_DIR: file, DATABASE_URL: await database(migratedDatabase) });
      expect(await service.ended).toBe(1);
      expect(service.output()).toMatch(
        /^Interlock cannot start\. DATA_DIR: \S+\/file\S* cannot be used \(E[A-Z]+\)\./m,
      );
    });

    it('says in words that the database cannot be reached, without its password', async () => {
      const service = await start({ DATABASE_URL: `postgres://user:canary@127.0.0.1:${await freePort()}/none` });
      expect(await service.ended).toBe(1);
      expect(service.output()).toContain('DATABASE_URL: the server cannot be reached (ECONNREFUSED).');
      expect(service.output()).not.toContain('canary');
    });

    it.each(['PORT', 'SANDBOX_PORT', 'METRICS_PORT'])('says in words that its %s is taken', async (variable) => {
      const holder = createServer();
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
      const { port } = holder.address() as { port: number };
      const service = await start({ DATABASE_URL: await database(migratedDatabase), [variable]: String(port) });
      expect(await service.ended).toBe(1);
      expect(service.output()).toContain(`Port ${port} of 127.0.0.1 is taken: set ${variable} to another`);
      await new Promise((resolve) => holder.close(resolve));
    });

    it('names a keyring of the environment that is none, and says in words that a version stands twice', async () => {
      const key = Buffer.alloc(32, 7).toString('base64');
      const malformed = await start({ DATABASE_URL: await database(migratedDatabase), LOCAL_KEYRING: '{"canary":1}' });
      expect(await malformed.ended).toBe(1);
      expect(malformed.output()).toContain('- LOCAL_KEYRING: must be versioned keys of 32 bytes in base64');
      const twice = await start({
        DATABASE_URL: await database(migratedDatabase),
        LOCAL_KEYRING: `1:${key},1:${key}`,
      });
      expect(await twice.ended).toBe(1);
      expect(twice.output()).toBe('Interlock cannot start. keyring: version 1 stands twice\n');
      expect(malformed.output()).not.toContain('canary');
    }, 120_000);

    it('asks AWS KMS once, says what it answered, and starts without it', async () => {
      const kms = await KmsStandIn.start();
      const environment = {
        DATABASE_URL: await database(migratedDatabase),
        KMS_KEY_ID: kms.createKey(),
        KMS_ENDPOINT: kms.endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_EC2_METADATA_DISABLED: 'true',
      };
      const ready = async (service: TestProcess): Promise<unknown> =>
        ((await (await fetch(`${service.url}/health/ready`)).json()) as { dependencies: unknown }).dependencies;
      const served = await start(environment);
      await served.ready();
      await eventually(() => expect(served.output()).toContain('AWS KMS answers'));
      expect(await ready(served)).toEqual({ keyManagement: { status: 'up' } });
      kms.inject({ kind: 'error', type: 'AccessDeniedException', status: 400 });
      const refused = await start(environment);
      await refused.ready();
      await eventually(() => expect(refused.output()).toContain('AWS KMS does not serve this process'));
      expect(await ready(refused)).toEqual({
        keyManagement: { status: 'down', reason: 'key management refused access' },
      });
      await kms.stop();
    }, 120_000);

    it('says in production what is set in a risky way, one line each and no value', async () => {
      const service = await start({
        NODE_ENV: 'production',
        DATABASE_URL: await database(migratedDatabase),
        KMS_KEY_ID: 'local',
        OUTBOUND_ALLOW_PRIVATE: 'true',
        SANDBOX_PROVIDERS: 'true',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://canary.example.com',
      });
      await service.ready();
      const warned = service.output().match(/"level":"warn".*"(?:msg|message)":"[A-Z_]+(?=: \S)/g);
      expect(warned?.map((line) => /[A-Z_]+$/.exec(line)?.[0])).toEqual([
        'KMS_KEY_ID',
        'SANDBOX_PROVIDERS',
        'OUTBOUND_ALLOW_PRIVATE',
        'OTEL_EXPORTER_OTLP_ENDPOINT',
      ]);
      expect(service.output()).not.toContain('canary');
    });

    it('keeps the address and the control token of its simulators, for what was connected at the last start', async () => {
      const environment = { DATABASE_URL: await database(migratedDatabase), DEV_CREDENTIALS: 'true' };
      const credentials = async (): Promise<DevCredentials> => {
        const service = await start(environment);
        await service.ready();
        const text = await readFile(path.join(folder, 'dev-credentials.json'), 'utf8');
        await service.kill();
        return JSON.parse(text) as DevCredentials;
      };
      const first = await credentials();
      const second = await credentials();
      expect(second.sandboxProviders).toEqual(first.sandboxProviders);
      expect(second.sandboxControlToken).toBe(first.sandboxControlToken);
      // unless somebody else is there by now
      const holder = createServer();
      const { port } = new URL(first.sandboxProviders['practicehub']!.baseUrl);
      await new Promise<void>((resolve) => holder.listen(Number(port), '127.0.0.1', resolve));
      const third = await credentials();
      expect(new URL(third.sandboxProviders['practicehub']!.baseUrl).port).not.toBe(port);
      await new Promise((resolve) => holder.close(resolve));
    });

    it('takes a free port where PORT is 0, and says which', async () => {
      const service = await start({ DATABASE_URL: await database(migratedDatabase), PORT: '0' });
      const url = await seen(service, /listens on (http:\/\/127\.0\.0\.1:\d+)/);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
    });
  });

  it('prints a first call that works when pasted, and no key', async () => {
    const service = await start({ DATABASE_URL: await database(migratedDatabase), DEV_CREDENTIALS: 'true' });
    await service.ready();
    const call = await seen(service, /(^ {2}curl (?:.*\\\n)+.*)/m);
    const { stdout } = await promisify(execFile)('bash', ['-c', call]);
    expect(JSON.parse(stdout)).toEqual({ valid: true });
    expect(service.output()).not.toMatch(/rk_(sandbox|live)_/);
    const file = path.join(folder, 'dev-credentials.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  describe('roles', () => {
    it('serves nothing but health and metrics as a worker', async () => {
      const service = await start({ DATABASE_URL: await database(migratedDatabase), ROLE: 'worker' });
      await service.ready();
      const status = async (at: string): Promise<number> => (await fetch(service.url + at)).status;
      expect(await status('/health/live')).toBe(200);
      expect(await status('/metrics')).toBe(200);
      const closed = [
        '/docs',
        '/openapi.json',
        '/v2/integrations',
        '/api/v1/nodes',
        '/sandbox/practicehub',
        '/healthy',
      ];
      for (const at of closed) expect([at, await status(at)]).toEqual([at, 404]);
    });
  });

  describe('stopping', () => {
    it.each(['SIGTERM', 'SIGINT'] as const)(
      'fails readiness first on %s, serves what is in flight, and ends with 0',
      async (signal) => {
        // the embedded database, so that its end is part of it
        const service = await start({ DEV_CREDENTIALS: 'true' });
        await service.ready();
        const { inFlight } = await slowCall(service, 1_500);
        service.child.kill(signal);
        await sleep(100);
        // as under npm, where one Ctrl-C comes twice
        service.child.kill(signal);
        const ready = await fetch(`${service.url}/health/ready`);
        expect(ready.status).toBe(503);
        expect(await ready.json()).toMatchObject({
          error: expect.any(String),
          code: 'unavailable',
          nextAction: 'wait',
          requestId: ready.headers.get('x-request-id'),
          checks: { database: { status: 'up' }, draining: { status: 'down' } },
        });
        await sleep(400);
        await expect(fetch(`${service.url}/health/live`)).rejects.toThrow();
        const answer = await inFlight;
        expect([answer.status, await answer.json()]).toEqual([200, { valid: true }]);
        expect(await service.ended).toBe(0);
        expect(service.output()).not.toMatch(/"level":"(error|fatal)"/);
      },
    );

    it('cuts off what outlasts the grace time, and says so', async () => {
      const service = await start({
        DATABASE_URL: await database(migratedDatabase),
        DEV_CREDENTIALS: 'true',
        SHUTDOWN_GRACE_SECONDS: '1',
      });
      await service.ready();
      const { inFlight } = await slowCall(service, 20_000);
      const outcome = inFlight.then(
        () => 'answered',
        () => 'cut',
      );
      const askedAt = Date.now();
      service.child.kill('SIGTERM');
      expect(await service.ended).toBe(1);
      expect(Date.now() - askedAt).toBeLessThan(3_000);
      expect(await outcome).toBe('cut');
      expect(service.output()).toContain('The grace period is over');
    });

    it('ends at once on a second signal', async () => {
      const service = await start({ DATABASE_URL: await database(migratedDatabase), DEV_CREDENTIALS: 'true' });
      await service.ready();
      const { inFlight } = await slowCall(service, 20_000);
      service.child.kill('SIGTERM');
      await sleep(800);
      service.child.kill('SIGTERM');
      expect(await service.ended).toBe(1);
      expect(service.output()).toContain('SIGTERM again: ending at once.');
      await expect(inFlight).rejects.toThrow();
    });

    it('obeys a signal that comes during the start', async () => {
      const service = await start({});
      // its data folder is there, its database is not up yet
      while ((await readdir(folder)).length === 0) await sleep(5);
      service.child.kill('SIGTERM');
      expect(await service.ended).toBe(0);
    });
  });

  it.each([
    [
      'a promise that nobody awaits',
      'Promise.reject(new Error("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2ln"))',
    ],
    ['an error that nobody catches', 'throw new Error("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2ln")'],
  ])('ends with 1 and a redacted line on %s', async (_what, statement) => {
    const preload = path.join(folder, 'preload.cjs');
    await writeFile(preload, `process.on('SIGUSR2', () => { ${statement} });`);
    const service = await start({ DATABASE_URL: await database(migratedDatabase) }, preload);
    await service.ready();
    service.child.kill('SIGUSR2');
    expect(await service.ended).toBe(1);
    expect(service.output()).toMatch(/"level":"fatal".*unexpected error/);
    expect(service.output()).toContain('[redacted token]');
    expect(service.output()).not.toContain('eyJzdWIiOiJjYW5hcnkifQ');
  });
});

async function seen(service: TestProcess, form: RegExp): Promise<string> {
  for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 50) {
    const found = form.exec(service.output())?.[1];
    if (found) return found;
    await sleep(50);
  }
  throw new Error(`not seen in: ${service.output()}`);
}
