import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import { GOOD_KEY, OVER_QUOTA_KEY, type HostOrigins } from './hosts';

const ROWS_OF_VICTIM = 250;
/** A page near the most that the outbound client takes: in bytes, and in values. */
const LARGE_ROWS = 100;
const VALUES_PER_ROW = 4_000;
const BYTES_PER_VALUE = 20;

/**
 * PracticeHubs that do as they like, in a process of their own: what they need of the machine is theirs, and comes
 * last.
 */
async function main(): Promise<void> {
  os.setPriority(os.constants.priority.PRIORITY_LOW);
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
    if (key === OVER_QUOTA_KEY) return send(response, 429, '{"message":"no"}', { 'retry-after': '3600' });
    if (key !== GOOD_KEY) return send(response, 401, '{"message":"no"}');
    send(response, 200, page(path));
  });
  // the test of the credentials is answered; what a sync asks for is not
  const slow = await host((path, _key, response) => {
    if (isTest(path)) send(response, 200, page(path));
  });
  const largePage = Buffer.from(largeList());
  const large = await host((path, _key, response) => send(response, 200, isTest(path) ? page(path) : largePage));
  const dns = createSocket('udp4');
  dns.bind(0, '127.0.0.1');
  await once(dns, 'listening');
  process.on('message', () => {
    for (const server of servers) server.closeAllConnections();
    process.send!('hung up');
  });
  process.on('disconnect', () => process.exit(0));
  process.send!({ good, slow, large, silentDns: `127.0.0.1:${dns.address().port}` } satisfies HostOrigins);
}

function isTest(path: string): boolean {
  return path.includes('/payment_methods');
}

function page(path: string): string {
  const query = new URL(path, 'http://host').searchParams;
  const size = Number(query.get('page_size') ?? 25);
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  const total = path.includes('/patients') ? ROWS_OF_VICTIM : 0;
  const data = Array.from({ length: Math.max(0, Math.min(size, total - from)) }, (_, n) => rowOf(from + n + 1));
  return JSON.stringify({
    data,
    total_entries: total,
    links: { next: from + data.length < total ? 'more' : null },
  });
}

/** The same page again and again, with a next one named each time. */
function largeList(): string {
  const padding = Array.from({ length: VALUES_PER_ROW }, () => 'x'.repeat(BYTES_PER_VALUE));
  const data = Array.from({ length: LARGE_ROWS }, (_, n) => ({ ...rowOf(n + 1), padding }));
  return JSON.stringify({ data, total_entries: 1_000_000, links: { next: 'more' } });
}

function rowOf(id: number): object {
  return { id, first_name: 'Ada', last_name: `Byron ${id}` };
}

function send(response: ServerResponse, status: number, body: string | Buffer, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}

void main();
