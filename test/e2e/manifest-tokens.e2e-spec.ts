import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { databaseDump, recordWrites } from '../support/dumps';
import { eventually } from '../support/eventually';
import { startTraceCollector, type TraceCollector } from '../support/trace-collector';

jest.setTimeout(120_000);

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../examples/providers/acme.yaml'), 'utf8');
const ACME = '/v2/integrations/acme';

/** The example's provider, behind a login. */
function manifestText(): string {
  const manifest = parse(EXAMPLE);
  const [clients] = manifest.streams;
  return stringify({
    ...manifest,
    auth: {
      kind: 'two_step',
      login: { path: '/login', json: { user: '{username}', password: '{password}' } },
      token: 'token',
      expiresIn: 'seconds',
    },
    headers: {},
    credentials: {
      username: { title: 'User', description: 'Of the clinic.', example: 'ada', identifies: true },
      password: { title: 'Password', description: 'Of the user.', example: 'x', secret: true },
    },
    streams: [{ ...clients, paging: { by: 'none' }, changedSince: undefined, one: undefined }],
  });
}

describe('a provider that is logged in to', () => {
  let running: TestApp;
  let collector: TraceCollector;
  let clinic: Clinic;
  let password: string;
  let baseUrl: string;
  const secrets: string[] = [];
  const logins: string[] = [];
  const live = new Set<string>();
  const answers: unknown[] = [];

  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const answer = (status: number, told: object) =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told));
      if (request.url === '/v1/login') {
        const sent = JSON.parse(body) as { password: string };
        logins.push(sent.password);
        // as some servers do, it repeats what it was told
        if (sent.password !== password) return answer(401, { error: { message: `no user for ${body}` } });
        const token = `canary-token-${randomBytes(12).toString('hex')}`;
        secrets.push(token);
        live.add(token);
        return answer(200, { token, seconds: 3_600 });
      }
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      if (!live.has(token)) return answer(401, { error: { message: `no session ${token}` } });
      if (request.url === '/v1/me') return answer(200, { account: { id: 4711 } });
      answer(200, { clients: [{ id: 'c1', first_name: 'Ada', state: 'active', updated_at: '2026-07-01T10:00:00Z' }] });
    });
  });
  const newPassword = (): string => {
    password = `canary-${randomBytes(12).toString('hex')}`;
    secrets.push(password);
    return password;
  };
  const call = async (method: 'get' | 'post' | 'put', address: string, body?: object) => {
    const answer = await clinic.call(method, address, body);
    answers.push(answer.body);
    return answer;
  };
  const credentials = () => ({ username: 'reception@acme.example', password, baseUrl });
  const sync = async () => {
    expect((await call('post', `${ACME}/sync`, {})).status).toBe(200);
    return clinic.settled();
  };

  beforeAll(async () => {
    collector = await startTraceCollector();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    running = await startTestApp({
      environment: { OUTBOUND_ALLOW_PRIVATE: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    clinic = await makeClinic(running);
    const admin = await adminOf(running, 'admin');
    await admin('put', '/providers/acme/manifest', { manifest: manifestText(), reason: 'ticket 4711' }).expect(200);
  });
  afterAll(async () => {
    await running?.close();
    await collector?.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is synced with one login for as long as its token lives, and shows no secret anywhere', async () => {
    const written = await recordWrites(running.config.database.url);
    newPassword();
    const wrong = { ...credentials(), password: 'canary-of-a-wrong-password' };
    secrets.push(wrong.password);
    expect((await call('post', `${ACME}/activate`, { credentials: wrong })).body.code).toBe(
      'provider_credentials_rejected',
    );
    const { body, status } = await call('post', `${ACME}/activate`, { credentials: credentials() });
    expect([status, body.data.configuration.credentialHint]).toEqual([200, 'mple']);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await sync()).toBe('succeeded');
    expect(logins).toEqual([wrong.password, password]);

    // the provider ends the token: one more login, and nobody notices
    live.clear();
    expect(await sync()).toBe('succeeded');
    expect(logins).toHaveLength(3);

    // other credentials get another token, although the old one lives
    const before = password;
    newPassword();
    expect((await call('put', `${ACME}/credentials`, { credentials: credentials() })).status).toBe(200);
    await clinic.settled();
    expect(logins.slice(3)).toEqual([password]);
    expect(password).not.toBe(before);

    // and the provider takes them no more
    live.clear();
    newPassword();
    expect(await sync()).toBe('failed');
    const { body: logs } = await call('get', `${ACME}/sync-logs?status=failed`);
    expect(logs.data[0]).toMatchObject({
      errorCode: 'provider_credentials_rejected',
      error: expect.stringContaining('[redacted]'),
    });
    for (const place of ['', '/sync-states', '/sync-logs', '/explain']) await call('get', `${ACME}${place}`);

    await eventually(() => expect(collector.spans.some(({ name }) => name === 'provider call')).toBe(true), 20_000);
    const sinks: Record<string, string> = {
      answers: JSON.stringify(answers),
      logs: running.logs.join('\n'),
      metrics: await (await fetch(`${running.url}/metrics`)).text(),
      database: await databaseDump(running.config.database.url),
      writes: await written(),
      traces: collector.raw.join('\n'),
    };
    const found = Object.entries(sinks).flatMap(([sink, text]) =>
      secrets
        .flatMap((secret) => [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)])
        .filter((form) => text.includes(form))
        .map(() => sink),
    );
    expect(found).toEqual([]);
    // what was looked through is what was meant
    expect(sinks['writes']).toContain('acme');
    expect(sinks['database']).toContain('credential.replaced');
  });
});
