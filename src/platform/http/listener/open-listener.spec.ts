import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { LINGER_MS, MAX_UNANSWERED, openListener, type Listener } from '.';

const LOOPBACK_NAMES = [
  'localhost',
  'LOCALHOST:1',
  'localhost.',
  'a.b.localhost',
  '127.0.0.1',
  '127.9.9.9:80',
  '[::1]:3000',
];
const OTHER_NAMES = [
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example:3000',
  'xlocalhost',
  '0.0.0.0',
  '1.2.3.4',
  '[::2]',
  '127.1',
  '2130706433',
];
const NO_NAMES = [
  '',
  'localhost evil',
  'localhost@evil.example',
  'localhost/evil',
  'localhost:port',
  '[::1',
  'ünïcode',
  '.localhost',
];

/** What one request as it stands is answered: status line, head and body. */
async function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
      if (answer.includes('\r\n\r\n')) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

const lines = (...all: string[]): string => [...all, 'Connection: close', '', ''].join('\r\n');

describe('a listener', () => {
  const open: Listener[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  const listen = async (
    host: string,
    allowedHosts: string[] | null,
    ownOrigins: string[] = [],
  ): Promise<(request: string) => Promise<number>> => {
    const listener = await openListener((_request, response) => response.end('served'), {
      port: 0,
      host,
      hosts: { allowedHosts, ownOrigins },
    });
    open.push(listener);
    return async (request) => {
      const answer = await exchange(listener.port, request);
      expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
      expect(answer).toMatch(/\r\ncontent-security-policy: default-src 'none'/i);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      expect(answer.endsWith('served')).toBe(status === 200);
      if (status === 400) expect(answer).toContain('"code":"invalid_request"');
      return status;
    };
  };
  const verdicts = async (ask: (request: string) => Promise<number>, names: string[]): Promise<[string, number][]> => {
    const found: [string, number][] = [];
    for (const name of names) found.push([name, await ask(lines('GET / HTTP/1.1', `Host: ${name}`))]);
    return found;
  };
  const all = (names: string[], status: number): [string, number][] => names.map((name) => [name, status]);

  it('on loopback answers to loopback names and those it was given, and to no other', async () => {
    const ask = await listen('127.0.0.1', null, ['https://console.example.com:8443']);
    const good = [...LOOPBACK_NAMES, 'console.example.com', 'Console.Example.com:443'];
    expect(await verdicts(ask, good)).toEqual(all(good, 200));
    const bad = [...OTHER_NAMES, ...NO_NAMES, 'x.console.example.com'];
    expect(await verdicts(ask, bad)).toEqual(all(bad, 400));
  });

  it('elsewhere answers to ALLOWED_HOSTS where they are set', async () => {
    const ask = await listen('0.0.0.0', ['api.example.com', '.svc.example.com'], ['https://console.example.com']);
    const good = ['api.example.com:3000', 'a.svc.example.com', 'a.b.svc.example.com', 'console.example.com'];
    expect(await verdicts(ask, good)).toEqual(all(good, 200));
    const bad = [...OTHER_NAMES, ...NO_NAMES, ...LOOPBACK_NAMES, 'svc.example.com', 'xapi.example.com'];
    expect(await verdicts(ask, bad)).toEqual(all(bad, 400));
  });

  it('elsewhere answers to every name that is one where they are not', async () => {
    const ask = await listen('0.0.0.0', null);
    const good = [...OTHER_NAMES, ...LOOPBACK_NAMES];
    expect(await verdicts(ask, good)).toEqual(all(good, 200));
    expect(await verdicts(ask, NO_NAMES)).toEqual(all(NO_NAMES, 400));
    expect(await ask(lines('GET / HTTP/1.0'))).toBe(200);
  });

  it.each<[string, string[], number]>([
    ['no Host', ['GET / HTTP/1.1'], 400],
    ['no Host in HTTP/1.0', ['GET / HTTP/1.0'], 400],
    ['two Hosts', ['GET / HTTP/1.1', 'Host: localhost', 'Host: evil.example'], 400],
    ['one Host twice', ['GET / HTTP/1.1', 'Host: localhost', 'Host: localhost'], 400],
    ['a target elsewhere', ['GET http://evil.example/ HTTP/1.1', 'Host: localhost'], 400],
    ['a target here under a Host elsewhere', ['GET http://localhost/ HTTP/1.1', 'Host: evil.example'], 400],
    ['a target with a user', ['GET http://localhost@evil.example/ HTTP/1.1', 'Host: localhost'], 400],
    ['a target of another scheme', ['GET ftp://localhost/ HTTP/1.1', 'Host: localhost'], 400],
    ['an absolute target', ['GET http://localhost:1/x HTTP/1.1', 'Host: localhost'], 200],
    ['an asterisk', ['OPTIONS * HTTP/1.1', 'Host: localhost'], 200],
    ['an upgrade', ['GET / HTTP/1.1', 'Host: evil.example', 'Upgrade: websocket', 'Connection: Upgrade'], 400],
    ['an expectation', ['GET / HTTP/1.1', 'Host: localhost', 'Expect: miracles'], 200],
    ['an expectation elsewhere', ['GET / HTTP/1.1', 'Host: evil.example', 'Expect: miracles'], 400],
    ['what is not HTTP', ['GET / HTTP/1.1', 'Host: localhost', 'no header'], 400],
    ['headers without end', ['GET / HTTP/1.1', 'Host: localhost', `x: ${'x'.repeat(20_000)}`], 400],
    ['a method that nobody knows', ['NONSENSE / HTTP/1.1', 'Host: localhost'], 400],
    ['two lengths', ['POST / HTTP/1.1', 'Host: localhost', 'Content-Length: 1', 'Content-Length: 2'], 400],
  ])('answers %s under the same rules', async (_what, request, status) => {
    const ask = await listen('127.0.0.1', null);
    expect(await ask(lines(...request))).toBe(status);
  });

  it('answers probes by address where it has no rule', async () => {
    const listener = await openListener((_request, response) => response.end('served'), {
      port: 0,
      host: '127.0.0.1',
      hosts: null,
    });
    open.push(listener);
    expect(await exchange(listener.port, lines('GET / HTTP/1.1', 'Host: 10.1.2.3'))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await exchange(listener.port, lines('GET / HTTP/1.0'))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('hides no header, however many come before it', async () => {
    const seen: unknown[] = [];
    const served = await openListener(
      (request, response) => {
        seen.push(request.headers['x-last']);
        response.end();
      },
      { port: 0, host: '127.0.0.1', hosts: null },
    );
    open.push(served);
    await exchange(served.port, lines('GET / HTTP/1.1', 'Host: localhost', ...Array(3_000).fill('a:'), 'x-last: here'));
    expect(seen).toEqual(['here']);
  });

  it('ends a connection whose body goes on after the answer', async () => {
    const served = await openListener((_request, response) => response.end('refused'), {
      port: 0,
      host: '127.0.0.1',
      hosts: null,
    });
    open.push(served);
    const socket = connect(served.port, '127.0.0.1').on('error', () => undefined);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => (answer += text));
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n');
    const feeding = setInterval(() => socket.write('x'.repeat(1_000)), 50);
    const startedAt = performance.now();
    await new Promise((closed) => socket.once('close', closed));
    clearInterval(feeding);
    expect(answer).toContain('refused');
    expect(performance.now() - startedAt).toBeLessThan(LINGER_MS + 2_000);
  });

  it('handles few requests of one connection, and tells the end of the connection to each', async () => {
    let handled = 0;
    let ended = 0;
    const all = new Promise<void>((done) => {
      const handler: RequestListener = (_request, response) => {
        handled++;
        response.once('close', () => ++ended === handled && done());
      };
      void openListener(handler, { port: 0, host: '127.0.0.1', hosts: null }).then((listener) => {
        open.push(listener);
        connect(listener.port, '127.0.0.1')
          .on('error', () => undefined)
          .write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1_000));
      });
    });
    await all;
    expect([handled, ended]).toEqual([MAX_UNANSWERED, MAX_UNANSWERED]);
  });
});
