import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import express, { type Response } from 'express';
import { EventStream } from './event-stream';

/** Far past what the kernel and the stream take for a reader that does not read. */
const PIECE = 'x'.repeat(64 * 1024);
const MANY_PIECES = 2_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const closed = (response: Response): Promise<void> =>
  new Promise((resolve) => (response.closed ? resolve() : response.once('close', () => resolve())));

describe('a stream of events', () => {
  let server: Server;
  let reader: Socket;
  let response: Response;
  let stream: EventStream;
  /** Of this test's stream; the one before may still be ending. */
  let ends: { count: number };
  const uncaught: unknown[] = [];
  const catchIt = (error: unknown): void => void uncaught.push(error);

  beforeEach(async () => {
    uncaught.length = 0;
    const counted = { count: 0 };
    ends = counted;
    process.on('uncaughtException', catchIt);
    const app = express();
    const opened = new Promise<void>((resolve) => {
      app.get('/', (_request, answer) => {
        response = answer;
        stream = new EventStream(answer);
        stream.onEnd(() => counted.count++);
        resolve();
      });
    });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    reader.on('error', () => undefined);
    reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await opened;
  });
  afterEach(async () => {
    process.off('uncaughtException', catchIt);
    reader.destroy();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(uncaught).toEqual([]);
  });

  it('arrives as it is sent', async () => {
    const text = new Promise<string>((resolve) => {
      let all = '';
      reader.on('data', (chunk) => {
        all += chunk.toString();
        if (all.includes('"n":1')) resolve(all);
      });
    });
    stream.heartbeat();
    stream.send('runs', { n: 1 });
    expect(await text).toMatch(/text\/event-stream[^]*retry: 2000[^]*: still here[^]*event: runs\ndata: {"n":1}\n\n/);
  });

  it('drops a reader that does not read, and keeps little of what it missed', async () => {
    reader.pause();
    let most = 0;
    for (let sent = 0; sent < MANY_PIECES && ends.count === 0; sent++) {
      stream.send('runs', PIECE);
      most = Math.max(most, response.writableLength);
      await turn();
    }
    expect(ends.count).toBe(1);
    expect(most).toBeLessThan(512 * 1024);
    await closed(response);
  }, 30_000);

  it('writes nothing after its end, though the reader holds the connection open', async () => {
    const errors: unknown[] = [];
    response.on('error', (error) => errors.push(error));
    reader.pause();
    // until something waits that the reader will never take
    for (let sent = 0; sent < MANY_PIECES && response.writableLength === 0; sent++) {
      stream.send('runs', PIECE);
      await turn();
    }
    stream.end();
    expect(ends.count).toBe(1);
    stream.send('runs', { late: true });
    stream.heartbeat();
    stream.end();
    await closed(response);
    expect(ends.count).toBe(1);
    expect(errors).toEqual([]);
  }, 30_000);

  it('ends when the connection fails beneath it', async () => {
    response.emit('error', new Error('as the stack beneath may say'));
    expect(ends.count).toBe(1);
    await closed(response);
  });

  it('ends when the reader goes in the middle of a write', async () => {
    reader.pause();
    for (let sent = 0; sent < 10; sent++) stream.send('runs', PIECE);
    reader.resetAndDestroy();
    await closed(response);
    stream.send('runs', PIECE);
    expect(ends.count).toBe(1);
    let told = 0;
    stream.onEnd(() => told++);
    expect(told).toBe(1);
  }, 30_000);
});
