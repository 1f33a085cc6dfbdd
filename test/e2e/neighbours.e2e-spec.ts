import { ProviderBudgets } from '../../src/integrations/provider-budgets';
import {
  json,
  startDnsServer,
  startOutboundServer,
  type DnsServer,
  type OutboundServer,
} from '../contract/outbound-server';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

const SILENT = '.silent.example.com';
const GOOD = 'good-key-1234';

/** Merchants who share a host, a process and its name servers, one of them a stranger who means no good. */
describe('a merchant beside a stranger', () => {
  let running: TestApp;
  let dns: DnsServer;
  let gyms: OutboundServer;

  beforeAll(async () => {
    dns = await startDnsServer([['127.0.0.1']], { silentBelow: SILENT });
    // one host for all gyms: who is asking shows the key alone
    gyms = await startOutboundServer((request, response) => {
      const key = request.headers['x-api-key'];
      const fail = (status: number, headers = {}) =>
        json(response, status, { HTTPCode: status, ErrorCode: 'E', UserMessage: 'no' }, headers);
      if (key === 'over-quota') return fail(429, { 'retry-after': '3600' });
      if (key !== GOOD) return fail(401);
      const page = { page: 1, page_size: 100, has_more: false };
      const rows = request.url?.includes('locations') ? [{ id: 1, name: 'Main' }] : [];
      const name = /(locations|clients|invoices|memberships)/.exec(request.url ?? '')?.[1] ?? 'clients';
      json(response, 200, { [name]: rows, pagination: page });
    });
    running = await startTestApp({
      environment: {
        OUTBOUND_ALLOW_PRIVATE: 'true',
        OUTBOUND_DNS_SERVERS: dns.address,
        RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      },
    });
  }, 60_000);
  afterAll(async () => {
    await running?.close();
    await gyms?.close();
    await dns?.close();
  });

  const gym = (apiKey: string, host = '127.0.0.1') => ({
    credentials: { apiKey, baseUrl: `http://${host}:${gyms.port}` },
  });
  const tests = (clinic: Clinic, apiKey: string, host?: string) =>
    clinic.call('post', '/v2/integrations/wodify/test', gym(apiKey, host));
  const merchants = async () => Promise.all([makeClinic(running), makeClinic(running)]) as Promise<[Clinic, Clinic]>;

  it('is tested and activated though the provider has told the stranger to stay away for an hour', async () => {
    const [victim, stranger] = await merchants();
    const told = await tests(stranger, 'over-quota');
    expect({ status: told.status, retryAfter: told.headers['retry-after'] }).toEqual({
      status: 502,
      retryAfter: '900',
    });
    expect((await tests(victim, GOOD)).status).toBe(200);
    expect((await victim.call('post', '/v2/integrations/wodify/activate', gym(GOOD))).status).toBe(200);
    // and so may the stranger, who has found the right key
    expect((await tests(stranger, GOOD)).status).toBe(200);
  });

  it('keeps its calls when the stranger uses up its own with wrong keys on the same host', async () => {
    const [victim, stranger] = await merchants();
    await victim.call('post', '/v2/integrations/wodify/activate', gym(GOOD)).expect(200);
    const tries = Array.from({ length: 45 }, (_, n) => tests(stranger, `wrong-${n}`));
    await tries[0];
    const begun = performance.now();
    expect((await tests(victim, GOOD)).status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(2_000);
    await Promise.all(tries);
    const keys = await victim.sql<{ key: string; provider: string }>(`SELECT account_key AS key FROM provider_budgets`);
    const unproven = keys.filter(({ key }) => key === `wodify/sandbox/unproven/${stranger.merchantId}`);
    expect(unproven).toHaveLength(1);
    for (const { key } of keys) expect(key).not.toMatch(new RegExp(`${GOOD}|wrong-|127.0.0.1`));
  }, 40_000);

  it('is answered while the stranger names thirty hosts whose name servers are silent', async () => {
    const [victim, stranger] = await merchants();
    const tries = Array.from({ length: 30 }, (_, n) =>
      tests(stranger, 'wrong', `n${n}${SILENT}`).then(({ status }) => status),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begun = performance.now();
    expect((await tests(victim, GOOD, 'gyms.example.com')).status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(new Set(await Promise.all(tries))).toEqual(new Set([504]));
  }, 60_000);

  it('is synced while the first runs of ten strangers wait for hosts that accept and never answer', async () => {
    // its credentials are tested with what no sync asks for
    const silent = await startOutboundServer((request, response) => {
      if (request.url?.includes('payment_methods')) json(response, 200, { data: [], total_entries: 0, links: {} });
    });
    const baseUrl = silent.origin;
    try {
      const strangers = await Promise.all(Array.from({ length: 10 }, () => makeClinic(running)));
      for (const stranger of strangers) {
        const body = { credentials: { apiKey: stranger.accountKey, baseUrl }, timezone: 'UTC' };
        await stranger.call('post', '/activate', body).expect(200);
      }
      const victim = await makeClinic(running);
      const waiting = async () => {
        const runs = await victim.sql<{ state: string }>(
          `SELECT r.state FROM sync_runs r JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = ANY($1)`,
          [strangers.map(({ merchantId }) => merchantId)],
        );
        return runs.map(({ state }) => state);
      };
      // every slot of the process, were slots held by those who wait
      await eventually(async () => expect(await waiting()).toEqual(strangers.map(() => 'running')), 20_000);
      await victim.activate();
      expect(await victim.settled()).toBe('succeeded');
      expect(await waiting()).toEqual(strangers.map(() => 'running'));
    } finally {
      await silent.close();
    }
  }, 60_000);

  it('is forgotten with its call budget a day after its last call', async () => {
    const [victim, stranger] = await merchants();
    await tests(victim, GOOD);
    await tests(stranger, GOOD);
    const budget = `wodify/sandbox/unproven/`;
    await victim.sql(`UPDATE provider_budgets SET refilled_at = now() - interval '25 hours' WHERE account_key = $1`, [
      `${budget}${stranger.merchantId}`,
    ]);
    await victim.sql(
      `UPDATE provider_budgets SET refilled_at = now() - interval '25 hours', blocked_until = now() + interval '1 minute'
       WHERE account_key NOT LIKE '%/unproven/%'`,
    );
    const budgets = running.app.get(ProviderBudgets, { strict: false });
    // it looks at so many at a time, and at the next ones the next time
    let removed = 0;
    for (let turn = 0; turn < 20; turn++) removed += await budgets.removeIdle(2);
    expect(removed).toBe(1);
    const left = await victim.sql<{ key: string }>(`SELECT account_key AS key FROM provider_budgets`);
    expect(left.map(({ key }) => key)).toContain(`${budget}${victim.merchantId}`);
    expect(left.map(({ key }) => key)).not.toContain(`${budget}${stranger.merchantId}`);
  });
});
