import path from 'node:path';
import {
  changedManifest,
  cutToStream,
  failuresOf,
  MANIFEST_FILES,
  manifestText,
  soundManifest,
  type ManifestChange,
} from '../../../../test/support/changed-manifest';
import { CONFORMANCE_CHECKS, conformanceOf } from './conformance';

interface Mistake {
  readonly what: string;
  readonly provider: string;
  /** Made of the manifest under test; the simulator is made of the manifest without it. */
  readonly change: ManifestChange;
  /** Made of both. */
  readonly ofBoth?: ManifestChange;
}

const LINK = { 'streams/0/paging': { by: 'link', next: 'links.next', size: 20 } };
const RULES = 'errors/rules';

/** By the check that must fail, and where: a manifest that says something else than the provider does. */
const MISTAKES: readonly (readonly [fails: string, mistake: Mistake])[] = [
  ['credentials - at auth', { what: 'another header of the key', provider: 'acme', change: { 'auth/name': 'X-Key' } }],
  ['credentials - at auth', { what: 'a prefix', provider: 'acme', change: { 'auth/prefix': 'Token ' } }],
  ['credentials - at auth', { what: 'a key in the query', provider: 'acme', change: { 'auth/in': 'query' } }],
  ['credentials - at auth', { what: 'a header left out', provider: 'acme', change: { headers: undefined } }],
  ['credentials - at auth', { what: 'bearer for basic', provider: 'cliniko', change: { auth: { kind: 'bearer' } } }],
  [
    'credentials - at auth',
    { what: 'a key as password', provider: 'cliniko', change: { 'auth/username': '', 'auth/password': '{apiKey}' } },
  ],
  [
    'credentials - at auth',
    {
      what: 'another member of the login',
      provider: 'mindbody',
      change: { 'auth/login/json': { Name: '{username}', Password: '{password}' } },
    },
  ],
  [
    'credentials - at test',
    { what: 'another place of the token', provider: 'mindbody', change: { 'auth/token': 'Token' } },
  ],
  ['credentials - at test', { what: 'another test', provider: 'acme', change: { 'test/path': '/self' } }],
  [
    'credentials - at test',
    { what: 'another account', provider: 'acme', change: { 'test/account': 'account.number' } },
  ],

  [
    'verdicts - at errors/rules/0',
    { what: 'another verdict', provider: 'acme', change: { 'errors/rules/0/verdict': 'auth' } },
  ],
  ['verdicts - at errors', { what: 'no rule', provider: 'acme', change: { [RULES]: [] } }],
  [
    'verdicts - at errors/rules/0',
    { what: 'another word of a failure', provider: 'nookal', change: { 'errors/rules/0/equals': 'L1' } },
  ],
  [
    'verdicts - at errors',
    {
      what: 'every 4xx a permission',
      provider: 'stripe',
      change: { [RULES]: [{ status: 400, verdict: 'permission' }] },
    },
  ],
  [
    'retry-after - at errors',
    { what: '429 as contract', provider: 'stripe', change: { [RULES]: [{ status: 429, verdict: 'contract' }] } },
  ],
  [
    'token-renewal - at auth',
    { what: '401 as permission', provider: 'mindbody', change: { [RULES]: [{ status: 401, verdict: 'permission' }] } },
  ],
  [
    'token-renewal - at auth/expiresIn',
    {
      what: 'the life of a token left out',
      provider: 'mindbody',
      ofBoth: { 'auth/expiresIn': 'Seconds' },
      change: { 'auth/expiresIn': undefined },
    },
  ],

  [
    'read-once clients at streams/0/paging/parameter',
    { what: 'another parameter of the page', provider: 'acme', change: { 'streams/0/paging/parameter': 'p' } },
  ],
  [
    'read-once clients at streams/0/paging/sizeParameter',
    { what: 'another parameter of the size', provider: 'acme', change: { 'streams/0/paging/sizeParameter': 'limit' } },
  ],
  [
    'read-once clients at streams/0/rows',
    { what: 'another place of the rows', provider: 'acme', change: { 'streams/0/rows': 'customers' } },
  ],
  [
    'read-once clients at streams/0/path',
    { what: 'another path', provider: 'acme', change: { 'streams/0/path': '/customers' } },
  ],
  ['read-once clients at streams/0/id', { what: 'another id', provider: 'acme', change: { 'streams/0/id': 'email' } }],
  [
    'read-once clients at streams/0/paging',
    { what: 'pages from 0 on', provider: 'acme', change: { 'streams/0/paging/first': 0 } },
  ],
  [
    'read-once clients at streams/0/paging',
    {
      what: 'pages from 1 on',
      provider: 'acme',
      ofBoth: { 'streams/0/paging/first': 0 },
      change: { 'streams/0/paging/first': 1 },
    },
  ],
  [
    'read-once clients at streams/0/paging',
    { what: 'one page', provider: 'acme', change: { 'streams/0/paging': { by: 'none' } } },
  ],
  [
    'read-once clients at streams/0/paging',
    {
      what: 'another link to go on by',
      provider: 'acme',
      ofBoth: LINK,
      change: { 'streams/0/paging/next': 'links.more' },
    },
  ],
  [
    'read-once bills at streams/1/paging',
    { what: 'another cursor', provider: 'acme', change: { 'streams/1/paging/next': 'meta.cursor' } },
  ],
  [
    'read-once clients at streams/0/paging',
    { what: 'pages counted for rows', provider: 'mindbody', change: { 'streams/0/paging/by': 'page' } },
  ],
  [
    'read-once prices at streams/1/query',
    { what: 'a fixed parameter left out', provider: 'stripe', change: { 'streams/1/query': undefined } },
  ],
  [
    'read-once customers at streams/0/where',
    { what: 'rows that are not of the stream', provider: 'stripe', change: { 'streams/0/where': undefined } },
  ],
  [
    'read-once products at streams/2/id',
    { what: 'another prefix of ids', provider: 'cliniko', change: { 'streams/2/idPrefix': 'goods:' } },
  ],
  [
    'read-once patients at streams/0/updatedAt',
    { what: 'times that name no zone', provider: 'nookal', change: { 'times/zone': 'named' } },
  ],
  [
    'read-once invoices at streams/3/fields/status',
    { what: 'a word left out', provider: 'cliniko', change: { 'streams/3/fields/status/words/Paid': undefined } },
  ],
  [
    'word-end patients at streams/0/paging',
    { what: 'no count of rows', provider: 'nookal', change: { 'streams/0/paging/total': undefined } },
  ],
  [
    'word-end customers at streams/0/paging',
    { what: 'another word for more', provider: 'stripe', change: { 'streams/0/paging/more': 'more' } },
  ],
  [
    'repeated-page clients at streams/0/paging',
    { what: 'one page', provider: 'acme', change: { 'streams/0/paging': { by: 'none' } } },
  ],
  [
    'endless-next customers at streams/0/paging',
    { what: 'no word for more', provider: 'stripe', change: { 'streams/0/paging/more': undefined } },
  ],
  [
    'web-page clients at errors',
    {
      what: 'web pages as an outage',
      provider: 'acme',
      change: { [RULES]: [{ header: 'content-type', equals: 'text/html', verdict: 'provider_down' }] },
    },
  ],
  [
    'no-list clients at streams/0/rows',
    { what: 'rows that may be absent', provider: 'acme', change: { 'streams/0/rowsOptional': true } },
  ],

  [
    'changed-since clients at streams/0/changedSince/parameter',
    {
      what: 'another parameter of the filter',
      provider: 'acme',
      change: { 'streams/0/changedSince/parameter': 'since' },
    },
  ],
  [
    'changed-since clients at streams/0/changedSince',
    { what: 'another form of the filter', provider: 'acme', change: { 'streams/0/changedSince/form': 'unix' } },
  ],
  [
    'changed-since clients at streams/0',
    { what: 'no filter', provider: 'acme', change: { 'streams/0/changedSince': undefined } },
  ],
  [
    'changed-since patients at streams/0/changedSince',
    {
      what: 'another comparison',
      provider: 'cliniko',
      change: { 'streams/0/changedSince/value': 'updated_at:>{since}' },
    },
  ],
  [
    'changed-since patients at streams/0/changedSince',
    {
      what: 'a filter that leaves out the cursor’s time',
      provider: 'cliniko',
      ofBoth: { 'streams/0/changedSince/value': 'updated_at:>{since}' },
      change: {},
    },
  ],
  [
    'newest-first invoices at streams/2',
    { what: 'no order', provider: 'stripe', change: { 'streams/2/newestFirst': undefined } },
  ],
  [
    'newest-first bills at streams/1/newestFirst',
    {
      what: 'an order that there is not',
      provider: 'acme',
      change: {
        'streams/1/changedSince': undefined,
        'streams/1/complete': false,
        'streams/1/newestFirst': { mutableDays: 9 },
      },
    },
  ],

  [
    'times patients at streams/0/updatedAt',
    { what: 'another zone', provider: 'nookal', change: { 'times/zone': 'utc' } },
  ],
  [
    'times bills at streams/1/fields/dueAt',
    { what: 'another time', provider: 'acme', change: { 'streams/1/fields/dueAt': 'created_at' } },
  ],
  [
    'read-once invoices at streams/2/fields/issuedAt',
    { what: 'another form of times', provider: 'stripe', change: { 'times/form': 'iso' } },
  ],
  [
    'fields clients at streams/0/fields/firstName',
    { what: 'another field', provider: 'acme', change: { 'streams/0/fields/firstName': 'last_name' } },
  ],
  [
    'fields clients at streams/0/fields',
    { what: 'a field left out', provider: 'acme', change: { 'streams/0/fields/email': undefined } },
  ],
  [
    'fields clients at streams/0/fields/active',
    {
      what: 'words the other way round',
      provider: 'acme',
      change: { 'streams/0/fields/active/words': { active: false, archived: true } },
    },
  ],
  [
    'fields clients at streams/0/fields/address',
    {
      what: 'another part of the address',
      provider: 'acme',
      change: { 'streams/0/fields/address/city': 'address.street' },
    },
  ],
  [
    'fields bills at streams/1/fields/totalMinor',
    { what: 'minor units for major', provider: 'acme', change: { 'streams/1/fields/totalMinor/unit': 'major' } },
  ],
  [
    'fields bills at streams/1/fields',
    { what: 'no currency', provider: 'acme', change: { 'streams/1/fields/currency': undefined } },
  ],
  [
    'fields charges at streams/3/fields/refundedMinor',
    {
      what: 'another amount',
      provider: 'stripe',
      change: { 'streams/3/fields/refundedMinor': { from: 'amount_captured', unit: 'minor' } },
    },
  ],
  [
    'row-lists bills at streams/1/fields/lines',
    { what: 'another list of the row', provider: 'acme', change: { 'streams/1/fields/lines/each': 'entries' } },
  ],
  [
    'row-lists bills at streams/1/fields/lines',
    {
      what: 'another amount of a line',
      provider: 'acme',
      change: { 'streams/1/fields/lines/fields/amountMinor': { from: 'count', unit: 'minor' } },
    },
  ],
  [
    'unknown-words clients at streams/0/fields/active',
    {
      what: 'any other word',
      provider: 'acme',
      change: { 'streams/0/fields/active/words': { active: true, archived: false, '*': true } },
    },
  ],
  [
    'unknown-words invoices at streams/3/fields/status',
    { what: 'any other word', provider: 'cliniko', change: { 'streams/3/fields/status/words/*': 'open' } },
  ],
  [
    'row-by-id clients at streams/0',
    { what: 'no address of a row', provider: 'acme', change: { 'streams/0/one': undefined } },
  ],
  [
    'row-by-id clients at streams/0/one',
    { what: 'another address of a row', provider: 'acme', change: { 'streams/0/one/path': '/client/{id}' } },
  ],
  [
    'row-by-id clients at streams/0/one',
    { what: 'another name of the row', provider: 'acme', change: { 'streams/0/one/row': 'data.client' } },
  ],
];

const SECRET = { title: 'S', description: 'S', example: 's-1', secret: true, identifies: true };
const REFRESH_TOKEN = { title: 'R', description: 'R', example: 'r-1', secret: true };
const OTHER_HOST = { url: 'https://login.acme.example/token' };
const JWT = { kind: 'signed_jwt', key: 'signer', audience: 'acme', issuer: '{location}', seconds: 300 };
const oneList = (list: object) =>
  Object.fromEntries(Object.entries(list).map(([name, value]) => [`streams/0/${name}`, value]));

/** What else the language can say. */
const VARIATIONS: readonly (readonly [what: string, change: ManifestChange])[] = [
  ['pages from 0 on', oneList({ paging: { by: 'page', parameter: 'p', first: 0, size: 7, total: 'total' } })],
  ['offsets', oneList({ paging: { by: 'offset', parameter: 'o', size: 7, sizeParameter: 'n', more: 'more' } })],
  ['the last id', oneList({ paging: { by: 'after', parameter: 'a', size: 7, sizeParameter: 'n', more: 'more' } })],
  ['links', oneList({ paging: { by: 'link', next: 'links.next', size: 7 } })],
  ['links with the key in the query', { ...oneList({ paging: { by: 'link', next: 'next' } }), 'auth/in': 'query' }],
  ['one page', oneList({ paging: { by: 'none' } })],
  ['no word of the end', oneList({ paging: { by: 'offset', parameter: 'o', size: 7, sizeParameter: 'n' } })],
  ['a bare list', oneList({ rows: '$', paging: { by: 'page', parameter: 'p', size: 7, sizeParameter: 'n' } })],
  ['rows that may be absent', oneList({ rowsOptional: true })],
  ['a list that is the test', { 'test/path': '/clients' }],
  ['seconds', { 'times/form': 'unix', 'streams/0/changedSince/form': 'unix' }],
  ['wall clocks', { 'times/zone': 'merchant', 'streams/0/changedSince/form': 'wall' }],
  ['UTC without a zone', { 'times/zone': 'utc', 'streams/0/changedSince/form': 'date' }],
  ['a place in the query', oneList({ query: { at: 'no {location}', all: '1' } })],
  ['an entry of a list', oneList({ id: 'ids.0.value', 'fields/phone': 'phones.1.number' })],
  [
    'a list that an expression walks',
    oneList({ where: 'row.tags.exists(t, t.name == "client") && size(row.tags) < 4' }),
  ],
  ['a text that an expression cuts', oneList({ 'fields/externalReference': { cel: 'row.ref.split("/")[1]' } })],
  [
    'whatever else an expression reads',
    oneList({ where: '{"a": row.n + 1.0}.a > 2.0 && row["m"] != "x" && [row.b][0] == true' }),
  ],
  [
    'a token of a login by GET',
    {
      auth: {
        kind: 'two_step',
        login: { path: '/in', method: 'GET', headers: { 'X-Pin': '{pin}' } },
        token: 't',
        seconds: 60,
        send: { header: 'X-T' },
      },
      credentials: { pin: SECRET, location: undefined },
      headers: undefined,
    },
  ],
  [
    'a token of a form elsewhere',
    {
      auth: {
        kind: 'two_step',
        login: { ...OTHER_HOST, form: { pin: '{apiKey}', of: '1' } },
        token: 'data.t',
        expiresIn: 'data.s',
      },
    },
  ],
  [
    'client credentials',
    {
      auth: {
        kind: 'oauth2_client_credentials',
        tokenEndpoint: OTHER_HOST,
        clientId: '{location}',
        clientSecret: '{apiKey}',
      },
    },
  ],
  [
    'client credentials in the body',
    {
      auth: {
        kind: 'oauth2_client_credentials',
        tokenEndpoint: { path: '/token' },
        clientId: '{location}',
        clientSecret: '{apiKey}',
        clientBy: 'body',
      },
    },
  ],
  [
    'a grant whose refresh tokens rotate',
    {
      auth: { kind: 'oauth2_authorization_code', tokenEndpoint: OTHER_HOST, clientId: '{location}' },
      'credentials/location/identifies': true,
      'credentials/refreshToken': REFRESH_TOKEN,
    },
  ],
  ['a signed token', { auth: { ...JWT, algorithm: 'ES256' }, 'credentials/signer': SECRET }],
  ['a signed token with a shared secret', { auth: { ...JWT, algorithm: 'HS256', key: 'apiKey' } }],
  [
    'a token for a signed one',
    { auth: { ...JWT, algorithm: 'RS256', exchange: OTHER_HOST }, 'credentials/signer': SECRET },
  ],
];

describe('the suite for manifests', () => {
  it.each(VARIATIONS)('passes a manifest with %s', async (_, change) => {
    const results = await conformanceOf(soundManifest(changedManifest(cutToStream(manifestText('acme'), 0), change)));
    expect(failuresOf(results)).toEqual([]);
    expect(results.find(({ check }) => check === 'read-once')!.outcome.result).toBe('passed');
  });

  it.each(MANIFEST_FILES)('passes %s, told by itself', async (file) => {
    const results = await conformanceOf(soundManifest(manifestText(path.parse(file).name)));
    expect(failuresOf(results)).toEqual([]);
    expect(results.filter(({ outcome }) => outcome.result === 'passed').length).toBeGreaterThan(10);
  });

  it.each(MISTAKES.map(([fails, mistake]) => [fails, mistake.provider, mistake.what, mistake] as const))(
    'fails %s: %s with %s',
    async (fails, provider, _what, { change, ofBoth = {} }) => {
      const index = Number(/streams\/(\d)/.exec(fails)?.[1] ?? 0);
      const told = changedManifest(manifestText(provider), ofBoth);
      const [wrong, right] = [changedManifest(told, change), told].map((text) =>
        soundManifest(cutToStream(text, index)),
      );
      const results = await conformanceOf(wrong!, right);
      expect(failuresOf(results)).toContain(fails.replace(`streams/${index}`, 'streams/0'));
    },
  );

  it('has a mistake for each of its checks', () => {
    const failing = new Set(MISTAKES.map(([fails]) => fails.split(' ')[0]));
    expect(CONFORMANCE_CHECKS.filter(({ id }) => !failing.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it('says so where a list is not read at all', async () => {
    const told = soundManifest(manifestText('acme'));
    const results = await conformanceOf({ ...told, streams: [told.streams[0]!] }, told);
    expect(failuresOf(results)).toEqual(['read-once bills at streams']);
  });
});
