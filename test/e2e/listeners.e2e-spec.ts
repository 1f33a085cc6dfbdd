import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { DevCredentials } from '../../src/dev-credentials';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';
import { startTestProcess, type TestProcess } from '../support/process';

jest.setTimeout(180_000);

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Call {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

const PUBLIC_ORIGIN = 'https://console.example.com';
const FOREIGN_HOSTS = ['evil.example', 'localhost.evil.example', '0.0.0.0', '10.1.2.3:3000'];
const OWN_HOSTS = ['localhost', '127.0.0.1:1', '[::1]', 'x.localhost', 'console.example.com'];
const SIMULATORS = ['practicehub', 'wodify', 'terminal'];

/** Any target and any Host; it reads the head and, of what ends, the body. */
async function ask(origin: string, { method = 'GET', target, headers = {}, body }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(origin);
    const call = httpRequest({ hostname, port, method, path: target, headers: { host, ...headers }, agent: false });
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      const done = (): void => {
        const { statusCode: status = 0 } = response;
        resolve({ status, headers: response.headers, body: Buffer.concat(chunks).toString() });
        call.destroy();
      };
      // a stream of events has no end
      if (response.headers['content-type']?.startsWith('text/event-stream')) return done();
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', done);
      response.on('error', done);
      response.on('aborted', done);
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** What is no request at all, or none that a client library would send. */
async function exchange(origin: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text) => (answer += text));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    setTimeout(() => socket.destroy(), 3_000).unref();
  });
}

const BROKEN: readonly (readonly [string, string])[] = [
  ['no HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n'],
  ['too large headers', `GET / HTTP/1.1\r\nHost: localhost\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`],
  ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n'],
  ['an unknown expectation', 'GET / HTTP/1.1\r\nHost: localhost\r\nExpect: x\r\nConnection: close\r\n\r\n'],
  ['an unknown method', 'XYZZY / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a broken chunk', 'POST /v2/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['an upgrade', 'GET /docs HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'],
];

describe('every listener', () => {
  let service: TestProcess;
  let worker: TestProcess;
  let database: TestDatabase;
  let folder: string;
  let credentials: DevCredentials;
  let origins: { api: string; worker: string; sandbox: string; metrics: string };
  let operations: Call[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-listeners-'));
    database = await migratedDatabase();
    const [metricsPort, workerMetricsPort, sandboxPort] = [await freePort(), await freePort(), await freePort()];
    const environment = {
      DATA_DIR: folder,
      DATABASE_URL: database.url,
      PUBLIC_ORIGIN,
      SANDBOX_PORT: String(sandboxPort),
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
    };
    service = await startTestProcess({
      ...environment,
      DEV_CREDENTIALS: 'true',
      ROLE: 'api',
      METRICS_PORT: String(metricsPort),
    });
    await service.ready();
    credentials = JSON.parse(await readFile(path.join(folder, 'dev-credentials.json'), 'utf8')) as DevCredentials;
    worker = await startTestProcess({ ...environment, ROLE: 'worker', METRICS_PORT: String(workerMetricsPort) });
    await worker.ready();
    const sandbox = new URL(credentials.sandboxProviders['practicehub']!.baseUrl).origin;
    origins = { api: service.url, worker: worker.url, sandbox, metrics: `http://127.0.0.1:${metricsPort}` };
    const { body } = await ask(service.url, { target: '/openapi.json' });
    const { paths } = JSON.parse(body) as { paths: Record<string, Record<string, unknown>> };
    operations = Object.entries(paths).flatMap(([template, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase(),
        target: template.replace(/\{provider\}/g, 'practicehub').replace(/\{[^}]+\}/g, credentials.merchantId),
      })),
    );
  });
  afterAll(async () => {
    await service?.kill();
    await worker?.kill();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const json = { 'content-type': 'application/json' };
  const control = (): Record<string, string> => ({
    ...json,
    authorization: `Bearer ${credentials.sandboxControlToken}`,
  });

  const specials = (): Call[] => {
    const bearer = { authorization: `Bearer ${credentials.adminToken}` };
    const pages = ['', '/', '/swagger-ui-init.js', '/swagger-ui-bundle.js', '/swagger-ui.css', '/nowhere', '/..%2f'];
    return [
      ...pages.map((page) => ({ target: `/docs${page}` })),
      ...[...pages.map((page) => `/admin/docs${page}`), '/admin/openapi.json'].flatMap((target) => [
        { target },
        { target, headers: bearer },
      ]),
      ...['/', '/openapi.json', '/docs-json', '/.well-known/jwks.json', '/nowhere', '/%', '/%00', '//evil.example'].map(
        (target) => ({ target }),
      ),
      ...['', '/', '/assets/main.js', '/assets/main.css', '/assets/icon.svg', '/assets/nowhere'].map((rest) => ({
        target: `/admin${rest}`,
      })),
      ...['', '/api/queues', '/static/nowhere.js', '/queue/runs'].flatMap((rest) => [
        { target: `/admin/queues${rest}` },
        { target: `/admin/queues${rest}`, headers: bearer },
      ]),
      { target: '/admin/queues/api/queues/runs/pause', method: 'PUT', headers: bearer },
      { target: '/admin/api/live', headers: bearer },
      { target: '/metrics' },
      { target: '/sandbox/practicehub' },
      { target: '*', method: 'OPTIONS' },
      { target: '/v2/integrations', method: 'PROPFIND' },
      { target: '/v2/nowhere', method: 'HEAD' },
      { target: '/v2/nowhere', method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
      { target: '/v2/nowhere', method: 'POST', headers: json, body: '{' },
      { target: '/v2/nowhere', method: 'POST', headers: json, body: `"${'x'.repeat(1_100_000)}"` },
      { target: '/v2/nowhere', method: 'POST', headers: { ...json, 'content-encoding': 'gzip' }, body: 'no gzip' },
      { target: '/v2/integrations', headers: { 'revkeen-version': '1999-01-01' } },
      { target: '/v2/integrations', headers: { 'x-api-key': 'x', ...bearer } },
    ];
  };

  const secured = (what: string, { status, headers }: Pick<Answer, 'status' | 'headers'>): string[] => {
    const policy = String(headers['content-security-policy'] ?? '');
    const page = String(headers['content-type'] ?? '').startsWith('text/html');
    const problems: string[] = [];
    if (headers['x-content-type-options'] !== 'nosniff') problems.push('no nosniff');
    if (!/(^|;)\s*default-src 'none'/.test(policy) && !/^default-src 'self'/.test(policy)) problems.push('no policy');
    // nothing inline runs on a page, and what is data runs nothing at all
    if (/script-src[^;]*('unsafe-inline'|'unsafe-eval'|\*|https?:)/.test(policy)) problems.push('lax policy');
    if (!page && !what.includes('/docs') && !/default-src 'none'/.test(policy)) problems.push('data that may load');
    return problems.map((problem) => `${what} → ${status}: ${problem}`);
  };
  const securedRaw = (what: string, answer: string): string[] => {
    const [head = ''] = answer.split('\r\n\r\n');
    const headers = Object.fromEntries(
      head
        .split('\r\n')
        .slice(1)
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    return secured(what, { status: Number(head.split(' ')[1]), headers });
  };

  it('sends nosniff and a policy that fits with every answer of the API', async () => {
    const problems: string[] = [];
    const statuses = new Set<number>();
    const bearer = { authorization: `Bearer ${credentials.adminToken}` };
    const calls = [
      ...specials(),
      ...operations,
      ...operations.map((call) => ({ ...call, headers: { host: 'evil.example' } })),
      ...operations
        .filter(({ method }) => method === 'GET')
        .flatMap((call) => [
          { ...call, headers: { 'x-api-key': credentials.internalApiKey } },
          { ...call, headers: bearer },
        ]),
    ];
    for (const call of calls) {
      const answer = await ask(origins.api, call);
      statuses.add(answer.status);
      problems.push(...secured(`${call.method ?? 'GET'} ${call.target}`, answer));
    }
    expect(problems).toEqual([]);
    // it was no walk past closed doors
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404]));
    expect(operations.length).toBeGreaterThan(60);
  });

  it('sends them with every answer of a worker, of the simulators and of the metrics', async () => {
    const problems: string[] = [];
    for (const target of ['/', '/docs', '/health/live', '/health/ready', '/metrics', '/v2/integrations', '/admin']) {
      problems.push(...secured(`worker ${target}`, await ask(origins.worker, { target })));
      problems.push(...secured(`metrics ${target}`, await ask(origins.metrics, { target })));
      problems.push(...secured(`simulators ${target}`, await ask(origins.sandbox, { target })));
    }
    for (const name of SIMULATORS) {
      const base = `/sandbox/${name}`;
      for (const call of [
        { target: base },
        { target: `${base}/nowhere` },
        { target: `${base}/%` },
        { target: `${base}/x`, method: 'POST', headers: json, body: '{' },
        { target: `${base}/x`, method: 'POST', headers: json, body: `"${'x'.repeat(70_000)}"` },
        { target: `${base}/_control/requests` },
        { target: `${base}/_control/requests`, headers: control() },
        { target: `${base}/_control/nowhere`, headers: control() },
        { target: `${base}/_control/faults`, method: 'POST', headers: control(), body: '{' },
      ]) {
        problems.push(...secured(`simulators ${call.target}`, await ask(origins.sandbox, call)));
      }
    }
    expect(problems).toEqual([]);
  });

  it.each(['html', 'redirect', 'status', 'wrong-json', 'empty', 'truncated'])(
    'lets a simulator that was made to answer %s run nothing in a browser',
    async (kind) => {
      const target = '/sandbox/wodify/v1/clients';
      const body = '<script>fetch("/admin")</script>';
      const rule = JSON.stringify({ kind, body, location: 'https://evil.example/', times: 1 });
      const ordered = { target: '/sandbox/wodify/_control/faults', method: 'POST', headers: control(), body: rule };
      expect((await ask(origins.sandbox, ordered)).status).toBe(201);
      const answer = await ask(origins.sandbox, { target });
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none';.*; sandbox$/);
    },
  );

  it.each(['api', 'worker', 'sandbox', 'metrics'] as const)(
    'sends them with what never was a request (%s)',
    async (listener) => {
      const problems: string[] = [];
      for (const [what, bytes] of BROKEN) problems.push(...securedRaw(what, await exchange(origins[listener], bytes)));
      expect(problems).toEqual([]);
    },
  );

  it('of the API and of the simulators answers to its own names and to no other', async () => {
    const simulated: Call[] = SIMULATORS.flatMap((name) => [
      { target: `/sandbox/${name}/x` },
      { target: `/sandbox/${name}/_control/requests` },
    ]);
    const wrong: string[] = [];
    const listeners: [origin: string, calls: Call[]][] = [
      [origins.api, [...operations, ...specials()].filter(({ target }) => !/^\/(health|metrics)/.test(target))],
      [origins.worker, [{ target: '/docs' }, { target: '/nowhere' }]],
      [origins.sandbox, simulated],
    ];
    for (const [origin, calls] of listeners) {
      for (const call of calls) {
        const refused = await ask(origin, { ...call, headers: { ...call.headers, host: FOREIGN_HOSTS[0]! } });
        const { code } = (call.method === 'HEAD' ? { code: 'invalid_request' } : JSON.parse(refused.body)) as {
          code?: string;
        };
        if (refused.status !== 400 || code !== 'invalid_request') wrong.push(`${call.method} ${call.target}`);
      }
      for (const host of FOREIGN_HOSTS) {
        if ((await ask(origin, { target: '/docs', headers: { host } })).status !== 400) wrong.push(host);
        const absolute = `http://${host}/docs`;
        if ((await ask(origin, { target: absolute })).status !== 400) wrong.push(absolute);
      }
      for (const host of OWN_HOSTS) {
        const { status } = await ask(origin, { target: '/docs', headers: { host } });
        // the simulators are no part of the public origin
        const known = origin !== origins.sandbox || !host.endsWith('example.com');
        if ((status === 400) === known) wrong.push(`${origin} ${host}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('answers orchestrators whatever the Host, and metrics at one place only', async () => {
    const statusOf = async (origin: string, target: string): Promise<number[]> => [
      (await ask(origin, { target })).status,
      (await ask(origin, { target, headers: { host: '10.1.2.3:3000' } })).status,
    ];
    for (const origin of [origins.api, origins.worker]) {
      expect(await statusOf(origin, '/health/live')).toEqual([200, 200]);
      expect(await statusOf(origin, '/health/ready')).toEqual([200, 200]);
      expect(await statusOf(origin, '/metrics')).toEqual([404, 404]);
    }
    expect(await statusOf(origins.metrics, '/metrics')).toEqual([200, 200]);
    expect(await statusOf(origins.metrics, '/health/live')).toEqual([404, 404]);
    const { headers, body } = await ask(origins.metrics, { target: '/metrics' });
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(body).toContain('interlock_http_request_duration_seconds');
  });

  it('of the simulators is the one local address that a sandbox key may reach, and there their paths alone', async () => {
    const { baseUrl, apiKey } = credentials.sandboxProviders['practicehub']!;
    const test = async (key: string, at: string): Promise<Answer> =>
      ask(origins.api, {
        method: 'POST',
        target: '/v2/integrations/practicehub/test',
        headers: { ...json, 'x-api-key': key },
        body: JSON.stringify({ credentials: { apiKey, baseUrl: at } }),
      });
    expect(JSON.parse((await test(credentials.sandboxApiKey, baseUrl)).body)).toEqual({ valid: true });
    const others = [
      ...[origins.api, origins.worker, origins.metrics].map((origin) => `${origin}/sandbox/practicehub`),
      origins.sandbox,
      `${origins.sandbox}/sandbox/wodify`,
      `${origins.sandbox}/sandbox/practicehubx`,
      baseUrl.replace('127.0.0.1', 'localhost'),
    ];
    for (const at of others) {
      const { status, body } = await test(credentials.sandboxApiKey, at);
      expect([at, status, JSON.parse(body).details?.fields]).toEqual([
        at,
        400,
        { 'credentials.baseUrl': [expect.any(String)] },
      ]);
    }
    expect((await test(credentials.liveApiKey, baseUrl)).status).toBe(400);
  });

  it('of the simulators is found by a worker that does not serve them', async () => {
    const call = async (method: string, rest: string, body?: object): Promise<Answer> =>
      ask(origins.api, {
        method,
        target: `/v2/integrations/terminal${rest}`,
        headers: { ...json, 'x-api-key': credentials.sandboxApiKey },
        ...(body && { body: JSON.stringify(body) }),
      });
    expect((await call('POST', '/activate', { credentials: credentials.sandboxProviders['terminal'] })).status).toBe(
      200,
    );
    await eventually(async () => {
      const { data } = JSON.parse((await call('GET', '')).body) as { data: Record<string, unknown> };
      expect([data['lastSyncAt'], data['lastSyncError']]).toEqual([expect.any(String), null]);
    }, 60_000);
  });

  it('lets nobody steer a simulator without the token', async () => {
    const calls: Call[] = [
      { method: 'GET', target: '/faults' },
      { method: 'POST', target: '/faults', headers: json, body: '{"kind":"html"}' },
      { method: 'POST', target: '/accounts', headers: json, body: '{"apiKey":"acct-x"}' },
      { method: 'DELETE', target: '/requests' },
      { method: 'GET', target: '/nowhere' },
    ];
    const tokens = [
      undefined,
      'Bearer',
      'Bearer x',
      `Basic ${credentials.sandboxControlToken}`,
      `Bearer ${credentials.adminToken}`,
    ];
    for (const name of SIMULATORS) {
      for (const { target, ...call } of calls) {
        for (const authorization of tokens) {
          const headers = { ...call.headers, ...(authorization !== undefined && { authorization }) };
          const answer = await ask(origins.sandbox, { ...call, target: `/sandbox/${name}/_control${target}`, headers });
          expect(answer.status).toBe(401);
        }
      }
    }
    const { body } = await ask(origins.sandbox, { target: '/sandbox/wodify/_control/faults', headers: control() });
    expect(JSON.parse(body)).toMatchObject({ faults: expect.any(Array) });
  });
});
