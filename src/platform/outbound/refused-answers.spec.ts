import type { ServerResponse } from 'node:http';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { failureOf, OutboundCalls } from '../../../test/contract/outbound-calls';
import { json, type OutboundServer } from '../../../test/contract/outbound-server';
import { MAX_ANSWER_PIECES } from './body-reader';

let outbound: OutboundCalls;
let server: OutboundServer;
let get: OutboundCalls['get'];

beforeEach(async () => {
  outbound = await OutboundCalls.start();
  ({ server, get } = outbound);
});

afterEach(() => outbound.stop());

describe('an answer that is refused', () => {
  const MiB = 1024 * 1024;
  const plain = (status: number, type: string, body: string) => () => {
    server.handle = (_request, response) => {
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    };
  };

  it.each<[string, () => void, string]>([
    ['HTML', plain(200, 'text/html', '<html>log in</html>'), 'is a web page and not JSON'],
    [
      'XHTML',
      plain(200, 'Application/XHTML+XML; charset=utf-8', '<?xml version="1.0"?>'),
      'is a web page and not JSON',
    ],
    ['HTML that calls itself JSON', plain(200, 'application/json', '<html>'), 'is a web page and not valid JSON'],
    ['HTML behind a byte order mark', plain(200, 'application/json', '\ufeff\n<!DOCTYPE html>'), 'is a web page'],
    ['something else in brackets', plain(200, 'application/json', '<rows/>'), 'is not valid JSON'],
    ['truncated JSON', plain(200, 'application/json', '{"data":[{"id":1},{"i'), 'not valid JSON'],
    ['nothing', plain(200, 'application/json', ''), 'empty'],
    ['JSON that calls itself text', plain(200, 'text/plain', '{}'), 'not JSON'],
    ['a status that nobody classified', plain(418, 'application/json', '{}'), '418'],
  ])('%s', async (_name, prepare, words) => {
    prepare();
    const failure = await failureOf(get());
    expect(failure).toMatchObject({ verdict: 'contract', message: expect.stringContaining(words) });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [401, 'auth'],
    [502, 'provider_down'],
    [503, 'provider_down'],
  ] as const)('is classified by its status before its type (%i: %s)', async (status, verdict) => {
    plain(status, 'text/html; charset=nobody-knows', '<html>')();
    expect(await failureOf(get())).toMatchObject({ verdict, status, tooLarge: false });
  });

  it('50 MiB are cut off, and memory does not hold them', async () => {
    let sent = 0;
    server.handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(64 * 1024, ' ');
      const more = () => {
        while (sent < 50 * MiB) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end('{}');
      };
      more();
    };
    expect(await failureOf(get())).toMatchObject({
      verdict: 'contract',
      message: expect.stringContaining('too large'),
    });
    expect(sent).toBeLessThan(20 * MiB);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['gzip', gzipSync],
    // the lowest quality: the highest takes half a minute on a busy machine
    ['br', (data: Buffer) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['deflate', deflateSync],
    ['gzip, gzip', (data: Buffer) => gzipSync(gzipSync(data))],
  ] as const)('a bomb of 200 MiB in %s goes off against the cap', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(200 * MiB, ' '));
    expect(bomb.length).toBeLessThan(MiB);
    server.handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
      response.end(bomb);
    };
    const before = process.memoryUsage().arrayBuffers;
    expect(await failureOf(get())).toMatchObject({
      verdict: 'contract',
      message: expect.stringContaining('too large'),
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * MiB);
  });

  it('compressed nothing without end is cut off, though it never comes to anything', async () => {
    const nothing = gzipSync('');
    server.handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(Buffer.concat(Array.from({ length: (12 * MiB) / nothing.length }, () => nothing)));
    };
    expect(await failureOf(get())).toMatchObject({
      verdict: 'contract',
      message: expect.stringContaining('too large'),
    });
  });

  it('a byte keeps nothing of the piece that it came in', async () => {
    const piece = `1;${'x'.repeat(60_000)}\r\n \r\n`;
    server.handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      let left = 8_000;
      const more = (): void => {
        while (left-- > 0 && response.socket!.write(piece));
        if (left < 0) response.socket!.end('2\r\n{}\r\n0\r\n\r\n');
      };
      response.socket!.on('drain', more);
      more();
    };
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 10);
    expect((await get()).body).toEqual({});
    clearInterval(watch);
    expect(most).toBeLessThan(150 * MiB);
  });

  it('a body in pieces of one byte is cut off at the cap of pieces', async () => {
    server.handle = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      response.socket!.end('1\r\n \r\n'.repeat(Number(request.url!.slice(1))) + '2\r\n{}\r\n0\r\n\r\n');
    };
    expect((await get(`/${MAX_ANSWER_PIECES - 1}`)).body).toEqual({});
    expect(await failureOf(get(`/${MAX_ANSWER_PIECES}`))).toMatchObject({
      tooLarge: true,
      message: expect.stringContaining('too large'),
    });
  });

  it('the cap is on the decompressed size: just below it passes', async () => {
    outbound.open({ maxBytes: 100_000 });
    const body = (size: number) => gzipSync(JSON.stringify('x'.repeat(size - 2)));
    server.handle = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(body(Number(request.url!.slice(1))));
    };
    expect((await get('/100000')).status).toBe(200);
    expect(await failureOf(get('/100001'))).toMatchObject({
      tooLarge: true,
      message: expect.stringContaining('too large'),
    });
  });

  it.each([
    ['cut in the middle', 'gzip', gzipSync('{"a":1,"b":"xxxxxxxxxxxxxxxxxxxxxxxx"}').subarray(0, 25)],
    ['not compressed at all', 'gzip', Buffer.from('{"a":1}')],
    ['cut in the middle of its inner encoding', 'deflate, gzip', gzipSync(deflateSync('{"a":1}').subarray(0, 9))],
    ['an encoding on an encoding on an encoding', 'gzip, gzip, gzip', gzipSync(gzipSync(gzipSync('{}')))],
    ['an unknown encoding', 'zstd', Buffer.from('{}')],
    ['an unknown encoding under another', 'compress, gzip', gzipSync('{}')],
  ])('a body that is %s', async (_name, encoding, body) => {
    server.handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
      response.end(body);
    };
    expect(await failureOf(get())).toMatchObject({ verdict: 'contract' });
  });

  it('preliminary answers without end; ten are taken', async () => {
    let written = 0;
    const hints = (response: ServerResponse, most: number): Promise<void> =>
      new Promise((resolve) => {
        const write = (): void => {
          if (written >= most || response.socket?.destroyed !== false) return resolve();
          written += 1;
          response.writeEarlyHints({ link: '</x>; rel=preload' }, () => setImmediate(write));
        };
        write();
      });
    server.handle = (request, response) =>
      void hints(response, Number(request.url!.slice(1))).then(() => json(response, 200, { ok: true }));
    expect((await get('/10')).body).toEqual({ ok: true });
    written = 0;
    const failure = await failureOf(get('/100000'));
    expect(failure).toMatchObject({ verdict: 'contract', nothingSent: false });
    expect(failure.message).toContain('preliminary answers');
    // the connection is given up, not read on
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written).toBeLessThan(10_000);
  });
});
