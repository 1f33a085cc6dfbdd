import { randomUUID } from 'node:crypto';
import { UnitOfWork } from '../../src/platform/database';
import type { Environment } from '../../src/platform/http';
import { BUILT_IN_CATALOGUE, type BuiltInId } from '../../src/providers';
import { ProviderBreakerRepository } from '../../src/sync/store/provider-breaker.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

interface Merchant {
  readonly id: string;
  readonly integrationId: string;
  readonly provider: BuiltInId;
  readonly host: string;
  readonly environment: Environment;
}

describe('an outage of a provider, told from the trouble of some merchants', () => {
  let running: TestApp;
  let clinic: Clinic;
  let breakers: ProviderBreakerRepository;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    breakers = running.app.get(ProviderBreakerRepository);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    for (const table of ['provider_failures', 'provider_breakers']) await clinic.sql(`DELETE FROM ${table}`);
    await clinic.sql('DELETE FROM integrations WHERE merchant_id <> $1', [clinic.merchantId]);
  });

  /** With one integration each; `succeeded`: how long ago, null: never since they were activated. */
  const merchants = async (
    count: number,
    {
      provider = 'practicehub' as BuiltInId,
      host = '',
      succeeded = '5 minutes' as string | null,
      intervalMs = 3_600_000,
      environment = 'live' as Environment,
    } = {},
  ): Promise<Merchant[]> => {
    const made: Merchant[] = [];
    for (let n = 0; n < count; n++) {
      const ids = { id: randomUUID(), integrationId: randomUUID() };
      const one = { ...ids, provider, environment, host: host || `${randomUUID()}.example` };
      await clinic.sql(`INSERT INTO merchants (id, name, default_currency) VALUES ($1, 'one', 'GBP')`, [one.id]);
      await clinic.sql(
        `INSERT INTO integrations (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id, credential_id)
         SELECT $1, $2::uuid, $5, $3, state, sync_enabled, configuration, $2::uuid::text, credential_id FROM integrations WHERE merchant_id = $4`,
        [one.integrationId, one.id, provider, clinic.merchantId, environment],
      );
      await clinic.sql(`INSERT INTO sync_health (integration_id, last_sync_at) VALUES ($1, now() - $2::interval)`, [
        one.integrationId,
        succeeded,
      ]);
      await clinic.sql(
        `INSERT INTO sync_schedules (integration_id, interval_ms, offset_ms, next_due_at) VALUES ($1, $2, 0, now())`,
        [one.integrationId, intervalMs],
      );
      made.push(one);
    }
    return made;
  };
  const ended = (
    one: Merchant,
    state: string,
    { verdict = null as string | null, ago = '1 minute', lane = 'sync' } = {},
  ) =>
    clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, error_verdict, finished_at)
       VALUES (gen_random_uuid(), $1, $5, $5, 'scheduled', $2, $3, now() - $4::interval)`,
      [one.integrationId, state, verdict, ago, lane],
    );
  const succeeded = async (many: readonly Merchant[], ago?: string) => {
    for (const one of many) await ended(one, 'succeeded', { ago });
  };
  /** True: an outage. */
  const fails = async (one: Merchant, runId: string = randomUUID()): Promise<boolean> => {
    await ended(one, 'failed', { verdict: 'network', ago: '0 seconds' });
    return running.app.get(UnitOfWork).run((tx) =>
      breakers.recordFailure(tx, {
        integration: {
          id: one.integrationId,
          merchantId: one.id,
          provider: one.provider,
          environment: one.environment,
        },
        runId,
        verdict: 'network',
        host: one.host,
        minHosts: BUILT_IN_CATALOGUE[one.provider].hostPerMerchant ? 2 : 1,
      }),
    );
  };
  const allFail = async (many: readonly Merchant[]): Promise<boolean[]> => {
    const outages: boolean[] = [];
    for (const one of many) outages.push(await fails(one));
    return outages;
  };
  const breaker = async () =>
    (
      await clinic.sql(
        `SELECT state, retry_at > now() AS later, consecutive_opens AS opens, probe_run_id AS probe,
           judge_after > now() AS settled FROM provider_breakers
         WHERE environment = 'live'`,
      )
    )[0];
  const opened = async () => {
    const all = await merchants(3);
    expect((await allFail(all)).at(-1)).toBe(true);
    await clinic.sql(`UPDATE provider_breakers SET retry_at = now() - interval '1 second'`);
    return all;
  };

  it('is seen by half of those that asked, at the first that makes it half', async () => {
    const all = await merchants(9);
    await succeeded(all);
    expect(await allFail(all.slice(0, 5))).toEqual([false, false, false, false, true]);
    expect(await breaker()).toMatchObject({ state: 'open', later: true, opens: 1 });
  });

  it.each([
    ['a third of them', async () => (await merchants(9)).slice(0, 3)],
    ['fewer than three', async () => merchants(2)],
    ['many with one host', async () => merchants(9, { host: 'one.example' })],
    ['merchants who have never succeeded', async () => merchants(9, { succeeded: null })],
    ['merchants who have not succeeded for days', async () => merchants(9, { succeeded: '3 days' })],
  ])('is not seen by %s', async (what, make) => {
    const failing = await make();
    if (what === 'a third of them') await succeeded(await merchants(6));
    expect(new Set(await allFail(failing))).toEqual(new Set([false]));
    // how often a merchant fails makes no difference
    expect(new Set(await allFail(failing))).toEqual(new Set([false]));
    expect(await breaker()).toBeUndefined();
  });

  it('is seen on one host where all merchants have the same', async () => {
    expect((await allFail(await merchants(3, { provider: 'wodify', host: 'api.wodify.com' }))).at(-1)).toBe(true);
  });

  it('is seen by merchants who sync once a week', async () => {
    const weekly = await merchants(3, { succeeded: '6 days', intervalMs: 7 * 86_400_000 });
    expect((await allFail(weekly)).at(-1)).toBe(true);
  });

  it('is not hidden by merchants who never succeed, nor by who asked before it, another provider or lost its own way', async () => {
    await allFail(await merchants(9, { succeeded: null }));
    await succeeded(await merchants(9), '11 minutes');
    await succeeded(await merchants(9, { provider: 'wodify' }));
    for (const one of await merchants(9)) await ended(one, 'failed', { verdict: 'internal' });
    expect((await allFail(await merchants(3))).at(-1)).toBe(true);
  });

  it('is not hidden by pushes that ended without asking for a list', async () => {
    const [failing, pushing] = [await merchants(3), await merchants(5)];
    for (const one of pushing) await ended(one, 'succeeded', { lane: 'push' });
    expect((await allFail(failing)).at(-1)).toBe(true);
  });

  it('is of one environment: what fails and succeeds in the other neither makes it nor hides nor ends it', async () => {
    const live = await merchants(4);
    const sandbox = await merchants(3, { environment: 'sandbox' });
    await succeeded(live);
    expect(await allFail(sandbox.slice(0, 2))).toEqual([false, false]);
    expect(await allFail(live.slice(0, 1))).toEqual([false]);
    await succeeded(await merchants(9));
    expect(await fails(sandbox[2]!)).toBe(true);
    expect(await breaker()).toBeUndefined();
    expect(await breakers.gate('practicehub', 'live', randomUUID())).toEqual({ pass: true });
    expect(await breakers.gate('practicehub', 'sandbox', randomUUID())).toMatchObject({ pass: false });
    expect(await fails(live[1]!)).toBe(false);
    await breakers.recordSuccess('practicehub', 'live', sandbox[0]!.id);
    expect(await breakers.gate('practicehub', 'sandbox', randomUUID())).toMatchObject({ pass: false });
    expect(await clinic.sql('SELECT 1 FROM provider_failures WHERE merchant_id = $1', [sandbox[0]!.id])).toHaveLength(
      1,
    );
  });

  it('is not seen where those that failed have succeeded since', async () => {
    const all = await merchants(4);
    await allFail(all.slice(0, 2));
    for (const one of all.slice(0, 2)) await breakers.recordSuccess('practicehub', 'live', one.id);
    expect(await allFail(all.slice(2))).toEqual([false, false]);
  });

  it('is seen though somebody else has succeeded meanwhile', async () => {
    const all = await merchants(4);
    await allFail(all.slice(0, 2));
    await breakers.recordSuccess('practicehub', 'live', all[3]!.id);
    expect(await fails(all[2]!)).toBe(true);
  });

  it('blames nobody while it lasts, lets one probe at a time through, and later after each that fails', async () => {
    const [first] = await opened();
    const probe = randomUUID();
    expect(await breakers.gate('practicehub', 'live', probe)).toEqual({ pass: true });
    expect(await breakers.gate('practicehub', 'live', randomUUID())).toMatchObject({ pass: false });
    // a run that was under way
    expect(await fails(first!)).toBe(true);
    expect(await breaker()).toMatchObject({ probe, opens: 1 });
    expect(await fails(first!, probe)).toBe(true);
    expect(await breaker()).toMatchObject({ state: 'open', probe: null, opens: 2, later: true });
  });

  it('is not put off by a probe of a merchant who has not succeeded lately', async () => {
    await opened();
    const [dead] = await merchants(1, { succeeded: '3 days' });
    const probe = randomUUID();
    await breakers.gate('practicehub', 'live', probe);
    expect(await fails(dead!, probe)).toBe(true);
    expect(await breaker()).toMatchObject({ state: 'open', probe: null, opens: 1, later: false });
    expect(await breakers.gate('practicehub', 'live', randomUUID())).toEqual({ pass: true });
  });

  it('lasts however long nobody has succeeded', async () => {
    const [first] = await opened();
    await clinic.sql(`UPDATE provider_breakers SET opened_at = opened_at - interval '3 days'`);
    await clinic.sql(`UPDATE sync_health SET last_sync_at = last_sync_at - interval '3 days'`);
    const probe = randomUUID();
    await breakers.gate('practicehub', 'live', probe);
    expect(await fails(first!, probe)).toBe(true);
    expect(await breaker()).toMatchObject({ state: 'open', opens: 2, later: true });
  });

  it('ends with a success', async () => {
    const [first] = await opened();
    await breakers.recordSuccess('practicehub', 'live', first!.id);
    expect(await breaker()).toMatchObject({ state: 'closed', opens: 0 });
    expect(await breakers.gate('practicehub', 'live', randomUUID())).toEqual({ pass: true });
  });

  it('frees the runs that have waited longest for its end, and no others', async () => {
    const [first, ...others] = await opened();
    const elsewhere = await merchants(1, { provider: 'wodify' });
    const waiting = async ({ integrationId }: Merchant, reason: string, age: string): Promise<string> => {
      const [row] = await clinic.sql<{ id: string }>(
        `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, wait_reason, not_before, gate_waits, created_at)
         VALUES (gen_random_uuid(), $1, 'sync', 'sync', 'scheduled', 'queued', $2, now() + interval '20 minutes', 5, now() - $3::interval)
         RETURNING id`,
        [integrationId, reason, age],
      );
      return row!.id;
    };
    const freed = await waiting(others[0]!, 'provider_incident', '1 hour');
    const kept = [
      await waiting(others[1]!, 'rate_limited', '1 hour'),
      await waiting(elsewhere[0]!, 'provider_incident', '1 hour'),
    ];
    await breakers.recordSuccess('practicehub', 'live', first!.id);
    const rows = await clinic.sql(
      `SELECT id, attempt, wait_reason AS reason, gate_waits AS waits, not_before <= now() AS due FROM sync_runs WHERE id = ANY($1)`,
      [[freed, ...kept]],
    );
    const byId = new Map(rows.map(({ id, ...row }) => [id, row]));
    // the queue knows the job of an attempt, and takes another one for the next
    expect(byId.get(freed)).toEqual({ attempt: 2, reason: null, waits: 0, due: true });
    expect(byId.get(kept[0]!)).toEqual({ attempt: 1, reason: 'rate_limited', waits: 5, due: false });
    expect(byId.get(kept[1]!)).toEqual({ attempt: 1, reason: 'provider_incident', waits: 5, due: false });
    const later = await waiting(first!, 'provider_incident', '1 minute');
    await breakers.recordSuccess('practicehub', 'live', first!.id);
    expect(await clinic.sql('SELECT attempt FROM sync_runs WHERE id = $1', [later])).toEqual([{ attempt: 1 }]);
  });

  it('begins anew where one before it has ended, and leaves that of another provider alone', async () => {
    for (const provider of ['practicehub', 'wodify']) {
      await clinic.sql(
        `INSERT INTO provider_breakers (provider, environment, state, opened_at, retry_at, consecutive_opens, judge_after,
           probe_run_id, probe_until)
         VALUES ($1, 'live', 'closed', now() - interval '2 days', now() - interval '1 day', 9, now() - interval '1 day',
           gen_random_uuid(), now() + interval '1 day')`,
        [provider],
      );
    }
    const rows = () => clinic.sql('SELECT * FROM provider_breakers ORDER BY provider');
    const [, wodify] = await rows();
    expect((await allFail(await merchants(3))).at(-1)).toBe(true);
    const [own, left] = await rows();
    expect(left).toEqual(wodify);
    expect(own).toMatchObject({
      state: 'open',
      consecutive_opens: 1,
      judge_after: null,
      probe_run_id: null,
      probe_until: null,
    });
    expect(Math.abs(own!['opened_at'].getTime() - Date.now())).toBeLessThan(20_000);
    expect(own!['retry_at'].getTime()).toBeGreaterThan(own!['opened_at'].getTime());
  });

  it('is decided once in a while where so many runs end that a decision is expensive', async () => {
    const [one, ...others] = await merchants(4);
    await clinic.sql(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, finished_at)
       SELECT gen_random_uuid(), $1, 'sync', 'sync', 'scheduled', 'succeeded', now() - interval '2 minutes' FROM generate_series(1, 20100)`,
      [one!.integrationId],
    );
    expect(await allFail(others)).toEqual([false, false, false]);
    expect(await breaker()).toMatchObject({ state: 'closed' });
    await clinic.sql(`UPDATE provider_breakers SET judge_after = now()`);
    expect(await fails(others[0]!)).toBe(true);
    expect(await breaker()).toMatchObject({ state: 'open', opens: 1, later: true, settled: true });
  });

  it('costs a run that succeeds no row', async () => {
    const [one] = await merchants(1);
    await breakers.recordSuccess('practicehub', 'live', one!.id);
    expect(await breakers.gate('practicehub', 'live', randomUUID())).toEqual({ pass: true });
    const rows = await clinic.sql(
      `SELECT (SELECT count(*)::int FROM provider_failures) AS failures, (SELECT count(*)::int FROM provider_breakers) AS breakers`,
    );
    expect(rows).toEqual([{ failures: 0, breakers: 0 }]);
  });
});
