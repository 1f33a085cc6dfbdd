import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { inspect } from 'node:util';
import { jwtVerify } from 'jose';
import { parse, stringify } from 'yaml';
import { HeldLease } from '../../platform/lease';
import { GuardedHttpClient, ProviderFailure, RateBudget } from '../../platform/outbound';
import type { ProviderCall } from '../provider';
import { dryRun } from './dry-run';
import { ManifestAdapter } from './manifest.adapter';
import { readManifest } from './read-manifest';

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../../examples/providers/acme.yaml'), 'utf8');
const field = (name: string, more: object = {}) => ({ title: name, description: name, example: 'x', ...more });
const CREDENTIALS = {
  location: field('Location'),
  username: field('User', { identifies: true }),
  password: field('Password', { secret: true }),
};
const TWO_STEP = {
  kind: 'two_step',
  login: { path: '/login', json: { user: { name: '{username}', secret: '{password}' } }, headers: { 'X-App': 'ours' } },
  token: 'data.token',
  expiresIn: 'data.ttl',
};
const OAUTH = {
  kind: 'oauth2_client_credentials',
  tokenEndpoint: { path: '/token' },
  clientId: '{username}',
  clientSecret: '{password}',
  scope: 'clients:read site:{location}',
  audience: 'https://api.acme.example',
};
const JWT = {
  kind: 'signed_jwt',
  algorithm: 'HS256',
  key: 'password',
  seconds: 300,
  issuer: '{username}',
  keyId: 'k1',
};
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = (pair: { privateKey: typeof rsa.privateKey }, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8') =>
  String(pair.privateKey.export({ format: 'pem', type: type as 'pkcs8' }));

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

class CountingBudget extends RateBudget {
  taken = 0;
  acquire(): Promise<void> {
    this.taken++;
    return Promise.resolve();
  }
}

describe('a provider that takes tokens', () => {
  const asked: Asked[] = [];
  let logins: number;
  /** Of a login; the default is a new token. */
  let login: (response: ServerResponse, body: string) => void;
  /** Of any other call: whether its token is taken. */
  let takes: (token: string) => boolean;
  let url: string;
  let http: GuardedHttpClient;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      asked.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      response.setHeader('content-type', 'application/json');
      if (/login|token/.test(request.url!)) return login(response, body);
      const token = String(request.headers['x-token'] ?? request.headers.authorization).replace(/^(\w+ |T)/, '');
      if (!takes(token)) return void response.writeHead(401).end(`{"error":{"message":"no ${token}"}}`);
      response.end(
        JSON.stringify(request.url!.endsWith('/me') ? { account: { id: 4711 } } : { clients: [], data: [] }),
      );
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    http = new GuardedHttpClient({ allowPrivate: true, sleep: () => Promise.resolve() });
  });
  afterAll(async () => {
    await http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    asked.length = 0;
    logins = 0;
    takes = () => true;
    login = (response) => {
      const value = `token-${++logins}`;
      response.end(JSON.stringify({ data: { token: value, ttl: 3_600 }, access_token: value, token_type: 'Bearer' }));
    };
  });

  function adapterOf(auth: object, more: object = {}): ManifestAdapter {
    const { manifest, faults } = readManifest(
      stringify({ ...parse(EXAMPLE), credentials: CREDENTIALS, auth, ...more }),
    );
    expect(faults).toEqual([]);
    return new ManifestAdapter(manifest!, { liveHostSuffixes: manifest!.hosts });
  }
  function callOf(fields: object = {}, budget: RateBudget | null = null, hosts: string[] | null = null): ProviderCall {
    const { signal } = new AbortController();
    const bound = http.bind({ allowedHostSuffixes: hosts, exemptPrefix: null, signal, budget });
    const credentials = { baseUrl: url, location: '17', username: 'ada', password: 'canary-password', ...fields };
    return { credentials, environment: 'sandbox', settings: { currency: 'GBP', timezone: null }, http: bound, signal };
  }
  const read = (adapter: ManifestAdapter, call = callOf()) => dryRun(adapter.streams[1]!, call, 1);
  const failureOf = async (work: Promise<unknown>): Promise<ProviderFailure> => {
    const error: unknown = await work.catch((reason: unknown) => reason);
    if (error instanceof ProviderFailure) return error;
    throw new Error(`no failure: ${inspect(error)}`);
  };
  const paths = () => asked.map((each) => each.url.split('?')[0]);

  it('is logged in to once, with the fields of the credentials, and then called with the token', async () => {
    const adapter = adapterOf(TWO_STEP);
    const budget = new CountingBudget();
    await read(adapter, callOf({}, budget));
    await read(adapter, callOf({}, budget));
    expect(paths()).toEqual(['/login', '/bills', '/bills']);
    expect(asked[0]).toMatchObject({ method: 'POST', headers: { 'x-app': 'ours', 'x-acme-location': '17' } });
    expect(JSON.parse(asked[0]!.body)).toEqual({ user: { name: 'ada', secret: 'canary-password' } });
    expect(asked[1]!.headers.authorization).toBe('Bearer token-1');
    // a login is a call like another
    expect(budget.taken).toBe(3);
  });

  it('gets the token in the header that it wants, after a login by form', async () => {
    const form = { user: '{username}', pin: 'a&b={password}' };
    const send = { header: 'X-Token', prefix: 'T ' };
    await read(adapterOf({ ...TWO_STEP, login: { path: '/login', method: 'PUT', form }, send }));
    expect(asked[0]).toMatchObject({ method: 'PUT', body: 'user=ada&pin=a%26b%3Dcanary-password' });
    expect(asked[0]!.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(asked[1]!.headers).toMatchObject({ 'x-token': 'T token-1' });
    expect(asked[1]!.headers.authorization).toBeUndefined();
  });

  it('is logged in to again once when it refuses a token', async () => {
    const adapter = adapterOf(TWO_STEP);
    await read(adapter);
    takes = (token) => token === 'token-2';
    await read(adapter);
    expect(paths()).toEqual(['/login', '/bills', '/bills', '/login', '/bills']);
    takes = () => false;
    asked.length = 0;
    expect(await failureOf(read(adapter))).toMatchObject({ verdict: 'auth', status: 401 });
    expect(paths()).toEqual(['/bills', '/login', '/bills']);
    // nobody begins with what was refused last
    takes = (token) => token === 'token-4';
    await read(adapter);
    expect(logins).toBe(4);
  });

  it('is not logged in to for what its manifest takes for something else', async () => {
    const errors = { rules: [{ status: 401, verdict: 'permission' }] };
    const adapter = adapterOf(TWO_STEP, { errors });
    takes = () => false;
    expect(await failureOf(read(adapter))).toMatchObject({ verdict: 'permission' });
    expect(paths()).toEqual(['/login', '/bills']);
  });

  it('is tested with a new token, also while an old one lives', async () => {
    const adapter = adapterOf(TWO_STEP);
    await read(adapter);
    expect(await adapter.testCredentials(callOf())).toEqual({ accountId: '4711' });
    login = (response) => void response.writeHead(401).end('{}');
    expect(await failureOf(adapter.testCredentials(callOf()))).toMatchObject({ verdict: 'auth' });
  });

  /** What `String` and `Number` throw for. */
  const ODD = { toString: 1, valueOf: 2 };
  const SAID = { message: 'who is ada with canary-password?' };
  it.each<[what: string, status: number, headers: Record<string, string>, body: object, expected: object]>([
    ['wrong credentials', 401, {}, SAID, { verdict: 'auth', status: 401 }],
    ['forbidden', 403, {}, SAID, { verdict: 'auth', status: 403 }],
    ['too many', 429, { 'retry-after': '30' }, SAID, { verdict: 'rate_limited', retryAfterMs: 30_000 }],
    ['an outage', 503, {}, SAID, { verdict: 'provider_down', status: 503 }],
    ['what the manifest has a rule for', 403, {}, { code: 'locked' }, { verdict: 'permission' }],
    ['no token', 200, {}, { data: {} }, { verdict: 'contract' }],
    ['a life that is an object', 200, {}, { data: { token: 'canary-t', ttl: ODD } }, { verdict: 'contract' }],
    ['a token of two lines', 200, {}, { data: { token: 'a\nb', ttl: 1 } }, { verdict: 'contract' }],
    ['a token without a life', 200, {}, { data: { token: 'canary-token' } }, { verdict: 'contract' }],
    ['a token of a life that is none', 200, {}, { data: { token: 'canary-token', ttl: -1 } }, { verdict: 'contract' }],
  ])('tells %s at a login', async (_, status, headers, body, expected) => {
    login = (response) => void response.writeHead(status, headers).end(JSON.stringify(body));
    const errors = { rules: [{ path: 'code', equals: 'locked', verdict: 'permission' }] };
    const failure = await failureOf(read(adapterOf(TWO_STEP, { errors })));
    expect(failure).toMatchObject(expected);
    expect(inspect(failure, { depth: 9 })).not.toMatch(/canary/);
  });

  it('is asked again for a token where the answer was lost or was a passing error', async () => {
    const answer = login;
    login = (response, body) => {
      login = answer;
      response.writeHead(502).end(body);
    };
    await read(adapterOf(TWO_STEP));
    expect(paths()).toEqual(['/login', '/login', '/bills']);
  });

  it('gets no secret where its hosts do not reach', async () => {
    const call = callOf({}, null, ['.acme.example']);
    expect(await failureOf(read(adapterOf(TWO_STEP), call))).toMatchObject({ field: 'credentials.baseUrl' });
    // an address of the manifest's own is no merchant's fault
    const { path: _, ...byUrl } = { ...TWO_STEP.login, url: 'https://login.acme.example/in' };
    const elsewhere = callOf({}, null, ['.other.example']);
    const failure = await failureOf(read(adapterOf({ ...TWO_STEP, login: byUrl }), elsewhere));
    expect(failure).toMatchObject({ verdict: 'internal', field: null, nothingSent: true });
    expect(asked).toEqual([]);
  });

  it('is not blamed for a budget that cannot be taken or a lease that is lost', async () => {
    class Broken extends RateBudget {
      acquire(): Promise<void> {
        return Promise.reject(new Error('a transaction that only reads'));
      }
    }
    const broken: unknown = await read(adapterOf(TWO_STEP), callOf({}, new Broken())).catch((error: unknown) => error);
    expect(broken).not.toBeInstanceOf(ProviderFailure);
    const lease = new HeldLease(0);
    const adapter = adapterOf(TWO_STEP);
    const bound = { allowedHostSuffixes: null, exemptPrefix: null, budget: null, signal: new AbortController().signal };
    const fenced = { ...callOf(), http: http.bind({ ...bound, mayDispatch: () => lease.assertHeld() }) };
    const [lost, other] = await Promise.allSettled([read(adapter, fenced), read(adapter)]);
    expect(lost).toMatchObject({ reason: { ours: true, nothingSent: true } });
    expect(other).toMatchObject({ value: { complete: true } });
  });

  it('leads elsewhere where a test finds no login', async () => {
    login = (response) => void response.writeHead(404).end('{}');
    const failure = await failureOf(adapterOf(TWO_STEP).testCredentials(callOf()));
    expect(failure).toMatchObject({ verdict: 'configuration', field: 'credentials.baseUrl' });
  });

  describe('by OAuth', () => {
    it('is asked for one by client and secret, in a header or in the body', async () => {
      await read(adapterOf(OAUTH), callOf({ password: 'p:/+%' }));
      const form = { grant_type: 'client_credentials', scope: 'clients:read site:17' };
      expect(Object.fromEntries(new URLSearchParams(asked[0]!.body))).toEqual({ ...form, audience: OAUTH.audience });
      expect(Buffer.from(asked[0]!.headers.authorization!.slice(6), 'base64').toString()).toBe('ada:p%3A%2F%2B%25');
      expect(asked[1]!.headers.authorization).toBe('Bearer token-1');
      asked.length = 0;
      await read(adapterOf({ ...OAUTH, clientBy: 'body' }));
      expect(Object.fromEntries(new URLSearchParams(asked[0]!.body))).toMatchObject({
        ...{ client_id: 'ada', client_secret: 'canary-password' },
      });
      expect(asked[0]!.headers.authorization).toBeUndefined();
    });

    it.each([
      ['invalid_client', { verdict: 'auth', providerMessage: 'client [redacted]' }],
      ['invalid_scope', { verdict: 'permission' }],
      ['invalid_request', { verdict: 'contract' }],
      [{ toString: 1, valueOf: 2 }, { verdict: 'contract' }],
    ])('tells %s', async (error, expected) => {
      const said = JSON.stringify({ error, error_description: 'client canary-password' });
      login = (response) => void response.writeHead(400).end(said);
      expect(await failureOf(read(adapterOf(OAUTH)))).toMatchObject(expected);
    });

    it('takes bearer tokens alone', async () => {
      login = (response) => void response.end('{"access_token":"canary-t","token_type":"mac"}');
      expect(await failureOf(read(adapterOf(OAUTH)))).toMatchObject({ verdict: 'contract' });
      login = (response) => void response.end('{"access_token":"canary-t","token_type":{"toString":1}}');
      expect(await failureOf(read(adapterOf(OAUTH)))).toMatchObject({ verdict: 'contract' });
    });
  });

  describe('that this service signs', () => {
    it.each([
      ['HS256', 'a secret of both that is long enough for HS256', undefined],
      ['RS256', pemOf(rsa), rsa.publicKey],
      ['RS256', pemOf(rsa, 'pkcs1'), rsa.publicKey],
      ['ES256', pemOf(ec), ec.publicKey],
      ['ES256', pemOf(ec, 'sec1'), ec.publicKey],
    ] as const)('is sent one by %s', async (algorithm, password, publicKey) => {
      const adapter = adapterOf({
        ...JWT,
        algorithm,
        subject: 'site-{location}',
        audience: 'https://api.acme.example',
      });
      const call = callOf({ password });
      await read(adapter, call);
      await read(adapter, call);
      const [first, second] = asked.map(({ headers }) => headers.authorization!.replace('Bearer ', ''));
      expect(second).toBe(first);
      const { payload, protectedHeader } = await jwtVerify(first!, publicKey ?? new TextEncoder().encode(password), {
        algorithms: [algorithm],
        ...{ issuer: 'ada', subject: 'site-17', audience: 'https://api.acme.example' },
      });
      expect(protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', kid: 'k1' });
      expect(payload.exp! - payload.iat!).toBe(300);
    });

    it('exchanges one where the manifest says so', async () => {
      await read(adapterOf({ ...JWT, exchange: { path: '/token', scope: 'all' } }));
      const { assertion, ...form } = Object.fromEntries(new URLSearchParams(asked[0]!.body));
      expect(form).toEqual({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', scope: 'all' });
      await jwtVerify(assertion!, new TextEncoder().encode('canary-password'), { issuer: 'ada' });
      expect(asked[1]!.headers.authorization).toBe('Bearer token-1');
    });

    const small = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    it.each([
      ['RS256', pemOf(ec)],
      ['RS256', pemOf(small)],
      ['ES256', pemOf(rsa)],
      ['RS256', pemOf(rsa).slice(0, 200)],
      ['RS256', 'canary-password'],
    ])('takes no key that does not fit %s', async (algorithm, password) => {
      const adapter = adapterOf({ ...JWT, algorithm });
      const sent = () => adapter.normaliseCredentials(callOf({ password }).credentials, 'sandbox');
      const failure = await failureOf(Promise.resolve().then(sent));
      expect(failure).toMatchObject({ verdict: 'configuration', field: 'credentials.password' });
      expect(inspect(failure, { depth: 9 })).not.toContain(password.slice(40, 80) || password);
      expect(await failureOf(read(adapter, callOf({ password })))).toMatchObject({ verdict: 'configuration' });
      expect(asked).toEqual([]);
    });
  });

  it('shows no secret in an address or an error, whatever it answers', async () => {
    const secrets = ['canary-password', 'canary-token', Buffer.from('ada:canary-password').toString('base64')];
    const echo = (response: ServerResponse, status: number, text: string) =>
      response
        .writeHead(status)
        .end(JSON.stringify({ error: { message: text }, message: text, error_description: text }));
    const seen: string[] = [];
    const joined = { ...TWO_STEP, send: { header: 'X-Token', prefix: 'T' } };
    for (const auth of [
      TWO_STEP,
      joined,
      OAUTH,
      { ...OAUTH, clientBy: 'body' },
      { ...JWT, exchange: { path: '/token' } },
      JWT,
    ]) {
      for (const status of [400, 401, 404, 429, 500]) {
        login = (response, body) => echo(response, status, `${secrets[0]} ${secrets[2]} ${body}`);
        seen.push(inspect(await read(adapterOf(auth)).catch((error: unknown) => error), { depth: 9 }));
      }
      login = (response) =>
        void response.end('{"data":{"token":"canary-token","ttl":9},"access_token":"canary-token","expires_in":9}');
      takes = () => false;
      seen.push(inspect(await read(adapterOf(auth)).catch((error: unknown) => error), { depth: 9 }));
      takes = () => true;
    }
    seen.push(...asked.map((each) => each.url));
    for (const text of seen) for (const secret of secrets) expect(text).not.toContain(secret);
    expect(seen.join()).toContain('[redacted]');
  });
});
