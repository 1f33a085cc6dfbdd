import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ATTACKS } from './attacks';
import { LISTS, TESTED } from './lists';

/**
 * All three providers at once. The key says what happens: `<number of the attack>-<place>-<anything>`; at the place
 * `lists` credentials pass their first test, at `all` nothing is spared.
 */
const asked = new Map<string, number>();
function handle(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://provider');
  const key = String(request.headers['x-practicehub-key'] ?? request.headers['x-api-key']);
  const [number, place] = key.split('-');
  const attack = Object.values(ATTACKS)[Number(number)];
  const single = /^(.*)\/\d+$/.exec(pathname)?.[1];
  const shape = LISTS[pathname] ?? LISTS[single ?? ''];
  if (shape === undefined || attack === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{}');
    return;
  }
  const count = (asked.get(`${key} ${pathname}`) ?? 0) + 1;
  asked.set(`${key} ${pathname}`, count);
  if (place === 'lists' && count === 1 && TESTED.has(pathname)) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(shape.body('', false));
    return;
  }
  attack(response, shape, count);
}

const server = createServer(handle);
server.on('connection', (socket) => socket.on('error', () => undefined));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
