import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startSandboxServer, type SandboxServer, type Variant } from './index';
import { SIMULATOR_NAMES, SIMULATORS, type SimulatorName } from './simulators';

interface Probe {
  path: string;
  post?: object;
}

const get = (path: string): Probe => ({ path });
const since = '2026-05-20 00:00:00';
const payment = { patient_id: '1', amount: '5.00', payment_type_id: '1', note: 'mine' };

/** Calls that between them show every variant of a provider. */
const PROBES: Partial<Record<SimulatorName, readonly Probe[]>> = {
  practicehub: [
    ...['/patients', '/invoices', '/payments', '/payment_allocations', '/patient_packages', '/packages'].map(get),
    ...['/services', '/products', '/invoices/3', '/patients?page_size=20&page=2', '/patients?page_size=20&page=3'].map(
      get,
    ),
    ...[`/patients?updated=gte:${since}`, '/patients?updated=2026-05-20T00:00:00Z', '/payments?note=like:slip'].map(
      get,
    ),
    ...['between:2026-01-01 00:00:00,2999-12-31 23:59:59', 'gte:2026-06-01 20:00:00'].map((asked) =>
      get(`/invoices?created=${asked}`),
    ),
    { path: '/payments', post: payment },
    { path: '/payment_allocations', post: { payment_id: 61, invoice_id: 61, amount: '5.00' } },
    { path: '/patient_logs', post: { patient_id: '1', type: 'billing' } },
  ],
  wodify: [
    ...['/clients', '/memberships', '/financials/invoices', '/clients/3', '/clients/999999'].map(get),
    ...['updated_on_datetime|gte|2026-05-20T00:00:00Z', 'shoe_size|eq|1', 'member_since|gt|1990-01-01'].map((q) =>
      get(`/clients/search?q=${q}`),
    ),
    ...["/clients/search?q=member_since|gt|'1990-01-01'", '/financials/invoices?sort=desc_created_on_datetime'].map(
      get,
    ),
  ],
  terminal: [
    ...['/terminal-devices', '/terminal-payments?limit=10', '/terminal-payments?limit=100&offset=20'].map(get),
    ...['/terminal-payments?limit=500', '/terminal-payments?status=standalone_approved', '/terminal-payments'].map(get),
    ...['/terminal-payments?status=approved&limit=100'].map(get),
  ],
};

const WITH_VARIANTS = SIMULATOR_NAMES.filter((name) => SIMULATORS[name].definition.variants !== undefined);

const cases = WITH_VARIANTS.flatMap((name) =>
  (SIMULATORS[name].definition.variants ?? []).flatMap((variant) =>
    variant.values
      .filter((value) => value !== variant.default)
      .map((value): [SimulatorName, string, string, Variant] => [name, variant.key, value, variant]),
  ),
);

describe('variants', () => {
  let server: SandboxServer;
  const usual: Partial<Record<SimulatorName, string>> = {};

  beforeAll(async () => {
    server = await startSandboxServer({ reference: Date.UTC(2026, 5, 1), now: () => Date.UTC(2026, 5, 1, 12) });
    for (const name of WITH_VARIANTS) usual[name] = await surfaceOf(name, {});
  });
  afterAll(() => server.close());

  /** A digest of all that a caller sees of a fresh account with these variants. */
  const surfaceOf = async (name: SimulatorName, variants: Record<string, string>): Promise<string> => {
    const simulator = server.sandbox[name];
    const apiKey = 'acct-variants';
    const settings = { ratePerSecond: 0, variants };
    const sizes = { '*': 60, ...(name === 'terminal' && { devices: 8 }) };
    simulator.addAccount({ apiKey, seed: 7, sizes, settings });
    if (name === 'practicehub') {
      simulator.create({ resource: 'invoices', apiKey, fields: { patient_id: '1', total: '9.00' } });
    }
    const root = `${server.url}/sandbox/${name}${name === 'wodify' ? '/v1' : name === 'terminal' ? '/v2' : ''}`;
    const headers = { 'x-practicehub-key': apiKey, 'x-app-details': 'a=b@c', 'x-api-key': apiKey };
    const ask = async ({ path: place, post }: Probe): Promise<string> => {
      const res = await fetch(root + place, {
        headers: { ...headers, 'content-type': 'application/json' },
        ...(post && { method: 'POST', body: JSON.stringify(post) }),
      });
      return `${res.status} ${res.headers.get('retry-after') ?? ''} ${await res.text()}`;
    };
    const answers: string[] = [];
    const [first, ...others] = PROBES[name] ?? [];
    if (!first) throw new Error(`no calls show the variants of ${name}`);
    for (const probe of [first, ...others]) answers.push(await ask(probe));
    if (name === 'terminal') {
      const [row] = simulator.truth({ resource: 'payments', apiKey });
      answers.push(await ask(get(`/terminal-payments/${String(row?.['id'])}`)));
    }
    simulator.configure({ ratePerSecond: 0.01 }, apiKey);
    answers.push(await ask(first), await ask(first));
    simulator.providerTruth({ apiKey });
    expect(simulator.crash).toBeNull();
    return createHash('sha256').update(answers.join('\n')).digest('hex');
  };

  it.each(cases)('%s: %s as %s is seen by callers', async (name, key, value, variant) => {
    const without = variant.with ? await surfaceOf(name, variant.with) : usual[name];
    expect(await surfaceOf(name, { ...variant.with, [key]: value })).not.toBe(without);
  });

  it.each(WITH_VARIANTS)('%s lists its variants, and takes no other', async (name) => {
    const control = `${server.url}/sandbox/${name}/_control`;
    const headers = { authorization: `Bearer ${server.controlToken}` };
    const { variants } = (await (await fetch(`${control}/variants`, { headers })).json()) as { variants: Variant[] };
    expect(variants).toEqual(server.sandbox[name].variants);
    const keys = variants.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const variant of variants) {
      expect(variant.values).toContain(variant.default);
      expect(new Set(variant.values).size).toBe(variant.values.length);
      expect(variant.fact.length).toBeGreaterThan(10);
      expect(['doc', 'live', 'owner', 'inferred']).toContain(variant.certainty);
    }
    const { configure } = server.sandbox[name];
    const set = (choice: Record<string, string>) => () => configure.call(server.sandbox[name], { variants: choice });
    expect(set({ nonsense: 'x' })).toThrow(/unknown variant/);
    expect(set({ [keys[0] ?? '']: 'nonsense' })).toThrow(/no such value/);
  });

  it('stand in the README, each with its values', () => {
    const readme = readFileSync(path.join(__dirname, 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| (\w+) +\| `(\w+)` +\| (.+?) +\| (\w+) +\|$/gm)].map(([, ...row]) => row);
    const expected = WITH_VARIANTS.flatMap((name) =>
      server.sandbox[name].variants.map(({ key, values, default: first, certainty }) => {
        const inOrder = [first, ...values.filter((value) => value !== first)];
        return [name, key, inOrder.map((value) => `\`${value}\``).join(' '), certainty];
      }),
    );
    expect(rows).toEqual(expected);
  });

  it('keeps the variants of an account that are not named, and those of other accounts', () => {
    const { wodify } = server.sandbox;
    wodify.addAccount({ apiKey: 'acct-one', settings: { variants: { sort: 'ignored', single: 'wrapped' } } });
    wodify.configure({ variants: { single: 'bare', retryAfter: 'date' } }, 'acct-one');
    const { settings } = wodify.account('acct-one');
    expect(settings).toMatchObject({
      retryAfter: 'date',
      variants: { sort: 'ignored', single: 'bare', amounts: 'present' },
    });
    expect(wodify.settings).toMatchObject({ retryAfter: 'off', variants: { sort: 'honoured' } });
  });
});
