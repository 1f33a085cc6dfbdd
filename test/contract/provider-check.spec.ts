import { GuardedHttpClient } from '../../src/platform/outbound';
import { BUILT_IN_IDS, PROVIDER_FACTS, type AccountCheck, type BuiltInId } from '../../src/providers';
import { createSandbox, startSandboxServer, type SandboxServer } from '../../src/sandbox';
import { checkedAccount } from '../support/provider-check';

const NOW = Date.UTC(2026, 5, 1, 12);
const SIZES = { '*': 150 };
/** No call that only reads shows these: `provider check` says "cannot tell". */
const UNTOLD: Readonly<Partial<Record<BuiltInId, readonly string[]>>> = {
  practicehub: ['paymentWrites', 'allocationWrites', 'logWrites', 'timezone'],
};

describe('provider check', () => {
  const sandbox = createSandbox();
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

  async function check(id: BuiltInId): Promise<AccountCheck> {
    const { path, apiKey } = server.sandbox.credentials[id];
    const found = await checkedAccount(client, { id, baseUrl: `${server.url}${path}`, apiKey, now: new Date(NOW) });
    expect(server.sandbox[id].crash).toBeNull();
    return found;
  }

  async function checkWith(id: BuiltInId, variants: Record<string, string>, isLimited = false): Promise<AccountCheck> {
    const simulator = server.sandbox[id];
    simulator.reset({ sizes: SIZES });
    simulator.configure({ variants, ...(isLimited ? { ratePerSecond: 1, burst: 3 } : { ratePerSecond: 0 }) });
    lift = () => void simulator.configure({ ratePerSecond: 0 });
    return check(id);
  }

  const cases = BUILT_IN_IDS.flatMap((id) =>
    sandbox[id].variants.map((variant): [BuiltInId, string, typeof variant] => [id, variant.key, variant]),
  );

  it.each(cases)('%s: names every value of %s that reads can show', async (id, key, variant) => {
    for (const value of variant.values) {
      const found = await checkWith(id, { ...variant.with, [key]: value }, key === 'retryAfter');
      const fact = found.facts.find((one) => one.id === key)!;
      const expected = UNTOLD[id]?.includes(key) ? null : value;
      expect([key, fact.value, fact.shows]).toEqual([key, expected, fact.shows]);
      const holds = PROVIDER_FACTS[id]!.facts.find((one) => one.id === key)!.expected ?? value;
      expect(fact.verdict).toBe(expected === null ? 'cannot tell' : value === holds ? 'holds' : 'differs');
    }
  });

  it.each(BUILT_IN_IDS)('%s: has a fact for each point of the simulator, and says so of each that has none', (id) => {
    const keys = sandbox[id].variants.map(({ key }) => key);
    const { facts } = PROVIDER_FACTS[id]!;
    expect(new Set(facts.map((fact) => fact.id)).size).toBe(facts.length);
    expect(
      facts
        .filter((fact) => !fact.notSimulated)
        .map((fact) => fact.id)
        .toSorted(),
    ).toEqual(keys.toSorted());
    for (const { key, certainty, default: usual } of sandbox[id].variants) {
      const fact = facts.find((one) => one.id === key)!;
      expect([key, fact.certainty]).toEqual([key, certainty]);
      if (fact.expected !== null) expect([key, fact.expected]).toEqual([key, usual]);
    }
  });

  it.each(BUILT_IN_IDS)('%s: only reads, and asks at most 30 questions', async (id) => {
    const found = await checkWith(id, {});
    const requests = server.sandbox[id].requests().requests;
    expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(requests.length).toBeLessThanOrEqual(31);
    expect(found.calls).toBeLessThanOrEqual(30);
  });

  it.each(BUILT_IN_IDS)('%s: asks a hostile account no more than it asks another', async (id) => {
    await checkWith(id, {});
    const { path, apiKey } = server.sandbox.credentials[id];
    server.sandbox[id].addFaults([{ kind: 'status', status: 503, skip: 1 }]);
    await expect(
      checkedAccount(client, { id, baseUrl: `${server.url}${path}`, apiKey, now: new Date(NOW) }),
    ).rejects.toMatchObject({ verdict: 'provider_down' });
    server.sandbox[id].clearFaults();
  });

  it.each(BUILT_IN_IDS)('%s: an address that leads elsewhere, or refuses everything, is no account', async (id) => {
    await checkWith(id, {});
    const { path, apiKey } = server.sandbox.credentials[id];
    const at = (baseUrl: string) => checkedAccount(client, { id, baseUrl, apiKey, now: new Date(NOW) });
    await expect(at(`${server.url}${path}-mistyped`)).rejects.toMatchObject({ field: 'credentials.baseUrl' });
    server.sandbox[id].addFaults([{ kind: 'status', status: 400 }]);
    await expect(at(`${server.url}${path}`)).rejects.toMatchObject({ verdict: 'contract', status: 400 });
    server.sandbox[id].clearFaults();
  });

  it.each<[BuiltInId, Record<string, string>]>([
    [
      'practicehub',
      { invoiceStatus: 'mixed', updatedFilter: 'equality', packagesPath: '404', numbers: 'absent', ids: 'strings' },
    ],
    [
      'wodify',
      { updatedFilter: 'refused', sort: 'ignored', amounts: 'unpaid-only', single: 'wrapped', instants: 'bare' },
    ],
    [
      'terminal',
      { paging: 'offset', metaCount: 'total', statusFilter: 'nine', deviceFields: 'null', hasMore: 'present' },
    ],
  ])('%s: a report makes a simulator show what the account showed', async (id, variants) => {
    const first = await checkWith(id, variants);
    server.sandbox[id].reset({ sizes: SIZES });
    const notReplayed = server.sandbox[id].replay(JSON.parse(JSON.stringify(first.report)));
    server.sandbox[id].configure({ ratePerSecond: 0 });
    const again = await check(id);
    expect(again.report.variants).toEqual(first.report.variants);
    expect(again.report.fields).toEqual(first.report.fields);
    expect(notReplayed.filter((line) => !line.startsWith('words of '))).toEqual([]);
  });
});
