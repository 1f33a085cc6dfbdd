import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { failureOf, OutboundCalls } from '../../../test/contract/outbound-calls';
import { json, startOutboundServer, type OutboundServer } from '../../../test/contract/outbound-server';
import { DestinationRefused } from './destination';

let outbound: OutboundCalls;
let server: OutboundServer;
let get: OutboundCalls['get'];

beforeEach(async () => {
  outbound = await OutboundCalls.start();
  ({ server, get } = outbound);
});

afterEach(() => outbound.stop());

describe('a good answer', () => {
  it('brings status, body, headers and the provider’s clock', async () => {
    server.handle = (_request, response) =>
      json(response, 200, { a: 1 }, { date: 'Tue, 05 May 2026 10:00:00 GMT', 'x-page': '2' });
    const answer = await get();
    expect(answer).toMatchObject({ status: 200, body: { a: 1 }, gone: false });
    expect(answer.providerTime).toEqual(new Date('2026-05-05T10:00:00Z'));
    expect(answer.headers['x-page']).toBe('2');
    expect(outbound.metrics).toEqual([expect.objectContaining({ status: 200, verdict: null, attempt: 1 })]);
    expect(outbound.metrics[0]!.bytes).toBe(7);
  });

  it('sends the adapter’s headers and JSON, and only those', async () => {
    await get('/x?y=1', { method: 'POST', headers: { 'X-Api-Key': 'k' }, body: { n: 1 } });
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/x?y=1', body: '{"n":1}' });
    expect(server.requests[0]!.headers).toMatchObject({ 'x-api-key': 'k', 'content-type': 'application/json' });
    expect(Object.keys(server.requests[0]!.headers).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-api-key',
    ]);
  });

  it('says gone where the adapter says so, even when the body is a web page', async () => {
    server.handle = (_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' });
      response.end('<html>');
    };
    expect(await get()).toMatchObject({ status: 404, gone: true, body: undefined });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['x-gzip', gzipSync],
    ['GZip', gzipSync],
    ['identity', Buffer.from],
    ['', Buffer.from],
    ['identity, gzip , identity', gzipSync],
    ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
    ['deflate, gzip', (text: string) => gzipSync(deflateRawSync(text))],
  ] as const)('reads %s', async (encoding, compress) => {
    server.handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-encoding': encoding });
      response.end(
        (compress as (text: string) => Buffer)(
          JSON.stringify({ rows: Array.from({ length: 5000 }, (_, id) => ({ id })) }),
        ),
      );
    };
    expect(((await get()).body as { rows: unknown[] }).rows).toHaveLength(5000);
  });

  it('may be empty only where the caller said so', async () => {
    server.handle = (_request, response) => {
      response.writeHead(204);
      response.end();
    };
    expect(await get('/', { method: 'POST', body: {}, acceptEmpty: true })).toMatchObject({ status: 204 });
    expect((await failureOf(get())).message).toContain('empty');
  });
});

describe('connections', () => {
  it('are reused', async () => {
    for (let count = 0; count < 10; count += 1) await get();
    expect(server.requests).toHaveLength(10);
    // two, not one: a pool hands out a second connection while the first is still finishing its answer
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('are bounded in number', async () => {
    await Promise.all(Array.from({ length: 200 }, () => get()));
    expect(server.requests).toHaveLength(200);
    expect(server.connections).toBeLessThanOrEqual(64);
  });
});

describe('time', () => {
  it('headers that never come: a time-out, not a hang', async () => {
    outbound.open({ headersTimeoutMs: 150 });
    server.handle = () => undefined;
    const failure = await failureOf(get('/', { method: 'POST', body: {} }));
    expect(failure).toMatchObject({ verdict: 'network', timedOut: true, nothingSent: false });
  });

  it('a body that trickles for ever ends with the total time-out', async () => {
    outbound.open({ totalTimeoutMs: 300 });
    server.handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    };
    const started = Date.now();
    const failure = await failureOf(get('/', { method: 'POST', body: {} }));
    expect(failure).toMatchObject({ verdict: 'network', timedOut: true });
    expect(Date.now() - started).toBeLessThan(600);
  });

  it('a connection that cannot be made is no time-out, and nothing was sent', async () => {
    const { port } = server;
    await server.close();
    const failure = await failureOf(get('/', { url: `http://127.0.0.1:${port}/`, method: 'POST', body: {} }));
    expect(failure).toMatchObject({ verdict: 'network', timedOut: false, nothingSent: true });
  });

  it('a connection that breaks after the request left leaves the outcome open', async () => {
    server.handle = (request) => request.socket.destroy();
    const failure = await failureOf(get('/', { method: 'POST', body: {} }));
    expect(failure).toMatchObject({ verdict: 'network', nothingSent: false });
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, OutboundServer['handle']]>([
    ['before the headers', () => undefined],
    [
      'in the middle of the body',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('[');
      },
    ],
  ])('an abort %s takes effect within 100 ms and with the caller’s reason', async (_name, handle) => {
    server.handle = handle;
    const controller = new AbortController();
    const reason = new Error('the run was cancelled');
    const call = get('/', {}, controller.signal);
    setTimeout(() => controller.abort(reason), 80);
    const started = Date.now();
    await expect(call).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(180);
    expect(outbound.metrics.at(-1)).toMatchObject({ verdict: 'aborted' });
  });

  it('an abort while the name is being resolved, too', async () => {
    outbound.open({ resolver: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const call = get('/', { url: 'http://slow.example.com/' }, controller.signal);
    setTimeout(() => controller.abort(), 50);
    const started = Date.now();
    await expect(call).rejects.toThrow(/abort/i);
    expect(Date.now() - started).toBeLessThan(150);
  });

  it('an abort between two attempts, too', async () => {
    outbound.open({ sleep: undefined, random: () => 1 });
    server.handle = (_request, response) => json(response, 503, {}, { 'retry-after': '4' });
    const controller = new AbortController();
    const call = get('/', {}, controller.signal);
    setTimeout(() => controller.abort(), 100);
    const started = Date.now();
    await expect(call).rejects.toThrow(/abort/i);
    expect(Date.now() - started).toBeLessThan(200);
  });

  it('nothing leaves when the signal is aborted already', async () => {
    await expect(get('/', {}, AbortSignal.abort())).rejects.toThrow(/abort/i);
    expect(server.connections).toBe(0);
  });

  it('a POST that was broken off before it left says that it had no effect, and one on its way does not', async () => {
    const post = { method: 'POST', body: {} } as const;
    expect(await failureOf(get('/', post, AbortSignal.abort()))).toMatchObject({ nothingSent: true });
    expect(server.connections).toBe(0);
    // between two attempts, of which the first was turned away
    outbound.open({ sleep: undefined, random: () => 1 });
    server.handle = (_request, response) => json(response, 429, {}, { 'retry-after': '4' });
    const limited = { ...post, classify: () => ({ verdict: 'rate_limited' }) as const };
    const waiting = new AbortController();
    const turnedAway = get('/', limited, waiting.signal);
    setTimeout(() => waiting.abort(), 100);
    expect(await failureOf(turnedAway)).toMatchObject({ nothingSent: true });

    const sent = new AbortController();
    server.handle = () => sent.abort();
    await expect(get('/', post, sent.signal)).rejects.toThrow(/abort/i);
  });
});

describe('redirects', () => {
  const to = (location: string, status = 302) => {
    server.handle = (request, response) => {
      if (request.url === '/end') return json(response, 200, { end: true });
      response.writeHead(status, { location });
      response.end();
    };
  };

  it('are followed on the same origin', async () => {
    to('/end');
    expect((await get('/', { headers: { 'x-api-key': 'k' } })).body).toEqual({ end: true });
    expect(server.requests.map(({ headers }) => headers['x-api-key'])).toEqual(['k', 'k']);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'https://evil.example.com/',
    'http://localhost:1/',
    '//evil.example.com/end',
    'file:///etc/passwd',
    'http://user:pass@127.0.0.1/',
    'http://[broken',
  ])('are not followed to %s', async (location) => {
    to(location);
    const failure = await failureOf(get());
    expect(failure).toBeInstanceOf(DestinationRefused);
    expect(server.requests).toHaveLength(1);
  });

  it('are not followed to another port of the same host', async () => {
    const other = await startOutboundServer((_request, response) => json(response, 200, {}));
    to(`${other.origin}/end`);
    expect(await failureOf(get())).toMatchObject({ reason: 'redirect' });
    expect(other.connections).toBe(0);
    await other.close();
  });

  it('of an exempt simulator do not leave its path', async () => {
    outbound.open({ allowPrivate: false });
    to('/end');
    const call = outbound.client
      .bind({
        allowedHostSuffixes: null,
        exemptPrefix: `${server.origin}/sim`,
        signal: new AbortController().signal,
        budget: null,
      })
      .request({ method: 'GET', url: `${server.origin}/sim/x`, headers: {}, classify: () => null });
    expect(await failureOf(call)).toBeInstanceOf(DestinationRefused);
    expect(server.requests.map(({ url }) => url)).toEqual(['/sim/x']);
  });

  it('are not followed for a POST', async () => {
    to('/end', 307);
    expect(await failureOf(get('/', { method: 'POST', body: {} }))).toMatchObject({ reason: 'redirect' });
    expect(server.requests).toHaveLength(1);
  });

  it('end', async () => {
    to('/again');
    expect(await failureOf(get())).toMatchObject({ verdict: 'contract' });
    expect(server.requests).toHaveLength(4);
  });
});

describe('what is said about a failure', () => {
  it('carries no credential, address or token of the provider’s words', async () => {
    const key = 'pk-9f86d081884c';
    server.handle = (_request, response) =>
      json(response, 401, { message: `Key ${key} of jane.doe@clinic.example is unknown. ${'x'.repeat(300)}` });
    const failure = await failureOf(get('/', { headers: { 'x-api-key': key } }));
    expect(failure.providerMessage).toMatch(/^Key \[redacted\] of \[e-mail\] is unknown\./);
    expect(failure.providerMessage!.length).toBeLessThanOrEqual(200);
    expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain(key);
    expect(failure.message).not.toContain('127.0.0.1');
  });

  it('the metrics carry numbers and words of ours only', async () => {
    await get('/patients?key=secret', { headers: { 'x-api-key': 'secret' } });
    expect(JSON.stringify(outbound.metrics)).not.toMatch(/secret|patients|127/);
  });
});
