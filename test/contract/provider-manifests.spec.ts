import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { GuardedHttpClient, hostIsUnder } from '../../src/platform/outbound';
import { dryRun, ManifestAdapter, readManifest, type Manifest, type ProviderCall } from '../../src/providers';
import {
  documentedPages,
  startDocumentedApi,
  type DocumentedApi,
  type DocumentedLogin,
  type DocumentedPages,
} from './manifest-pages';

const ROOT = path.resolve(__dirname, '../..');
const FILES = readdirSync(path.join(ROOT, 'providers')).filter((file) => file.endsWith('.yaml'));
const textOf = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

function manifestIn(file: string): Manifest {
  const { manifest, faults } = readManifest(textOf(`providers/${file}`));
  const lines = faults.map(({ line, column, path: place, rule }) => `${file}:${line}:${column} ${place}: ${rule}`);
  if (!manifest) throw new Error(lines.join('\n'));
  return manifest;
}

/** How each of them takes the key `k-1`. */
const KEY_SENT: Readonly<Record<string, (call: DocumentedApi['asked'][number]) => unknown>> = {
  cliniko: ({ headers }) => Buffer.from(headers.authorization!.replace('Basic ', ''), 'base64').toString() === 'k-1:',
  mindbody: ({ headers }) =>
    headers['api-key'] === 'k-1' && headers['siteid'] === '-99' && headers.authorization === 'Bearer AccessToken6',
  nookal: ({ query }) => query.get('api_key') === 'k-1',
  square: ({ headers }) => headers.authorization === 'Bearer k-1' && headers['square-version'] === '2026-09-16',
  stripe: ({ headers }) => headers.authorization === 'Bearer k-1' && headers['stripe-version'] === '2024-11-20.acacia',
};

/** What is asked for a token, and the documented answer. */
const LOGINS: Readonly<Record<string, DocumentedLogin>> = {
  mindbody: {
    path: '/usertoken/issue',
    answer: { TokenType: 'TokenType2', AccessToken: 'AccessToken6', Expires: '2016-03-13T12:52:32.123Z' },
  },
};

const http = new GuardedHttpClient({ allowPrivate: true });
afterAll(() => http.close());

/** A call with the key `k-1` to a server that stands in for the provider. */
function callTo(url: string, manifest: Manifest, adapter: ManifestAdapter): ProviderCall {
  const { signal } = new AbortController();
  const fields = Object.entries(manifest.credentials ?? {}).map(([name, { example }]) => [name, example]);
  const { baseUrl } = adapter.normaliseCredentials({ apiKey: 'k-1', baseUrl: url }, 'sandbox');
  return {
    credentials: { ...Object.fromEntries(fields), apiKey: 'k-1', baseUrl },
    environment: 'sandbox',
    settings: { currency: 'AUD', timezone: 'Australia/Sydney' },
    http: http.bind({ allowedHostSuffixes: null, exemptPrefix: null, signal, budget: null }),
    signal,
  };
}

async function readOnce(manifest: Manifest, key: string, pages: DocumentedPages) {
  const adapter = new ManifestAdapter(manifest, { liveHostSuffixes: manifest.hosts });
  const api = await startDocumentedApi([pages], LOGINS[manifest.id]);
  try {
    const stream = adapter.streams.find((each) => each.key === key)!;
    return { read: await dryRun(stream, callTo(api.url, manifest, adapter), 5), asked: api.asked };
  } finally {
    await api.close();
  }
}

describe.each(FILES)('providers/%s', (file) => {
  // throws where it has a fault
  const manifest = manifestIn(file);

  it('is named as its file, and leads to hosts of its own', () => {
    expect(`${manifest.id}.yaml`).toBe(file);
    const { hosts, baseUrl } = manifest;
    for (const address of [baseUrl.default, baseUrl.example].filter((each) => each !== undefined)) {
      expect(hosts.some((host) => hostIsUnder(new URL(address).hostname, host))).toBe(true);
    }
    const others = FILES.filter((other) => other !== file).flatMap((other) => manifestIn(other).hosts);
    expect(others.filter((host) => hosts.includes(host))).toEqual([]);
  });

  it('has a page of facts that says how sure they are, and names every stream', () => {
    const page = textOf(`docs/providers/${manifest.id}.md`);
    expect(page).toMatch(/^Beta/m);
    for (const { key } of manifest.streams) expect(page).toContain(`\`${key}\``);
    for (const fact of page.split(/^### /m).slice(1)) {
      expect(fact).toMatch(/^\*\*(doc|live|owner|inferred)\*\*( · <https:\/\/\S+>)*$/m);
      expect(fact).toContain('- What the manifest does: ');
      expect(fact).toContain('- If the fact is wrong: ');
    }
  });

  describe('reads what its documentation shows', () => {
    const pages = documentedPages(manifest.id);
    const adapter = new ManifestAdapter(manifest, { liveHostSuffixes: manifest.hosts });
    it('in each of its streams, and in no other', () => {
      expect(Object.keys(pages).sort()).toEqual([...manifest.streams.map(({ key }) => key), 'test'].sort());
      for (const { source } of Object.values(pages)) expect(source).toMatch(/^https:\/\//);
    });

    it('where the credentials are tested', async () => {
      const api = await startDocumentedApi([pages['test']!], LOGINS[manifest.id]);
      const call = callTo(api.url, manifest, adapter);
      const { accountId } = await adapter.testCredentials(call);
      await api.close();
      expect(accountId).toBe(pages['test']!.account ?? call.credentials.baseUrl);
      expect(api.asked.map(KEY_SENT[manifest.id]!)).toEqual([true]);
    });

    it.each(manifest.streams.map(({ key }) => key))('in %s', async (key) => {
      const { query = {}, answers, records, quarantined = {} } = pages[key]!;
      const { read, asked } = await readOnce(manifest, key, pages[key]!);
      expect({ records: read.records, quarantined: read.quarantined }).toEqual({ records, quarantined });
      expect({ pages: read.pages, complete: read.complete }).toEqual({ pages: answers.length, complete: true });
      expect(Object.fromEntries(asked[0]!.query)).toMatchObject(query);
      // the pages, and one row by its id
      expect(asked).toHaveLength(answers.length + (read.byId === null ? 0 : 1));
      expect(asked.map(KEY_SENT[manifest.id]!)).toEqual(asked.map(() => true));
    });
  });
});

it('mindbody is logged in to once, with what its documentation asks for', async () => {
  const manifest = manifestIn('mindbody.yaml');
  const adapter = new ManifestAdapter(manifest, { liveHostSuffixes: manifest.hosts });
  const api = await startDocumentedApi([documentedPages('mindbody')['test']!], LOGINS['mindbody']);
  await adapter.testCredentials(callTo(api.url, manifest, adapter));
  await api.close();
  expect(api.logins).toMatchObject([{ headers: { 'api-key': 'k-1', siteid: '-99' } }]);
  const { username, password } = manifest.credentials!;
  expect(JSON.parse(api.logins[0]!.body)).toEqual({ Username: username!.example, Password: password!.example });
});

/** The first documented row of a stream, changed: what becomes of it. */
const CHANGED: readonly [what: string, provider: string, stream: string, change: object, becomes: object | string][] = [
  ['an archived patient', 'cliniko', 'patients', { archived_at: '2013-06-05T14:37:18Z' }, { active: false }],
  ['a deleted patient', 'cliniko', 'patients', { deleted_at: '2013-06-05T14:38:48Z' }, {}],
  ['an open credit', 'cliniko', 'invoices', { status_description: 'Open credit' }, { status: 'unknown' }],
  ['a word of nobody', 'cliniko', 'invoices', { status_description: 'Lost' }, 'status_description is not a known word'],
  ['a price with tax', 'cliniko', 'products', { price_including_tax: '11.00' }, { amountMinor: 1_100 }],
  ['a deleted customer', 'stripe', 'customers', { deleted: true }, {}],
  ['a price in ISK', 'stripe', 'prices', { currency: 'isk', unit_amount: 500 }, { amountMinor: 5, currency: 'ISK' }],
  ['half a króna', 'stripe', 'prices', { currency: 'isk', unit_amount: 550 }, 'amountMinor is not a whole number'],
  ['a price in MGA', 'stripe', 'prices', { currency: 'mga', unit_amount: 5 }, { amountMinor: 500, currency: 'MGA' }],
  ['a price in UGX', 'stripe', 'prices', { currency: 'ugx' }, 'amountMinor is not a whole number'],
  ['a price in tiers', 'stripe', 'prices', { unit_amount: null }, { amountMinor: null }],
  [
    'an invoice that is paid in part',
    'stripe',
    'invoices',
    { status: 'open', total: 900, amount_paid: 400, amount_remaining: 500 },
    { status: 'partial', totalMinor: 900, balanceMinor: 500 },
  ],
  ['a void invoice', 'stripe', 'invoices', { status: 'void', total: 9, amount_remaining: 9 }, { balanceMinor: 0 }],
  ['a credit', 'stripe', 'invoices', { total: -9 }, 'totalMinor is negative'],
  [
    'a charge that went back',
    'stripe',
    'charges',
    { refunded: true, amount_refunded: 1_099 },
    { status: 'refunded', amountMinor: 1_099, refundedMinor: 1_099 },
  ],
  [
    'a charge that went back in part',
    'stripe',
    'charges',
    { amount_refunded: 99 },
    { status: 'paid', refundedMinor: 99 },
  ],
  ['a charge that failed', 'stripe', 'charges', { status: 'failed' }, {}],
  ['an amount that is held', 'stripe', 'charges', { captured: false }, {}],
  ['a charge of another word', 'stripe', 'charges', { status: 'lost' }, 'status is not a known word'],
  ['a payment that is approved', 'square', 'payments', { status: 'APPROVED' }, {}],
  ['a payment of another word', 'square', 'payments', { status: 'LOST' }, 'status is not a known word'],
  [
    'a payment that went back',
    'square',
    'payments',
    { refunded_money: { amount: 555, currency: 'USD' } },
    { status: 'refunded', refundedMinor: 555 },
  ],
  ['a paid invoice', 'square', 'invoices', { status: 'PAID' }, { status: 'paid', balanceMinor: 0, refundedMinor: 0 }],
  [
    'an invoice that was given back in part',
    'square',
    'invoices',
    { status: 'PARTIALLY_REFUNDED' },
    { status: 'unknown', balanceMinor: null, refundedMinor: null },
  ],
  ['an item that is deleted', 'square', 'items', { is_deleted: true }, {}],
  ['a patient who is not active', 'nookal', 'patients', { active: '0' }, { active: false }],
];

describe.each(CHANGED)('%s (%s, %s)', (_what, provider, key, change, becomes) => {
  it(`becomes ${JSON.stringify(becomes)}`, async () => {
    const manifest = manifestIn(`${provider}.yaml`);
    const { rows: member } = manifest.streams.find((stream) => stream.key === key)!;
    const page = documentedPages(provider)[key]!;
    const answer = structuredClone(page.answers.at(0)) as Record<string, any>;
    const [parent, last] = [member.split('.').slice(0, -1), member.split('.').at(-1)!];
    const holder = parent.reduce((part, name) => part[name], answer);
    holder[last] = [{ ...holder[last][0], ...change }];
    // the one row is the whole list
    for (const more of ['cursor', 'links', 'total_entries']) delete answer[more];
    const { read } = await readOnce(manifest, key, { ...page, answers: [answer] });
    if (typeof becomes === 'string') expect(read.quarantined).toEqual({ [becomes]: 1 });
    else if (Object.keys(becomes).length === 0) expect(read).toMatchObject({ records: [], quarantined: {} });
    else expect(read).toMatchObject({ records: [{ record: becomes }], quarantined: {} });
  });
});
