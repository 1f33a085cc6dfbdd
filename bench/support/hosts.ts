import { createServer, type Server, type ServerResponse } from 'node:http';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const ROWS_OF_VICTIM = 250;
/** Near the most that the outbound client takes. */
const LARGE_PAGE_BYTES = 9 * 1024 * 1024;

export interface Hosts {
  readonly good: string;
  readonly slow: string;
  readonly large: string;
  /** `address:port` of a name server that never answers. */
  readonly silentDns: string;
  /** Its runs end with a refused connection from now on. */
  killDead(): void;
  readonly dead: string;
  close(): Promise<void>;
}

const GOOD_KEY = 'victims-own-key';
export const OVER_QUOTA_KEY = 'strangers-key-over-quota';

export function credentials(baseUrl: string, apiKey = GOOD_KEY): { credentials: { apiKey: string; baseUrl: string } } {
  return { credentials: { apiKey, baseUrl } };
}

/** PracticeHubs that do as they like, in this process. */
export async function startHosts(): Promise<Hosts> {
  const servers: Server[] = [];
  const host = async (answer: (path: string, key: string, response: ServerResponse) => void): Promise<string> => {
    const server = createServer((request, response) => {
      answer(request.url ?? '', String(request.headers['x-practicehub-key']), response);
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const good = await host((path, key, response) => {
    if (key === OVER_QUOTA_KEY) return send(response, 429, { message: 'no' }, { 'retry-after': '3600' });
    if (key !== GOOD_KEY) return send(response, 401, { message: 'no' });
    send(response, 200, page(path));
  });
  const dead = await host((path, _key, response) => send(response, 200, page(path)));
  const deadServer = servers.at(-1)!;
  // the test of the credentials is answered; what a sync asks for is not
  const slow = await host((path, _key, response) => {
    if (isTest(path)) send(response, 200, page(path));
  });
  const largePage = JSON.stringify({ ...page('/patients?page_size=100'), padding: 'x'.repeat(LARGE_PAGE_BYTES) });
  const large = await host((path, _key, response) => {
    sendText(response, 200, isTest(path) ? JSON.stringify(page(path)) : largePage);
  });
  const dns: UdpSocket = createSocket('udp4');
  dns.bind(0, '127.0.0.1');
  await once(dns, 'listening');
  return {
    good,
    dead,
    slow,
    large,
    silentDns: `127.0.0.1:${dns.address().port}`,
    killDead: () => {
      deadServer.close();
      deadServer.closeAllConnections();
    },
    async close() {
      dns.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function isTest(path: string): boolean {
  return path.includes('/payment_methods');
}

function page(path: string): object {
  const query = new URL(path, 'http://host').searchParams;
  const size = Number(query.get('page_size') ?? 25);
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  const total = path.includes('/patients') ? ROWS_OF_VICTIM : 0;
  const data = Array.from({ length: Math.max(0, Math.min(size, total - from)) }, (_, n) => ({
    id: from + n + 1,
    first_name: 'Ada',
    last_name: `Byron ${from + n + 1}`,
  }));
  return { data, total_entries: total, links: { next: from + data.length < total ? 'more' : null } };
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  sendText(response, status, JSON.stringify(body), headers);
}

function sendText(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}
