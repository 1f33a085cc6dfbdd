// A real authorization server (oidc-provider) in a process of its own, whose tokens live for two seconds, and the API
// that takes them: a list of people, paged by offset, which answers no faster than it is told.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Provider } from 'oidc-provider';

const [, , secret, rows, delayMs] = process.argv;
const counted = { logins: 0, refused: 0 };
const server = createServer((request, response) => void handle(request, response));
let handle;

server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(origin, {
    clients: [
      {
        client_id: 'the client',
        client_secret: secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        scope: 'clients:read',
      },
    ],
    scopes: ['clients:read'],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    ttl: { ClientCredentials: 2 },
  });
  provider.on('grant.success', () => counted.logins++);
  const authorize = provider.callback();
  handle = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, origin);
    if (pathname === '/token') return authorize(request, response);
    response.setHeader('content-type', 'application/json');
    if (pathname === '/counted') return void response.end(JSON.stringify(counted));
    const token = await provider.ClientCredentials.find(request.headers.authorization?.replace('Bearer ', '') ?? '');
    if (!token || token.isExpired || token.scope !== 'clients:read') {
      counted.refused++;
      return void response.writeHead(401).end('{"error":{"message":"no such token"}}');
    }
    if (pathname === '/me') return void response.end('{"account":{"id":4711}}');
    await sleep(Number(delayMs));
    const [offset, limit] = [Number(searchParams.get('offset')), Number(searchParams.get('limit'))];
    const clients = Array.from({ length: Math.max(0, Math.min(limit, rows - offset)) }, (_, index) => ({
      ...{ id: `c${offset + index}`, first_name: 'Ada', last_name: `No ${offset + index}`, state: 'active' },
      updated_at: '2026-07-01T10:00:00Z',
    }));
    response.end(JSON.stringify({ clients, has_more: offset + limit < rows }));
  };
  process.send({ origin });
});
