import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

/** A small linear congruential generator: the interleavings of a failing run can be repeated by its seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

describe('races of one integration', () => {
  let running: TestApp;
  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(() => running.close());

  const count = async (clinic: Clinic, from: string) =>
    Number((await clinic.sql(`SELECT count(*) FROM ${from}`, [clinic.merchantId]))[0]!['count']);
  const owned = 'JOIN integrations i ON i.id = integration_id WHERE i.merchant_id = $1';

  it('lets exactly one of 100 concurrent activates through', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    const answers = await Promise.all(Array.from({ length: 100 }, () => clinic.activate()));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(99);
    expect(new Set(answers.filter((answer) => answer.status === 409).map((answer) => answer.body.code))).toEqual(
      new Set(['already_active']),
    );
    expect(await clinic.settled()).toBe('succeeded');
    expect(await count(clinic, `sync_schedules ${owned}`)).toBe(1);
    expect(await count(clinic, `sync_runs ${owned}`)).toBe(1);
    expect(await count(clinic, `sealed_secrets WHERE context->>'merchant_id' = $1::text`)).toBe(1);
  }, 60_000);

  it('lets a request be tried again whose earlier try is lost, while that may still be at it', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    const key = randomUUID();
    const attempt = async () => {
      const { status, body } = await clinic.activate().set('Idempotency-Key', key);
      return { status, code: body.code };
    };
    running.sandbox.practicehub.addFaults([
      { kind: 'delay', delayMs: 3_000, times: 1, match: { apiKey: clinic.accountKey } },
    ]);
    const lost = attempt();
    await eventually(async () => expect(await count(clinic, 'integration_claims WHERE merchant_id = $1')).toBe(1));
    // as behind a stall of a minute: nobody renewed its lease
    await clinic.sql(
      `UPDATE idempotency_records SET lease_until = now() WHERE id IN
         (SELECT request_id FROM integration_claims WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    expect(await attempt()).toEqual({ status: 200, code: undefined });
    expect(await lost).toEqual({ status: 409, code: 'already_active' });
    expect(await attempt()).toEqual({ status: 200, code: undefined });
    expect(await count(clinic, `sync_schedules ${owned}`)).toBe(1);
  }, 60_000);

  it('keeps no answer of an activation that met another, whose outcome is not known', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    running.sandbox.practicehub.addFaults([
      { kind: 'status', status: 500, delayMs: 2_000, match: { apiKey: clinic.accountKey } },
    ]);
    const fails = clinic.activate().then(({ status }) => status);
    await eventually(async () => expect(await count(clinic, 'integration_claims WHERE merchant_id = $1')).toBe(1));
    const key = randomUUID();
    const met = await clinic.activate().set('Idempotency-Key', key);
    expect([met.status, met.body.code, met.headers['retry-after']]).toEqual([409, 'already_active', '5']);
    expect(await fails).not.toBe(200);
    running.sandbox.practicehub.clearFaults();
    await clinic.activate().set('Idempotency-Key', key).expect(200);
  }, 60_000);

  it('carries out settings and toggles that are fired at the same moment', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    await clinic.activate().expect(200);
    const calls = Array.from({ length: 12 }, (_, n) => [
      clinic.call('put', '/sync-toggle', { enabled: n % 2 === 0 }),
      clinic.call('put', '/sync-interval', { syncIntervalMinutes: 10 + n }),
      clinic.call('put', '/invoice-lookback', { invoiceLookbackDays: 30 + n }),
      clinic.call('put', '/auto-send-invoices', { autoSendInvoices: n % 3 === 0 }),
    ]).flat();
    const answers = await Promise.all(calls);
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    const { syncEnabled, syncInterval, configuration } = await clinic.integration();
    expect(syncInterval.hasRepeatableJob).toBe(syncEnabled);
    expect(syncInterval.intervalMs).toBe(configuration.syncIntervalMinutes * 60_000);
  }, 60_000);

  it.each([1, 2, 3, 4, 5, 6])(
    'ends in a state that some serial order gives (seed %i)',
    async (seed) => {
      const next = random(seed * 7919);
      const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
      if (next() < 0.7) await clinic.activate().expect(200);
      const moves: (() => Promise<{ status: number; body: any }>)[] = [
        () => clinic.activate(),
        () => clinic.call('post', '/deactivate'),
        () => clinic.call('put', '/sync-toggle', { enabled: next() < 0.5 }),
        () => clinic.call('post', '/resume-sync'),
        () => clinic.call('put', '/sync-interval', { syncIntervalMinutes: 15 }),
        () => clinic.call('post', '/sync', {}),
      ];
      const answers = await Promise.all(Array.from({ length: 24 }, () => moves[Math.floor(next() * moves.length)]!()));
      // nothing but what the contract lists
      expect(answers.map((answer) => answer.status).filter((status) => ![200, 400, 404, 409].includes(status))).toEqual(
        [],
      );
      await clinic.settled();
      const integration = await clinic.integration();
      const schedules = await count(clinic, `sync_schedules ${owned}`);
      const open = await count(
        clinic,
        `sealed_secrets WHERE context->>'merchant_id' = $1::text AND destroyed_at IS NULL`,
      );
      if (integration === null) {
        expect({ schedules, open }).toEqual({ schedules: 0, open: 0 });
      } else {
        expect({ schedules, open }).toEqual(
          integration['isActive'] ? { schedules: 1, open: 1 } : { schedules: 0, open: 0 },
        );
        expect(integration['syncInterval'].hasRepeatableJob).toBe(
          integration['isActive'] && integration['syncEnabled'],
        );
      }
      expect(await count(clinic, `integration_claims WHERE merchant_id = $1`)).toBe(0);
    },
    60_000,
  );

  it('answers whoever opens the credential while it is destroyed as if the integration had never been active', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 1, '*': 0 } });
    const seen = new Set<number>();
    for (let round = 0; round < 50; round++) {
      await clinic.activate().expect(200);
      // spread over the few milliseconds that a deactivation takes
      const spread = Array.from({ length: 12 }, async (_, n) => {
        await sleep(n + round / 50);
        return n === 5 ? clinic.call('post', '/sync', {}) : clinic.call('get', '/payment-methods');
      });
      const answers = await Promise.all([clinic.call('post', '/deactivate'), ...spread]);
      const odd = answers.filter(
        ({ status, body }) => status !== 200 && !['not_found', 'not_active'].includes(body.code),
      );
      expect(odd.map(({ status, body }) => [status, body])).toEqual([]);
      for (const { status } of answers) seen.add(status);
    }
    // the race was run: some came before the end, some after
    expect([...seen]).toEqual(expect.arrayContaining([200, 404]));
    await clinic.settled();
    // a run that met the end of the credential was nobody's failure
    expect(
      await clinic.sql(`SELECT r.error FROM sync_runs r ${owned} AND r.state = 'failed'`, [clinic.merchantId]),
    ).toEqual([]);
  }, 120_000);
});
