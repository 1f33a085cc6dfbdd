import { GuardedHttpClient } from '../platform/outbound';
import { type AccountCheck, checkAccount, createAdapter, PROVIDER_FACTS, PROVIDER_IDS, type ProviderId } from '../providers';
import { type SandboxServer, startSandboxServer, type Variant } from '../sandbox';

const NOW = Date.UTC(2026, 5, 1, 12);
/** No call that only reads shows these: `provider check` says "cannot tell". */
const UNTOLD: Readonly<Record<ProviderId, readonly string[]>> = {
  practicehub: ['paymentWrites', 'allocationWrites', 'logWrites', 'timezone'],
  wodify: [],
  terminal: [],
};

describe('provider check', () => {
  let server: SandboxServer;
  let lift: () => void = () => undefined;
  const client = new GuardedHttpClient({
    allowPrivate: true,
    // a wait for the rate limit ends when the limit is lifted
    sleep: async () => lift(),
  });
  beforeAll(async () => {
    server = await startSandboxServer({ reference: Date.UTC(2026, 5, 1), now: () => NOW });
  });
  afterAll(async () => {
    await client.close();
    await server.close();
  });

  function check(id: ProviderId, baseUrl: string, apiKey: string): Promise<AccountCheck> {
    const adapter = createAdapter(id);
    const { signal } = new AbortController();
    return checkAccount({
      adapter,
      page: PROVIDER_FACTS[id]!,
      environment: 'sandbox',
      credentials: adapter.normaliseCredentials({ apiKey, baseUrl }, 'sandbox'),
      http: client.bind({ allowedHostSuffixes: null, exemptPrefix: null, signal, budget: null }),
      signal,
      asked: { paths: {}, timezone: null, currency: 'GBP', now: new Date(NOW) },
    });
  }

  async function checkWith(id: ProviderId, variants: Record<string, string>, isLimited = false): Promise<AccountCheck> {
    const simulator = server.sandbox[id];
    simulator.reset({ sizes: { '*': 150 } });
    simulator.configure({ variants, ...(isLimited ? { ratePerSecond: 1, burst: 3 } : { ratePerSecond: 0 }) });
    lift = () => void simulator.configure({ ratePerSecond: 0 });
    const { path, apiKey } = server.sandbox.credentials[id];
    const found = await check(id, `${server.url}${path}`, apiKey);
    expect(simulator.crash).toBeNull();
    return found;
  }

  const valueOf = ({ facts }: AccountCheck, id: string) => facts.find((fact) => fact.id === id)?.value;
  const variantsOf = async (): Promise<[ProviderId, Variant][]> => {
    const sandbox = await startSandboxServer();
    await sandbox.close();
    return PROVIDER_IDS.flatMap((id) => sandbox.sandbox[id].variants.map((variant): [ProviderId, Variant] => [id, variant]));
  };

  it('names the variant of every point that reads can show, in each provider', async () => {
    const wrong: string[] = [];
    for (const [id, variant] of await variantsOf()) {
      for (const value of variant.values) {
        const found = await checkWith(id, { ...variant.with, [variant.key]: value }, variant.key === 'retryAfter');
        const shown = valueOf(found, variant.key);
        const expected = UNTOLD[id].includes(variant.key) ? null : value;
        const fact = found.facts.find((one) => one.id === variant.key);
        if (shown !== expected) wrong.push(`${id} ${variant.key}=${value}: ${String(shown)} (${fact?.shows})`);
      }
    }
    expect(wrong).toEqual([]);
  }, 300_000);
});
