// A real authorization server (oidc-provider) in a process of its own, whose refresh tokens rotate and whose access
// tokens live for two seconds; a refresh token that comes twice ends its grant. Beside it the API that takes the
// access tokens: a list of people, paged by offset, which answers no faster than it is told.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Provider } from 'oidc-provider';

const [, , secret, rows, delayMs] = process.argv;
const counted = { refreshes: 0, refused: 0, ended: 0, unauthorized: 0 };
/** How many of the next answers to a refresh get lost on the wire, and how long each takes. */
const faults = { lost: 0, refreshMs: 0, failing: 0 };
const server = createServer((request, response) => void handle(request, response));
let handle;

server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(origin, {
    clients: [
      {
        client_id: 'the platform',
        client_secret: secret,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['https://platform.example/back'],
        response_types: ['code'],
        scope: 'openid offline_access',
      },
    ],
    scopes: ['openid', 'offline_access'],
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    rotateRefreshToken: true,
    features: { devInteractions: { enabled: false } },
    ttl: { AccessToken: 2, RefreshToken: 86_400, Grant: 86_400 },
  });
  provider.on('grant.success', () => counted.refreshes++);
  provider.on('grant.error', () => counted.refused++);
  provider.on('grant.revoked', () => counted.ended++);
  const authorize = provider.callback();
  // what a person's consent at the authorization endpoint leads to
  const consent = async (accountId) => {
    const client = await provider.Client.find('the platform');
    const grant = new provider.Grant({ accountId, clientId: client.clientId });
    grant.addOIDCScope('openid offline_access');
    const grantId = await grant.save();
    const token = new provider.RefreshToken({
      ...{ accountId, client, grantId, scope: 'openid offline_access', gty: 'authorization_code' },
      expiresWithSession: false,
    });
    return token.save();
  };
  handle = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, origin);
    if (pathname === '/token') {
      await sleep(faults.refreshMs);
      if (faults.failing > 0) {
        faults.failing--;
        return void response.writeHead(502).end('<html>bad gateway</html>');
      }
      if (faults.lost > 0) {
        faults.lost--;
        response.write = () => true;
        response.end = () => request.socket.destroy();
      }
      return authorize(request, response);
    }
    response.setHeader('content-type', 'application/json');
    if (pathname === '/consent')
      return void response.end(JSON.stringify({ token: await consent(searchParams.get('of')) }));
    if (pathname === '/faults') {
      for (const [name, value] of searchParams) faults[name] = Number(value);
      return void response.end('{}');
    }
    if (pathname === '/counted') return void response.end(JSON.stringify(counted));
    const token = await provider.AccessToken.find(request.headers.authorization?.replace('Bearer ', '') ?? '');
    if (!token || token.isExpired) {
      counted.unauthorized++;
      return void response.writeHead(401).end('{"error":{"message":"no such token"}}');
    }
    if (pathname === '/me') return void response.end(JSON.stringify({ account: { id: token.accountId } }));
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
