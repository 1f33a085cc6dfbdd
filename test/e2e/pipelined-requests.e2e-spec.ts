import { once } from 'node:events';
import { Agent, get, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import openApi from '../../openapi.json';
import { MAX_UNANSWERED } from '../../src/platform/http/listener';
import { startTestApp, type TestApp } from '../support/app';

jest.setTimeout(60_000);

const CHUNK = 64 * 1024;
const FILES = ['/', '/openapi.json', '/admin', '/nowhere', '/%'].concat(
  ['', '/', '/swagger-ui-init.js', '/docs/swagger-ui-init.js', '/swagger-ui-bundle.js'].map((rest) => `/docs${rest}`),
  ['/assets/main.js', '/queues', '/queues/static/nowhere.js'].map((rest) => `/admin${rest}`),
);
const TARGETS = Object.entries(openApi.paths)
  .filter(([path, methods]) => 'get' in methods && !path.includes('{'))
  .map(([path]) => path)
  .concat(FILES);

describe('requests that are pipelined', () => {
  let running: TestApp;
  let handled = 0;
  beforeAll(async () => {
    running = await startTestApp();
    (running.app.getHttpServer() as Server).on('request', () => handled++);
  });
  afterAll(async () => running?.close());
  beforeEach(() => (handled = 0));

  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  // reset or not
  const closing = (socket: Socket): Promise<void> => new Promise((closed) => socket.once('close', () => closed()));
  const asked = (target: string, ...more: string[]): string =>
    [`GET ${target} HTTP/1.1`, 'Host: localhost', ...more, '', ''].join('\r\n');

  it.each(TARGETS)('are few for each connection, of GET %s too', async (target) => {
    const socket = await open();
    const closed = closing(socket.resume());
    socket.write(asked(target).repeat(Math.ceil(CHUNK / asked(target).length)));
    await closed;
    expect(handled).toBeGreaterThan(0);
    expect(handled).toBeLessThanOrEqual(MAX_UNANSWERED);
    expect((await fetch(`${running.url}/health/live`)).status).toBe(200);
  });

  it('are all answered where they are two or three', async () => {
    for (const count of [2, 3]) {
      const socket = await open();
      let answers = '';
      socket.setEncoding('utf8').on('data', (text) => (answers += text));
      const closed = closing(socket);
      socket.write(asked('/health/live').repeat(count - 1) + asked('/health/ready', 'Connection: close'));
      await closed;
      expect(answers.match(/HTTP\/1\.1 200 /g)).toHaveLength(count);
    }
  });

  it('are something else than many, one after the other, on a connection that stays', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let call = 0; call < MAX_UNANSWERED * 10; call++) {
      const [response] = await once(get(`${running.url}/health/live`, { agent }), 'response');
      expect(response.statusCode).toBe(200);
      ports.add(response.socket.localPort);
      await once(response.resume(), 'end');
    }
    agent.destroy();
    expect(ports.size).toBe(1);
    expect(handled).toBe(MAX_UNANSWERED * 10);
  });
});
