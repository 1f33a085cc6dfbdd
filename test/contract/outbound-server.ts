import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Resolver as OutboundResolver } from '../../src/platform/outbound/guarded-connector';

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A real HTTP server on a free port that counts what reaches it. */
export interface OutboundServer {
  readonly origin: string;
  readonly port: number;
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  connections: number;
  handle: Handler;
  close(): Promise<void>;
}

export async function startOutboundServer(handle: Handler): Promise<OutboundServer> {
  const sockets = new Set<Socket>();
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      state.requests.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      state.handle(request, response, state.requests.length);
    });
  };
  const server = createServer(listener);
  server.on('connection', (socket) => {
    state.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const state: OutboundServer = {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests: [],
    connections: 0,
    handle,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return state;
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/**
 * A real DNS server over UDP: the n-th question of type A gets the n-th list of addresses, the last list for ever
 * after. Names that end with `silentBelow` get no answer. `ttl` in seconds.
 */
export async function startDnsServer(
  answers: readonly (readonly string[])[],
  { silentBelow, ttl = 0 }: { silentBelow?: string; ttl?: number } = {},
) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const silenced: string[] = [];
  socket.on('message', (question, from) => {
    const { name, type, end } = readQuestion(question);
    if (silentBelow !== undefined && name.toLowerCase().endsWith(silentBelow)) return void silenced.push(name);
    let addresses: readonly string[] = [];
    if (type === 1) {
      addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
      asked.push(name);
    }
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, ttl >> 8, ttl & 255, 0, 4, ...address.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([header, question.subarray(12, end), ...records]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const dns = new Resolver({ timeout: 1000, tries: 1 });
  const address = `127.0.0.1:${socket.address().port}`;
  dns.setServers([address]);
  const resolver: OutboundResolver = async (hostname) =>
    (await dns.resolve4(hostname)).map((address) => ({ address, family: 4 }));
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  return { resolver, address, asked, silenced, close };
}

export type DnsServer = Awaited<ReturnType<typeof startDnsServer>>;

function readQuestion(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (message[at] !== 0) {
    const length = message[at]!;
    labels.push(message.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), end: at + 5 };
}
