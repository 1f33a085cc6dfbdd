// A back end of yours beside Interlock: API_KEY=apex_… API_SECRET=sk-apex_… INTERLOCK_URL=… node examples/backend.mjs
/* oxlint-disable no-console, node/no-process-env */
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { INTERLOCK_URL = 'http://127.0.0.1:3000', API_KEY, API_SECRET, PORT = '4000' } = process.env;
const jwks = createRemoteJWKSet(new URL('/.well-known/jwks.json', INTERLOCK_URL));
let tokens, renewal;

async function post(path, body) {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(INTERLOCK_URL + path, init);
  return answer.ok ? answer.json() : null;
}
async function renew() {
  const refreshed = tokens && (await post('/api/v1/auth/refresh', { refresh_token: tokens.refresh_token }));
  tokens = refreshed ?? (await post('/api/v1/auth/authenticate', { api_key: API_KEY, secret_key: API_SECRET }));
  if (!tokens) throw new Error('Interlock does not take this key and secret');
}
// a refresh token is good once, so requests that find it is time share one renewal
const renewOnce = () => (renewal ??= renew().finally(() => (renewal = undefined)));
async function get(path) {
  if (!tokens || Date.parse(tokens.expires_at) < Date.now() + 60_000) await renewOnce();
  const send = () => fetch(INTERLOCK_URL + path, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const answer = await send();
  return answer.status === 401 ? (await renewOnce(), (await send()).json()) : answer.json();
}
// another service calls us with its own Interlock token: the signature is checked here, nobody is asked
const rules = { issuer: 'interlock', audience: 'interlock', algorithms: ['ES256'] };
async function greet(request, response) {
  try {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const { payload } = await jwtVerify(token, jwks, rules);
    response.end(JSON.stringify({ hello: payload.sub, nodes: (await get('/api/v1/nodes')).items }));
  } catch (error) {
    response.writeHead(String(error.code).startsWith('ERR_J') ? 401 : 502).end();
  }
}
const server = createServer((request, response) => void greet(request, response));
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${PORT}`));
