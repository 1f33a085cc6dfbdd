import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../engine/random';

export interface Arrival {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly begunAt: number;
  /** It was answered with 2xx. */
  taken: boolean;
}

/** How a delivery is refused. */
const FAULTS: Readonly<Record<string, (response: ServerResponse, trap: string) => unknown>> = {
  hang: () => undefined,
  reset: (response) => response.socket?.resetAndDestroy(),
  half(response) {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => response.destroy(), 30);
  },
  error: (response) => response.writeHead(500).end('broken'),
  busy: (response) => response.writeHead(429, { 'retry-after': '1' }).end(),
  'busy until': (response) =>
    response.writeHead(429, { 'retry-after': new Date(Date.now() + 1_500).toUTCString() }).end(),
  gateway: (response) => response.writeHead(502).end('<html>'),
  redirect: (response, trap) => response.writeHead(307, { location: trap }).end(),
  gone: (response) => response.writeHead(410).end(),
};

/** An endpoint that refuses a share of its deliveries, each in a way of its own. */
export class FaultyEndpoint {
  readonly arrivals: Arrival[] = [];
  /** Those that were taken, in the order in which they were. */
  readonly taken: Arrival[] = [];
  faulty = 0;
  /** It answered 410 at some time, and may be disabled. */
  saidGone = false;

  constructor(
    readonly url: string,
    private readonly trap: string,
    private readonly random: Random,
  ) {}

  answer(arrival: Arrival, response: ServerResponse): void {
    this.arrivals.push(arrival);
    if (this.random.chance(this.faulty)) {
      const fault = this.random.pick(Object.keys(FAULTS));
      if (fault === 'gone') this.saidGone = true;
      FAULTS[fault]!(response, this.trap);
      return;
    }
    const take = (): void => {
      arrival.taken = true;
      this.taken.push(arrival);
      response.writeHead(204).end();
    };
    if (this.random.chance(0.1)) setTimeout(take, this.random.whole(20, 400));
    else take();
  }
}

export interface FaultyReceivers {
  add(name: string): FaultyEndpoint;
  /** Requests that followed a redirect. */
  readonly trapped: () => number;
  close(): Promise<void>;
}

/** One server with an endpoint for each path, and a place where redirects lead. */
export async function startFaultyReceivers(random: Random): Promise<FaultyReceivers> {
  const endpoints = new Map<string, FaultyEndpoint>();
  let trapped = 0;
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    const endpoint = endpoints.get(request.url!);
    if (!endpoint) {
      trapped++;
      response.writeHead(204).end();
      return;
    }
    const begunAt = Date.now();
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const body = Buffer.concat(chunks).toString('utf8');
      endpoint.answer({ id: headers['webhook-id']!, headers, body, begunAt, taken: false }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    add(name) {
      const endpoint = new FaultyEndpoint(`${origin}/${name}`, `${origin}/trap`, random);
      endpoints.set(`/${name}`, endpoint);
      return endpoint;
    },
    trapped: () => trapped,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
