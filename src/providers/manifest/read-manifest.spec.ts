import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { readManifest } from './read-manifest';

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../../examples/providers/acme.yaml'), 'utf8');

/** The faults of the example with one member changed; undefined takes it out. */
function faultsWith(place: string, value: unknown): string[] {
  const manifest = parse(EXAMPLE);
  const names = place.split('.');
  const last = names.pop()!;
  let part = manifest;
  for (const name of names) part = part[name];
  if (value === undefined) delete part[last];
  else part[last] = value;
  return readManifest(stringify(manifest)).faults.map((fault) => `${fault.path}: ${fault.rule}`);
}

describe('a manifest', () => {
  it('is read from YAML and from JSON', () => {
    const { manifest, faults } = readManifest(EXAMPLE);
    expect(faults).toEqual([]);
    expect(readManifest(JSON.stringify(manifest))).toEqual({ manifest, faults: [] });
  });

  it('tells faults by line and column', () => {
    const lines = EXAMPLE.split('\n');
    const line = lines.findIndex((text) => text.includes('resource: customers'));
    lines[line] = '    resource: people';
    expect(readManifest(lines.join('\n')).faults).toEqual([
      {
        line: line + 1,
        column: 15,
        path: 'streams.0.resource',
        rule: expect.stringMatching(/^must be one of customers/),
      },
    ]);
  });

  it.each([
    ['no YAML', 'a: [', /flow|collection|end/i],
    ['a member twice', `${EXAMPLE}\nname: Other\n`, /unique/i],
    [
      'an alias',
      EXAMPLE.replace('name: Acme Bookings', 'name: &n Acme').replace('title: Location', 'title: *n'),
      /alias/,
    ],
    ['a bomb of aliases', bomb(), /alias/],
    ['a list', '- a', /object/],
    ['nothing', '', /object/],
    ['too much', `# ${'x'.repeat(70_000)}\n${EXAMPLE}`, /64 KiB/],
    ...deepTexts().map((text): [string, string, RegExp] => [`${text.slice(0, 9)}…`, text, /deeper than 16|is nested/]),
  ])('is not %s', (_, text, rule) => {
    const { manifest, faults } = readManifest(text);
    expect(manifest).toBeNull();
    expect(faults.map((fault) => fault.rule).join()).toMatch(rule);
  });

  const hostile: [what: string, place: string, value: unknown, fault: RegExp][] = [
    ['a default host that is not its own', 'baseUrl.default', 'https://evil.example/v1', /hosts/],
    ['a default with a user', 'baseUrl.default', 'https://user@api.acme.example', /without user/],
    ['plain http', 'baseUrl.default', 'http://api.acme.example', /pattern|match/],
    ['every host', 'hosts', ['.'], /pattern/],
    ['a top-level domain', 'hosts', ['com'], /pattern/],
    ['no host', 'hosts', [], /fewer/],
    ['a path to another host', 'streams.0.path', '//evil.example/clients', /pattern/],
    ['an address for a path', 'streams.0.path', 'https://evil.example/clients', /pattern/],
    ['a path upwards', 'streams.0.path', '/clients/../../admin', /valid|pattern/],
    ['a query in a path', 'streams.0.path', '/clients?all=1', /pattern/],
    ['a place for the key in a path', 'streams.0.path', '/clients/{apiKey}', /no place for a value/],
    ['a place for the key in the path of a row', 'streams.0.one.path', '/clients/{apiKey}', /\{id\}/],
    ['a place for the key in a query', 'streams.0.query', { key: '{apiKey}' }, /not a field of `credentials`/],
    ['a line break in a header', 'headers', { 'X-A': 'a\r\nX-Evil: 1' }, /pattern/],
    ['a header that is set otherwise', 'headers', { Host: 'evil.example' }, /set otherwise/],
    ['an unknown field in a header', 'headers', { 'X-A': '{secret}' }, /not a field of the credentials/],
    ['a key in the place of a header of HTTP', 'auth.name', 'Transfer-Encoding', /set otherwise/],
    [
      'a field that every provider has',
      'credentials.apiKey',
      { title: 'K', description: 'K', example: 'k' },
      /there already/,
    ],
    ['a field of no record', 'streams.0.fields.password', 'password', /is not a field here/],
    ['a name of the prototype', 'streams.0.fields.constructor', 'a', /is not a field here/],
    ['a record without what it must have', 'streams.1.fields.totalMinor', undefined, /lacks totalMinor/],
    ['a word of its own', 'streams.1.fields.status.words.lost', 'mislaid', /must be one of draft/],
    ['two sources', 'streams.0.fields.email', { from: 'email', cel: 'row.email' }, /one of them/],
    ['cents of a text', 'streams.0.fields.email', { from: 'email', unit: 'minor' }, /of money only/],
    ['another member of a rule', 'streams.0.fields.email', { from: 'email', script: 'x' }, /is not a member/],
    ['an expression that is none', 'streams.0.where', 'row.a ==', /Unexpected/],
    ['an expression over something else', 'streams.0.where', 'process.env.HOME == "x"', /Unknown variable/],
    ['a regular expression', 'streams.0.where', 'row.name.matches("(a+)+$")', /regular expressions/],
    ['a walk in a walk', 'streams.0.where', 'row.a.all(x, row.a.all(y, y == x))', /may not hold another/],
    ['a long expression', 'streams.0.where', `row.a == "${'x'.repeat(600)}"`, /more than 500/],
    ['a wide expression', 'streams.0.where', `${'1+'.repeat(200)}1 == 2`, /[Ee]xceeded|limit|nodes/],
    ['a deep expression', 'streams.0.where', `${'('.repeat(100)}true${')'.repeat(100)}`, /[Ee]xceeded|depth/],
    [
      'an end of credentials in two places',
      'test.expires',
      { header: 'X-Ends', cel: 'row.a' },
      /must say `header` or `cel`/,
    ],
    ['an end of credentials in none', 'test.expires', {}, /must say `header` or `cel`/],
    ['an end of credentials that is fixed', 'test.expires', { value: '2099-05-01' }, /is not a member/],
    ['an end of credentials by something else', 'test.expires', { cel: 'headers.a' }, /Unknown variable/],
    ['two ways to be incremental', 'streams.0.newestFirst', { mutableDays: 1 }, /cannot stand beside/],
    ['a filter that nothing proves', 'streams.0.updatedAt', undefined, /needs updatedAt/],
    ['one key twice', 'streams.1.key', 'clients', /another stream/],
    ['two streams whose ids collide', 'streams.1.resource', 'customers', /apart|is not a field/],
    ['an interval below the minimum', 'interval.defaultMinutes', 1, /below the minimum/],
    ['a rate without end', 'rate.perSecond', 1e9, /1000/],
    ['a page of a million rows', 'streams.0.paging.size', 1_000_000, /1000/],
    ['a provider that is named as a path', 'id', '../acme', /pattern/],
    ['another version', 'apiVersion', 'interlock/v9', /must be interlock\/v1/],
    ['an unknown member', 'script', 'rm -rf', /is not a member/],
    ['fields without an end', 'streams.0.fields.address', nested(30), /./],
  ];
  it.each(hostile)('does not take %s', (_what, place, value, fault) => {
    expect(faultsWith(place, value).join('\n')).toMatch(fault);
  });

  it('is checked in a time that does not grow with its depth', () => {
    for (const wrap of [(inner: object) => ({ each: 'a', fields: inner }), (inner: object) => ({ line1: inner })]) {
      let fields: object = { line1: 5 };
      for (let depth = 0; depth < 14; depth++) fields = wrap(fields);
      const begun = performance.now();
      expect(faultsWith('streams.0.fields.lines', fields)).not.toEqual([]);
      expect(performance.now() - begun).toBeLessThan(500);
    }
  });

  it.each(['/%2e%2e/clients', '/a/%2E%2e', '/.%2E/clients', '/%2e/x', '/a%2f..%2fb', '/a%5c..%5cb', '/%zz'])(
    'does not take the path %s anywhere',
    (way) => {
      for (const place of ['test.path', 'streams.0.path']) expect(faultsWith(place, way)).not.toEqual([]);
      expect(faultsWith('streams.0.one.path', `${way}/{id}`)).not.toEqual([]);
    },
  );

  it.each(['https://api.acme.example:99999', 'https://256.256.256.256/token', 'https://a%2fb/token', 'https://[::x]/'])(
    'does not take the address %s anywhere, and says where it stands',
    (address) => {
      for (const place of ['docsUrl', 'baseUrl.default', 'baseUrl.example'])
        expect(faultsWith(place, address).join()).toMatch(new RegExp(`${place}: .*(address|uri)`));
      const { location } = parse(EXAMPLE).credentials;
      const credentials = { location: { ...location, identifies: true }, pin: { ...location, secret: true } };
      const auth = { kind: 'oauth2_client_credentials', clientId: '{location}', clientSecret: '{pin}' };
      const at = { ...parse(EXAMPLE), credentials, auth: { ...auth, tokenEndpoint: { url: address } } };
      expect(readManifest(stringify(at)).faults).toMatchObject([{ path: 'auth.tokenEndpoint.url' }]);
    },
  );

  it('asks for a row with an id whose rows are elsewhere in the answer', () => {
    expect(faultsWith('streams.0.one.row', 'data.client')).toEqual([]);
  });

  const LOGIN = { path: '/login', json: { user: '{location}', pin: '{pin}' } };
  const twoStep = (more: object) => ({ kind: 'two_step', login: LOGIN, token: 'token', seconds: 60, ...more });
  const oauth = (more: object) => ({
    ...{ kind: 'oauth2_client_credentials', tokenEndpoint: { path: '/token' } },
    ...{ clientId: '{location}', clientSecret: '{pin}', ...more },
  });
  const grant = (more: object) => ({
    ...{ kind: 'oauth2_authorization_code', tokenEndpoint: { path: '/token' }, clientId: 'platform', ...more },
  });
  const signed = (more: object) => ({ kind: 'signed_jwt', algorithm: 'RS256', key: 'pin', seconds: 60, ...more });
  const basic = (more: object) => ({ kind: 'basic', username: '{location}', password: '{pin}', ...more });
  const url = (address: string) => ({ path: undefined, url: address });
  it.each<[what: string, auth: object, place: string, fault: RegExp]>([
    ['a login nowhere', twoStep({ login: {} }), 'auth.login', /must have `path` or `url`/],
    [
      'a login at two places',
      twoStep({ login: { ...LOGIN, url: 'https://a.acme.example' } }),
      'auth.login',
      /or `url`/,
    ],
    ['a login at another host', twoStep({ login: { ...LOGIN, ...url('https://evil.example') } }), 'url', /`hosts`/],
    ['a login by http', twoStep({ login: { ...LOGIN, ...url('http://a.acme.example') } }), 'auth.login.url', /pattern/],
    [
      'a login with a user',
      twoStep({ login: { ...LOGIN, ...url('https://u@a.acme.example') } }),
      'url',
      /without user/,
    ],
    ['a secret in the path of a login', twoStep({ login: { path: '/login/{pin}' } }), 'path', /no place/],
    ['a secret in the query of a login', twoStep({ login: { path: '/login?{pin}' } }), 'path', /pattern/],
    ['two bodies', twoStep({ login: { ...LOGIN, form: { a: 'b' } } }), 'auth.login.form', /beside `json`/],
    ['a GET with a body', twoStep({ login: { ...LOGIN, method: 'GET' } }), 'auth.login.method', /no body/],
    ['a body of an unknown field', twoStep({ login: { path: '/l', json: { a: { b: '{x}' } } } }), 'json.a.b', /\{x\}/],
    ['another method', twoStep({ login: { ...LOGIN, method: 'DELETE' } }), 'auth.login.method', /POST, PUT, GET/],
    ['a token without a life', twoStep({ seconds: undefined }), 'auth', /`expiresIn` or `seconds`/],
    ['a token in a header of HTTP', twoStep({ send: { header: 'Host' } }), 'auth.send.header', /set otherwise/],
    [
      'a login with a header of HTTP',
      twoStep({ login: { ...LOGIN, headers: { Host: 'x' } } }),
      'Host',
      /set otherwise/,
    ],
    ['a password that is shown', basic({ password: '{location}' }), 'auth.password', /that is secret/],
    ['a password of its own', basic({ password: 's3cret' }), 'auth.password', /must name a field/],
    [
      'a login that says no secret',
      twoStep({ login: { path: '/l', form: { a: '{location}' }, headers: { 'X-A': '{location}' } } }),
      'auth.login',
      /that is secret/,
    ],
    ['a secret of its own', oauth({ clientSecret: 's3cret' }), 'auth.clientSecret', /must name a field/],
    ['a secret that is shown', oauth({ clientSecret: '{location}' }), 'auth.clientSecret', /that is secret/],
    ['a scope of two lines', oauth({ scope: 'a\nb' }), 'auth.scope', /pattern/],
    [
      'a token server elsewhere',
      oauth({ tokenEndpoint: url('https://evil.example/') }),
      'tokenEndpoint.url',
      /`hosts`/,
    ],
    ['a grant without its token', grant({}), 'credentials.refreshToken', /must be there, and secret/],
    ['a client secret that is shown', grant({ clientSecret: '{location}' }), 'auth.clientSecret', /that is secret/],
    ['a grant at another host', grant({ tokenEndpoint: url('https://evil.example/') }), 'tokenEndpoint.url', /`hosts`/],
    ['a key that is no field', signed({ key: 'other' }), 'auth.key', /that is secret/],
    ['a key that is shown', signed({ key: 'location' }), 'auth.key', /that is secret/],
    ['a private key as an issuer', signed({ issuer: '{pin}' }), 'auth.issuer', /never sent/],
    ['a private key that is the API key', signed({ key: 'apiKey' }), 'auth.key', /that is secret/],
    ['no algorithm', signed({ algorithm: 'none' }), 'auth.algorithm', /RS256, ES256, HS256/],
    ['a life without an end', signed({ seconds: 1e9 }), 'auth.seconds', /86400/],
    ['an exchange elsewhere', signed({ exchange: url('https://evil.example/') }), 'auth.exchange.url', /`hosts`/],
    ['a kind of nobody', { kind: 'magic' }, 'auth', /./],
  ])('does not take %s', (_what, auth, place, fault) => {
    const manifest = parse(EXAMPLE);
    manifest.credentials.location.identifies = true;
    manifest.credentials.pin = { title: 'P', description: 'P', example: 'p', secret: true };
    const text = stringify({ ...manifest, auth });
    const { faults } = readManifest(text);
    const told = faults.find(({ path: where, rule }) => where.endsWith(place) && fault.test(rule));
    expect([faults, told]).toEqual([faults, expect.anything()]);
    // where it stands
    const { line, column } = told!;
    expect(line).toBeGreaterThan(text.slice(0, text.indexOf('auth:')).split('\n').length);
    expect(column).toBeGreaterThan(1);
  });

  it('must say which field tells credentials apart where no key is sent, and of one field alone', () => {
    const manifest = { ...parse(EXAMPLE), auth: twoStep({}) };
    manifest.credentials.pin = { title: 'P', description: 'P', example: 'p', secret: true };
    const rules = () => readManifest(stringify(manifest)).faults.map(({ path: where, rule }) => `${where}: ${rule}`);
    expect(rules()).toEqual([expect.stringMatching(/^credentials: must say of one field that it `identifies`/)]);
    manifest.credentials.location.identifies = true;
    expect(rules()).toEqual([]);
    manifest.credentials.user = { title: 'U', description: 'U', example: 'u', identifies: true };
    expect(rules()).toEqual([expect.stringMatching(/^credentials.user.identifies: stands at location already/)]);
    delete manifest.credentials.user;
    // a key that is sent in a body is asked for
    delete manifest.credentials.location.identifies;
    manifest.auth = twoStep({ login: { path: '/login', form: { key: '{apiKey}' } } });
    expect(rules()).toEqual([]);
  });

  it('puts no secret into an address', () => {
    const manifest = parse(EXAMPLE);
    manifest.credentials.pin = { title: 'P', description: 'P', example: 'p', secret: true };
    manifest.streams[0].query = { place: '{location}', pin: '{pin}' };
    expect(readManifest(stringify(manifest)).faults).toMatchObject([
      { path: 'streams.0.query.pin', rule: expect.stringMatching(/which is secret/) },
    ]);
  });
});

/** YAML that is deep and short, in each way in which it may be written. */
function deepTexts(): string[] {
  const blocks = Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
  const flows = ['[', '{a: ', '- ', '? ', '[{a: ', '"a": [', '!!seq [', '&a ['].map((part) => part.repeat(9_000));
  return [...flows, blocks, `x: ${'['.repeat(6_000)}${']'.repeat(6_000)}`, `# [\n'[': ${'['.repeat(5_000)}`];
}

function nested(depth: number): object {
  return depth === 0 ? { line1: 'a' } : { line1: nested(depth - 1) };
}

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  return lines.join('\n');
}
