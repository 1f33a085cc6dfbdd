import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { openListener } from '../../src/platform/http/listener';
import { MAX_READING_BYTES_PER_CALLER } from '../../src/platform/http/server/body-budget';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

jest.setTimeout(60_000);

const MIB = 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

describe('requests that stall', () => {
  let running: TestApp;
  let clinic: Clinic;
  let neighbour: Clinic;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    running = await startTestApp();
    clinic = await makeClinic(running, { sizes: { '*': 0 } });
    neighbour = await makeClinic(running, { sizes: { '*': 0 } });
  }, 60_000);
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
  afterAll(() => running?.close());

  /** A connection, and every answer that has come over it. */
  const open = async (origin = running.url): Promise<{ socket: Socket; answers: Answer[] }> => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    sockets.push(socket);
    const answers: Answer[] = [];
    let text = '';
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (more) => {
      text += more;
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (end < 0 || text.length < end + 4 + length) return;
      const [head, body] = [text.slice(0, end), text.slice(end + 4, end + 4 + length)];
      answers.push({ status: Number(head.split(' ')[1]), head, body });
      text = text.slice(end + 4 + length);
    });
    await once(socket, 'connect');
    return { socket, answers };
  };
  const send = async (target: string, headers: string[], body: string, origin?: string) => {
    const opened = await open(origin);
    const [method, path] = target.split(' ');
    const head = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', ...headers];
    opened.socket.write([...head, '', ''].join('\r\n') + body);
    return opened;
  };
  const whole = ' '.repeat(MIB - 15) + '{"products":[]}';
  const put = async (headers: Record<string, string>): Promise<number> =>
    (
      await fetch(`${running.url}/v2/products`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...headers },
        body: whole,
      })
    ).status;
  const refusedOf = (opened: readonly { answers: Answer[] }[]): Answer[] => opened.flatMap(({ answers }) => answers);
  const expectRefusal = ({ status, head, body }: Answer): void => {
    expect([status, JSON.parse(body).code]).toEqual([503, 'unavailable']);
    expect(head).toMatch(/\r\nretry-after: [1-9]\d*\r\n/i);
  };

  it('of one key hold its share of memory; others are served, and so is the key when they have gone', async () => {
    const length = `Content-Length: ${MIB}`;
    const stalled = await Promise.all(
      Array.from({ length: MAX_READING_BYTES_PER_CALLER / MIB + 4 }, () =>
        send('PUT /v2/products', [`x-api-key: ${clinic.key}`, length], ' '.repeat(MIB - 10)),
      ),
    );
    await eventually(() => expect(refusedOf(stalled).length).toBeGreaterThanOrEqual(4));
    refusedOf(stalled).forEach(expectRefusal);
    // some of the others may still be on their way
    await eventually(async () => expect(await put({ 'x-api-key': clinic.key })).toBe(503));
    expect(await put({ 'x-api-key': neighbour.key })).toBe(200);
    stalled.forEach(({ socket }) => socket.destroy());
    await eventually(async () => expect(await put({ 'x-api-key': clinic.key })).toBe(200));
  });

  /** Waits for its turn of Node's check, not for the time itself. */
  const timesOut = async (server: Server, origin: string): Promise<void> => {
    const { headersTimeout, requestTimeout } = server;
    expect([headersTimeout, requestTimeout]).toEqual([15_000, 30_000]);
    try {
      Object.assign(server, { headersTimeout: 150, requestTimeout: 300 });
      const head = await open(origin);
      head.socket.write('GET /health/live HTTP/1.1\r\nHost: loc');
      const length = ['Content-Length: 100', `x-api-key: ${neighbour.key}`];
      const body = await send('PUT /v2/products', length, '{', origin);
      const late = [head, body];
      await eventually(() => expect(late.map(({ answers }) => answers.length)).toEqual([1, 1]), 12_000);
      for (const { answers, socket } of late) {
        const [answer] = answers as [Answer];
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.body)).toMatchObject({
          code: 'invalid_request',
          error: 'The request did not arrive in time.',
        });
        await eventually(() => expect(socket.closed).toBe(true));
      }
    } finally {
      Object.assign(server, { headersTimeout, requestTimeout });
    }
  };

  it('are ended: on the listener of the API', () => timesOut(running.app.getHttpServer() as Server, running.url));

  it('are ended: on every listener beside it', async () => {
    let server: Server | null = null;
    const handler: RequestListener = (request, response) => {
      server = (request.socket as unknown as { server: Server }).server;
      // of what does not end there is no answer
      request.resume().once('end', () => response.end('served'));
    };
    const listener = await openListener(handler, { port: 0, host: '127.0.0.1', hosts: null });
    try {
      expect((await fetch(listener.url)).status).toBe(200);
      await timesOut(server!, listener.url);
    } finally {
      await listener.close();
    }
  });
});
