import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { adminToken } from '../support/admin';
import { describeOnBothQueues } from '../support/app';
import { makeClinic } from '../support/clinic';
import { eventually } from '../support/eventually';

const MIB = 1024 * 1024;
const ERROR_FIELDS = ['code', 'error', 'nextAction', 'requestId'];

const NOWHERE = '/v2/nowhere';
/** Takes any JSON object; without an integration a good one ends as `not_found`. */
const ANY_BODY = '/v2/integrations/practicehub/credentials/rollback';

describeOnBothQueues('the application', (application) => {
  const server = (): ReturnType<typeof request> => request(application().url);
  const expectError = (answer: request.Response, status: number, code: string): void => {
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(Object.keys(answer.body).sort()).toEqual(expect.arrayContaining(ERROR_FIELDS));
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
  };

  describe('health', () => {
    const up = { status: 'up' };

    it('is alive and ready', async () => {
      await server().get('/health/live').expect(200, { status: 'ok' });
      const answer = await server().get('/health/ready').expect(200);
      const checks = { database: up, queue: up, migrations: up, draining: up };
      expect(answer.body).toEqual({ status: 'ok', checks, dependencies: {} });
    });

    it('serves metrics by route template', async () => {
      await server().get('/health/live');
      const answer = await server().get('/metrics').expect(200);
      expect(answer.headers['content-type']).toContain('text/plain');
      expect(answer.text).toMatch(
        /interlock_http_request_duration_seconds_count\{method="GET",route="\/health\/live",status="200"\} \d+/,
      );
      expect(answer.text).toContain('process_cpu_user_seconds_total');
    });
  });

  it('leads from its address to documentation and console in development', async () => {
    const page = await server().get('/').expect(200);
    const links = [...page.text.matchAll(/href="([^"]+)"/g)].map(([, link]) => link!);
    expect(links).toEqual(['/docs', '/admin', '/openapi.json']);
    // the console is built with the programs, and says so where it is not
    for (const link of ['/docs', '/openapi.json']) expect((await server().get(link).redirects(1)).status).toBe(200);
  });

  describe('errors', () => {
    it('answers an unknown route in the one shape', async () => {
      const answer = await server().get('/no/such/route?secret=canary');
      expectError(answer, 404, 'not_found');
      expect(Object.keys(answer.body).sort()).toEqual(ERROR_FIELDS);
      expect(JSON.stringify(answer.body)).not.toContain('canary');
    });

    it('echoes a sane request id and replaces any other', async () => {
      const kept = await server().get(NOWHERE).set('x-request-id', 'order-4711.retry_2');
      expect(kept.body.requestId).toBe('order-4711.retry_2');
      for (const insane of ['spaces in it', '<script>', 'x'.repeat(129)]) {
        const replaced = await server().get(NOWHERE).set('x-request-id', insane);
        expect(replaced.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
        expect(replaced.body.requestId).toBe(replaced.headers['x-request-id']);
      }
    });

    it('answers even what is not HTTP in the one shape', async () => {
      const raw = await send(application().config.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n');
      expect(raw).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      const body = JSON.parse(raw.slice(raw.indexOf('\r\n\r\n'))) as Record<string, unknown>;
      expect(Object.keys(body).sort()).toEqual(ERROR_FIELDS);
      expect(raw).toContain(`x-request-id: ${String(body['requestId'])}\r\n`);
    });

    it('tells the version of an answer under /v2, of a request that it could not read too', async () => {
      const answerOf = (target: string): Promise<string> =>
        send(application().config.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n`);
      for (const target of ['/v2', '/v2/integrations', '/V2/integrations?limit=1', `/v2/${'a'.repeat(20_000)}`]) {
        expect(await answerOf(target)).toMatch(/^HTTP\/1\.1 400 [\s\S]*\r\nRevKeen-Version: 2026-05-01\r\n/);
      }
      for (const target of ['/', '/v20', '/api/v1/nodes', '/admin/api/overview']) {
        expect(await answerOf(target)).not.toContain('RevKeen-Version');
      }
    });
  });

  describe('bodies', () => {
    const json = 'application/json';
    let key: string;
    beforeAll(async () => ({ key } = await makeClinic(application())));
    const post = (): request.Test => server().post(ANY_BODY).set('x-api-key', key);
    const postBytes = async (
      body: unknown,
      headers: Record<string, string> = {},
    ): Promise<{ status: number; body: object }> => {
      const init = {
        method: 'POST',
        headers: { 'content-type': json, 'x-api-key': key, ...headers },
        body,
        duplex: 'half',
      };
      const answer = await fetch(application().url + ANY_BODY, init as RequestInit);
      return { status: answer.status, body: (await answer.json()) as object };
    };

    it.each(['{"a":', '{"credentials":{"apiKey":"canary"', 'canary', "{'a':1}", '{"a":1}}', '{"a":"\xff"}'])(
      'refuses malformed JSON: %s',
      async (text) => {
        // latin1: the last one is no UTF-8
        const answer = await postBytes(Buffer.from(text, 'latin1'));
        expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
        expect(JSON.stringify(answer.body)).not.toContain('canary');
      },
    );

    it.each(['[]', '"text"', '1', 'null', 'true'])('refuses JSON that is no object: %s', async (text) => {
      expectError(await post().set('content-type', json).send(text), 400, 'invalid_request');
    });

    it('refuses more than 1 MiB, plain, chunked or packed', async () => {
      const two = JSON.stringify({ a: 'x'.repeat(2 * MIB) });
      const tooLarge = { status: 413, body: { code: 'payload_too_large' } };
      expect(await postBytes(two)).toMatchObject(tooLarge);
      expect(await postBytes(new Blob([two]).stream())).toMatchObject(tooLarge);
      expect(await postBytes(gzipSync(two), { 'content-encoding': 'gzip' })).toMatchObject(tooLarge);
    });

    it('refuses more than 16 KiB, and anything packed, where no credential is asked for', async () => {
      for (const path of ['/api/v1/auth/authenticate', '/api/v1/auth/refresh', '/admin/session']) {
        const open = (): request.Test => server().post(path).set('content-type', json);
        const large = await open().send(JSON.stringify({ a: 'x'.repeat(16 * 1024) }));
        expectError(large, 413, 'payload_too_large');
        expect(large.body.error).toBe('The body is larger than 16 KiB.');
        expectError(await open().set('content-encoding', 'gzip').send('{}'), 415, 'unsupported_media_type');
        expectError(await open().send(JSON.stringify({ a: 'x'.repeat(15 * 1024) })), 400, 'invalid_request');
      }
    });

    it('does not look at the body of who is refused', async () => {
      for (const body of ['{"a":', 'x'.repeat(2 * MIB)]) {
        const refused = await server().post(ANY_BODY).set('content-type', 'text/plain').send(body);
        expectError(refused, 401, 'unauthenticated');
      }
      // the connection that brought it goes on
      await post().expect(404);
    });

    it.each(['', '{"a":'])('takes a body that is cut off after %j for none', async (start) => {
      const { logs, config } = application();
      const before = logs.length;
      const head = `POST ${ANY_BODY} HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${key}\r\nContent-Type: ${json}\r\n`;
      await send(config.port, `${head}Content-Length: 100\r\n\r\n${start}`, { half: true });
      // not the 404 of the handler
      await eventually(() => {
        const line = logs.slice(before).find((each) => each.includes('"msg":"request"'));
        expect([400, 499]).toContain((JSON.parse(line ?? '{}') as { status?: number }).status);
      });
    });

    it.each([
      ['members of one object', `{${Array.from({ length: 1_001 }, (_, i) => `"m${i}":1`).join(',')}}`, '1000 members'],
      ['values in all', `{"a":[${'{},'.repeat(25_000)}{}]}`, '50000 members and items'],
      ['levels', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, '64 levels'],
    ])('refuses too many %s before it parses them', async (_, text, limit) => {
      const answer = await post().set('content-type', json).send(text);
      expectError(answer, 400, 'invalid_request');
      expect(answer.body.error).toContain(limit);
    });

    it('takes up to 1 MiB', async () => {
      const frame = JSON.stringify({ a: '' }).length;
      const answer = await post()
        .set('content-type', json)
        .send(JSON.stringify({ a: 'x'.repeat(MIB - frame) }));
      expectError(answer, 404, 'not_found');
    });

    it.each([
      ['text/plain', 'a=1'],
      ['application/x-www-form-urlencoded', 'a=1'],
      ['multipart/form-data; boundary=x', '--x--'],
      ['application/json; charset=utf-16', '{}'],
      ['application/jsonp', '{}'],
    ])('refuses a body of type %s', async (type, text) => {
      expectError(await post().set('content-type', type).send(text), 415, 'unsupported_media_type');
    });

    it('refuses a body without a type, chunked too', async () => {
      const head = `POST ${ANY_BODY} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx-api-key: ${key}\r\n`;
      const port = application().config.port;
      expect(await send(port, `${head}Content-Length: 2\r\n\r\n{}`)).toMatch(/^HTTP\/1\.1 415/);
      expect(await send(port, `${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 415/,
      );
    });

    it('refuses an encoding it does not know', async () => {
      const answer = await post().set('content-type', json).set('content-encoding', 'nonsense').send('{}');
      expectError(answer, 415, 'unsupported_media_type');
    });

    it.each([
      '',
      'Content-Length: 0\r\n',
      'Content-Type: text/plain\r\nContent-Length: 0\r\n',
      'Transfer-Encoding: chunked\r\n',
    ])('takes no body for an empty object (%j)', async (headers) => {
      const end = headers.startsWith('Transfer') ? '0\r\n\r\n' : '';
      const head = `POST ${ANY_BODY} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx-api-key: ${key}\r\n${headers}\r\n`;
      expect(await send(application().config.port, head + end)).toMatch(/^HTTP\/1\.1 404/);
    });
  });

  describe('RevKeen-Version', () => {
    it('is echoed when known', async () => {
      const answer = await server().get(NOWHERE).set('RevKeen-Version', '2026-05-01');
      expect(answer.headers['revkeen-version']).toBe('2026-05-01');
      expectError(answer, 404, 'not_found');
    });

    it('is refused when unknown, on /v2 only', async () => {
      const answer = await server().get(NOWHERE).set('RevKeen-Version', '2019-01-01');
      expectError(answer, 400, 'invalid_request');
      expect(answer.body.details.fields).toEqual({ 'RevKeen-Version': ['must be 2026-05-01'] });
      await server().get('/health/live').set('RevKeen-Version', '2019-01-01').expect(200);
    });
  });

  describe('documentation', () => {
    it('serves an OpenAPI 3.1 document with both ways to authorize', async () => {
      const { body } = await server().get('/openapi.json').expect(200);
      expect(body.openapi).toMatch(/^3\.1\./);
      expect(body.components.securitySchemes).toMatchObject({
        ApiKeyAuth: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        BearerAuth: { type: 'http', scheme: 'bearer' },
      });
      expect(JSON.stringify(body)).not.toContain('"nullable"');
    });

    it('gives every operation its error answers, in the one shape', async () => {
      const { body } = await server().get('/openapi.json').expect(200);
      type Answer = { $ref?: string; content?: Record<string, { schema: { $ref?: string } }> };
      type Answers = Record<string, Answer>;
      const shared = (body.components.responses ?? {}) as Answers;
      const resolve = (answer: Answer): Answer | undefined =>
        answer.$ref === undefined ? answer : shared[answer.$ref.replace('#/components/responses/', '')];
      const paths = body.paths as Record<string, Record<string, { responses: Answers }>>;
      for (const operation of Object.values(paths).flatMap((item) => Object.values(item))) {
        const failures = Object.entries(operation.responses).filter(([status]) => /^[45]/.test(status));
        expect(failures.map(([status]) => status)).toEqual(expect.arrayContaining(['400', '500']));
        for (const [, answer] of failures) {
          expect(resolve(answer)?.content?.['application/json']?.schema.$ref).toMatch(
            /\/(ErrorBody|ResumeErrorBody|NotReadyBody|NotLiveBody)$/,
          );
        }
      }
    });

    it('serves Swagger UI that keeps what Authorize was given', async () => {
      const page = await server().get('/docs').expect(200);
      expect(page.text).toContain('swagger-ui');
      expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
      const init = await server().get('/docs/swagger-ui-init.js').expect(200);
      expect(init.text).toMatch(/"persistAuthorization": true/);
      await server().get('/docs/swagger-ui-bundle.js').expect(200);
    });

    it('keeps the admin document and its pages for those who are signed in', async () => {
      const token = await adminToken(application(), 'viewer');
      const anonymous = await server().get('/v2/integrations');
      expect(anonymous.headers['www-authenticate']).toMatch(/^ApiKey .*, Bearer /);
      for (const path of ['/admin/openapi.json', '/admin/docs', '/admin/docs/swagger-ui-init.js']) {
        expectError(await server().get(path), 401, 'unauthenticated');
        await server().get(path).set('authorization', `Bearer ${token}`).expect(200);
        await server().get(path).set('cookie', `interlock_admin=${token}`).expect(200);
      }
      const page = await server().get('/admin/docs').set('cookie', `interlock_admin=${token}`);
      expect(page.headers['content-security-policy']).toContain("style-src 'self' https: 'unsafe-inline'");
      const { text } = await server().get('/docs/swagger-ui-init.js').expect(200);
      expect(text).not.toContain('/admin/api');
    });
  });

  it('does not serve the provider simulators, which have an origin of their own and are no part of the document', async () => {
    const { sandbox } = application();
    expectError(await server().get(sandbox.credentials.practicehub.path), 404, 'not_found');
    const { body } = await server().get('/openapi.json');
    expect(Object.keys(body.paths).filter((path) => path.startsWith('/sandbox'))).toEqual([]);
  });

  it('logs one line per request: no path, query, header or body of the caller', async () => {
    const { logs } = application();
    const before = logs.length;
    await server().post('/v2/canary-path?q=canary-query').set('x-api-key', 'canary-header').send({ a: 'canary-body' });
    const lines = logs.slice(before).filter((line) => line.includes('"msg":"request"'));
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({
        method: 'POST',
        route: '(none)',
        status: 404,
        durationMs: expect.any(Number),
        requestId: expect.any(String),
      }),
    ]);
    expect(logs.slice(before).join()).not.toContain('canary');
  });
});

/** Writes bytes as they are and returns all that comes back; `half`: the sending half is closed behind them. */
async function send(port: number, bytes: string, { half = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => (half ? socket.end(bytes) : socket.write(bytes)));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
    setTimeout(() => socket.destroy(new Error(`no end after: ${answer.slice(0, 200)}`)), 5_000).unref();
  });
}
