import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Random } from '../fuzz/random';

/** What may go wrong between a caller and a service. */
export const NETWORK_FAULTS = [
  /** Cut before the request has reached the service. */
  'reset',
  /** 429 with Retry-After, by something on the way. */
  'too-many',
  /** 503, as a page of HTML. */
  'away',
  /** 408, with nothing in it. */
  'slow',
  /** The service has answered, and the answer is lost. */
  'lost-answer',
  /** Cut in the middle of the answer. */
  'half-answer',
  /** The same, where nothing says how long it should have been. */
  'half-chunked',
  /** The service has answered, and nothing comes back until the caller gives up. */
  'silence',
] as const;
export type NetworkFault = (typeof NETWORK_FAULTS)[number];

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly fault: NetworkFault | null;
}

export interface FaultyProxy {
  readonly url: string;
  /** Every request so far, and what became of it. */
  readonly seen: SeenRequest[];
  /** What happens to each of the next requests; null: nothing. */
  fail(next: (request: { method: string; path: string }) => NetworkFault | null): void;
  stop(): Promise<void>;
}

/** A real HTTP proxy in front of a service. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const seen: SeenRequest[] = [];
  let next: Parameters<FaultyProxy['fail']>[0] = () => null;
  const server = createServer((incoming, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const { method = '', url: path = '', headers } = incoming;
      const fault = next({ method, path });
      seen.push({ method, path, headers, body: body.toString(), fault });
      await carry(target, { method, path, headers, body, fault }, response);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    fail: (choose) => {
      next = choose;
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function carry(
  target: string,
  { method, path, headers, body, fault }: Omit<SeenRequest, 'body'> & { body: Buffer },
  response: ServerResponse,
): Promise<void> {
  if (fault === 'reset') return void response.destroy();
  if (fault === 'too-many') return void response.writeHead(429, { 'retry-after': '1' }).end('{}');
  if (fault === 'away') return void response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>503</h1>');
  if (fault === 'slow') return void response.writeHead(408).end();
  const answer = await new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
    (resolve, reject) => {
      const outgoing = request(new URL(path, target), { method, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks) }),
        );
        incoming.on('error', reject);
      });
      outgoing.on('error', reject).end(body);
    },
  );
  if (fault === 'lost-answer') return void response.destroy();
  if (fault === 'silence') return;
  if (fault === null) return void response.writeHead(answer.status, answer.headers).end(answer.body);
  const { 'content-length': _length, ...rest } = answer.headers;
  response.writeHead(answer.status, fault === 'half-answer' ? answer.headers : rest);
  response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => response.destroy());
}

/** This share of requests fails, by the seed. */
export function drawFaults(seed: number, share: number): () => NetworkFault | null {
  const random = new Random(seed);
  return () => (random.chance(share) ? random.pick(NETWORK_FAULTS) : null);
}
