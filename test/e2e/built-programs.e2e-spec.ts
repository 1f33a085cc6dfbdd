import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DevCredentials } from '../../src/dev-credentials';
import { build } from '../support/build';
import { emptyDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { KmsStandIn } from '../support/kms-stand-in';
import { mcpClient } from '../support/mcp';
import { startTestProcess, type TestProcess } from '../support/process';
import { startTestRedis, type TestRedis } from '../support/redis';
import { startTraceCollector, type TraceCollector } from '../support/trace-collector';

const root = path.resolve(__dirname, '../..');

jest.setTimeout(120_000);

/** What loaded-packages.cjs said at its end. */
function loadedBy(service: TestProcess): string[] {
  return JSON.parse(/^LOADED (.*)$/m.exec(service.output())![1]!) as string[];
}

/**
 * What a bundler can get wrong: suites that start no process run the sources. scripts/demo runs the programs too.
 */
describe('the built programs', () => {
  let folder: string;
  let database: TestDatabase;
  let redis: TestRedis | null;
  let collector: TraceCollector;
  let kms: KmsStandIn;
  let environment: Record<string, string>;
  let running: TestProcess[] = [];

  const start = async (more: Record<string, string> = {}): Promise<TestProcess> => {
    const made = await startTestProcess({ ...environment, ...more }, { preload: './test/e2e/loaded-packages.cjs' });
    running.push(made);
    return made;
  };

  beforeAll(async () => {
    build();
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-built-'));
    database = await emptyDatabase();
    redis = await startTestRedis();
    collector = await startTraceCollector();
    kms = await KmsStandIn.start();
    environment = { DATABASE_URL: database.url, DATA_DIR: folder, LOG_LEVEL: 'warn' };
    await promisify(execFile)(process.execPath, ['dist/cli/main.js', 'db', 'migrate'], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...environment },
    });
  });
  afterEach(async () => {
    for (const each of running.splice(0)) await each.kill();
  });
  afterAll(async () => {
    await collector?.stop();
    await kms?.stop();
    await redis?.stop();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('hold every package of a start but those that bring binaries or files of their own', async () => {
    const service = await start();
    await service.ready();
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    const loaded = loadedBy(service);
    const outside = [
      'argon2',
      'detect-libc',
      'msgpackr-extract',
      'node-gyp-build-optional-packages',
      'swagger-ui-dist',
    ];
    expect(loaded.filter((name) => !outside.some((each) => name.includes(each)))).toEqual([]);
  });

  it.each(['main.js', 'cli/main.js'])('are ASCII, which takes one byte a character in memory: %s', async (program) => {
    const text = await readFile(path.join(root, 'dist', program), 'utf8');
    expect(/[^\0-\x7f]/.exec(text)).toBeNull();
    // what Node prints of an error that nobody caught
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(20_000);
  });

  it('name lines of the sources in a stack', async () => {
    // a keyring that cannot be read as a file is nothing that a start has words for
    const dataDir = path.join(folder, 'broken');
    await mkdir(path.join(dataDir, 'keyring.json'), { recursive: true, mode: 0o700 });
    const service = await start({ DATA_DIR: dataDir });
    expect(await service.ended).toBe(1);
    expect(service.output()).toMatch(
      /at (async )?\S*readKeyringFile \([^()]*\/src\/vault\/adapters\/keyring-source\.ts:\d+:\d+\)/,
    );
  });

  it('serve, seal, sync and trace as the sources do', async () => {
    const service = await start({
      DEV_CREDENTIALS: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      KMS_KEY_ID: kms.createKey(),
      KMS_ENDPOINT: kms.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      ...(redis ? { REDIS_URL: redis.url } : {}),
    });
    await service.ready();
    const credentials = JSON.parse(await readFile(path.join(folder, 'dev-credentials.json'), 'utf8')) as DevCredentials;

    const asAdmin = { authorization: `Bearer ${credentials.adminToken}` };
    const documents = { '/openapi.json': 'openapi.json', '/admin/openapi.json': 'openapi-admin.json' };
    for (const [served, file] of Object.entries(documents)) {
      const document = await fetch(service.url + served, { headers: asAdmin });
      expect(await document.json()).toEqual(JSON.parse(await readFile(path.join(root, file), 'utf8')));
    }

    for (const page of ['/docs', '/admin', '/admin/docs', '/admin/queues']) {
      const answer = await fetch(service.url + page, { headers: asAdmin });
      const html = await answer.text();
      expect([page, answer.status]).toEqual([page, 200]);
      const files = [...html.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
      expect(files.length).toBeGreaterThan(1);
      const base = new URL(/<base href="([^"]+)"/.exec(html)?.[1] ?? answer.url, answer.url);
      for (const file of files.filter((name) => !name.startsWith('http'))) {
        const { status } = await fetch(new URL(file, base), { headers: asAdmin });
        expect([page, file, status]).toEqual([page, file, 200]);
      }
    }

    const call = async (method: string, rest: string, body?: object): Promise<{ data: Record<string, unknown>[] }> => {
      const answer = await fetch(`${service.url}/v2/integrations/practicehub${rest}`, {
        method,
        headers: { 'x-api-key': credentials.sandboxApiKey, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      expect([rest, answer.status]).toEqual([rest, 200]);
      return (await answer.json()) as { data: Record<string, unknown>[] };
    };
    await call('POST', '/activate', { credentials: credentials.sandboxProviders.practicehub });
    expect(kms.calls).toContainEqual(
      expect.objectContaining({ action: 'GenerateDataKey', outcome: 200, signed: true }),
    );
    await eventually(async () => {
      expect((await call('GET', '/records/customers')).data.length).toBeGreaterThan(10);
    }, 30_000);
    const tools = mcpClient(service.url, { 'x-api-key': credentials.sandboxApiKey });
    expect((await tools.call('explain_integration', { provider: 'practicehub' })).isError).toBe(false);
    await eventually(() => {
      const spans = (name: string) => collector.spans.filter((span) => span.name === name);
      const [run] = spans('run sync');
      expect(spans('provider call').filter((span) => span.parentSpanId === run!.spanId).length).toBeGreaterThan(0);
    }, 15_000);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    // neither the queue board nor the exporter has brought a second copy of what is bundled
    expect(loadedBy(service)).toContain('@opentelemetry/resources');
    expect(loadedBy(service).filter((name) => /^(bullmq|express|typeorm|@nestjs\/)/.test(name))).toEqual([]);
  });
});
