import { randomUUID } from 'node:crypto';
import { KeyManagementGateRepository } from '../../src/integrations/store/key-management-gate.repository';
import { sqlOf, UnitOfWork } from '../../src/platform/database';
import { ProviderBreakerRepository } from '../../src/sync/store/provider-breaker.repository';
import { ScheduleRepository } from '../../src/sync/store/schedule.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { lockWaits } from '../support/lock-waits';

const MANY = 8;

/** While something is down one run at a time finds out whether it is back: the others would keep it down. */
describe('the probe', () => {
  let running: TestApp;
  let clinic: Clinic;
  let unitOfWork: UnitOfWork;

  beforeAll(async () => {
    // no worker and no dispatcher: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    unitOfWork = running.app.get(UnitOfWork);
    clinic = await makeClinic(running);
  }, 60_000);
  afterAll(() => running.close());

  /** All of them ask while the row is locked, so that each has begun before one of them changes it. */
  const atOnce = async <T>(table: string, ask: () => Promise<T>): Promise<T[]> => {
    let asked: Promise<T>[] = [];
    await unitOfWork.run(async (tx) => {
      await sqlOf(tx).execute(`SELECT 1 FROM ${table} FOR UPDATE`);
      asked = Array.from({ length: MANY }, ask);
      await lockWaits(clinic, MANY);
    });
    return Promise.all(asked);
  };

  it('of a provider is one run, however many come at once', async () => {
    await clinic.sql(
      `INSERT INTO provider_breakers (provider, environment, state, opened_at, retry_at, consecutive_opens)
       VALUES ('practicehub', 'live', 'open', now() - interval '1 minute', now(), 1)`,
    );
    const breakers = running.app.get(ProviderBreakerRepository);
    const answers = await atOnce('provider_breakers', () => breakers.gate('practicehub', 'live', randomUUID()));
    expect(answers.filter(({ pass }) => pass)).toHaveLength(1);
    expect(answers.every((answer) => answer.pass || answer.retryInMs > 0)).toBe(true);
  });

  it('of a provider is made when its time has come; the others are told when to come back', async () => {
    const breakers = running.app.get(ProviderBreakerRepository);
    const gate = (runId = randomUUID()) => breakers.gate('practicehub', 'live', runId);
    await clinic.sql('DELETE FROM provider_breakers');
    expect(await gate()).toEqual({ pass: true });
    for (const place of [
      ['practicehub', 'live'],
      ['practicehub', 'sandbox'],
      ['wodify', 'live'],
    ]) {
      await clinic.sql(
        `INSERT INTO provider_breakers (provider, environment, state, opened_at, retry_at, consecutive_opens)
         VALUES ($1, $2, 'open', now(), now() + interval '40 seconds', 1)`,
        place,
      );
      await clinic.sql(
        `INSERT INTO provider_failures (provider, environment, merchant_id, verdict, host, counts)
         SELECT $1, $2, id, 'network', 'h', true FROM merchants`,
        place,
      );
    }
    const rows = () => clinic.sql('SELECT * FROM provider_breakers ORDER BY provider, environment');
    const before = await rows();
    const early = await gate();
    expect(early).toEqual({ pass: false, retryInMs: expect.any(Number) });
    expect(Math.abs((early as { retryInMs: number }).retryInMs - 40_000)).toBeLessThan(5_000);
    expect(await rows()).toEqual(before);
    await clinic.sql(`UPDATE provider_breakers SET retry_at = now()`);
    const probe = randomUUID();
    expect([await gate(probe), await gate(probe)]).toEqual([{ pass: true }, { pass: true }]);
    expect(await gate()).toMatchObject({ pass: false });
    expect((await rows()).map(({ probe_run_id }) => probe_run_id)).toEqual([probe, null, null]);
    const failures = async () => (await clinic.sql('SELECT count(*)::int AS n FROM provider_failures'))[0]!['n'];
    const seen = await failures();
    await breakers.recordSuccess('practicehub', 'live', clinic.merchantId);
    expect((await rows()).map(({ state }) => state)).toEqual(['closed', 'open', 'open']);
    expect(await failures()).toBe(seen - 1);
    expect(await gate()).toEqual({ pass: true });
    for (const table of ['provider_failures', 'provider_breakers']) await clinic.sql(`DELETE FROM ${table}`);
  });

  it('of key management is one run, however many come at once', async () => {
    const gates = running.app.get(KeyManagementGateRepository);
    await gates.shut(randomUUID());
    await clinic.sql(`UPDATE key_management_gate SET retry_at = now()`);
    const answers = await atOnce('key_management_gate', () => gates.enter(randomUUID()));
    expect(answers.filter(({ pass }) => pass)).toHaveLength(1);
    expect(answers.every((answer) => answer.pass || answer.retryInMs > 0)).toBe(true);
  });

  describe('of key management', () => {
    const gates = () => running.app.get(KeyManagementGateRepository);
    const untilRetry = async () =>
      (
        await clinic.sql<{ ms: number }>(
          'SELECT 1000 * extract(epoch FROM retry_at - now())::float8 AS ms FROM key_management_gate',
        )
      )[0]!.ms;
    const isDue = () => clinic.sql('UPDATE key_management_gate SET retry_at = now()');
    beforeEach(() => gates().open());

    it('is not asked for while it works', async () => {
      expect(await gates().enter(randomUUID())).toEqual({ pass: true, probe: false });
    });

    it('is made when its time has come, later and later, and a minute later at most', async () => {
      await gates().shut(randomUUID());
      for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
        const waitMs = await untilRetry();
        expect(waitMs).toBeGreaterThan((seconds - 1) * 1_000);
        expect(waitMs).toBeLessThanOrEqual(seconds * 1_000);
        await clinic.sql(`UPDATE key_management_gate SET retry_at = now() + interval '9 seconds'`);
        const early = await gates().enter(randomUUID());
        expect(early).toEqual({ pass: false, retryInMs: expect.any(Number) });
        expect(Math.abs((early as { retryInMs: number }).retryInMs - 9_000)).toBeLessThan(2_000);
        await isDue();
        const probe = randomUUID();
        expect(await gates().enter(probe)).toEqual({ pass: true, probe: true });
        await gates().shut(probe);
      }
    });

    it('may ask more than once, and is another when it has not answered in half a minute', async () => {
      await gates().shut(randomUUID());
      await isDue();
      const probe = randomUUID();
      for (let call = 0; call < 2; call++)
        expect(await gates().enter(probe)).toMatchObject({ pass: true, probe: true });
      const second = await gates().enter(randomUUID());
      expect(second).toMatchObject({ pass: false });
      expect(Math.abs((second as { retryInMs: number }).retryInMs - 30_000)).toBeLessThan(5_000);
      await clinic.sql('UPDATE key_management_gate SET probe_until = now()');
      expect(await gates().enter(randomUUID())).toMatchObject({ pass: true, probe: true });
    });

    it('is not put off by what failed meanwhile', async () => {
      await gates().shut(randomUUID());
      await isDue();
      await gates().enter(randomUUID());
      const state = () => clinic.sql('SELECT * FROM key_management_gate');
      const before = await state();
      await gates().shut(randomUUID());
      expect(await state()).toEqual(before);
    });
  });

  describe('of an integration', () => {
    let integrationId: string;
    const schedules = () => running.app.get(ScheduleRepository);
    beforeEach(async () => {
      clinic = await makeClinic(running);
      integrationId = (await clinic.activate().expect(200)).body.data.id;
      await clinic.sql(`UPDATE sync_runs SET state = 'succeeded' WHERE integration_id = $1`, [integrationId]);
    });
    const open = (inTime: string, cause = 'failures') =>
      clinic.sql(
        `UPDATE sync_health SET breaker = 'open', breaker_cause = $3, probe_at = now() + $2::interval WHERE integration_id = $1`,
        [integrationId, inTime, cause],
      );
    const claimed = async () =>
      (await unitOfWork.run((tx) => schedules().claimProbes(tx, 100))).filter(
        (run) => run.integrationId === integrationId,
      );

    it('is one, however many dispatchers ask', async () => {
      await open('-1 second');
      const runs = (await Promise.all(Array.from({ length: MANY }, claimed))).flat();
      expect(runs).toHaveLength(1);
      expect(await claimed()).toEqual([]);
      const [row] = await clinic.sql('SELECT probe FROM sync_runs WHERE id = $1', [runs[0]!.id]);
      expect(row).toEqual({ probe: true });
    });

    it('is made of those that have been due for longest, and says since when', async () => {
      const late = integrationId;
      const [made] = [await makeClinic(running)];
      const later = (await made.activate().expect(200)).body.data.id;
      await clinic.sql(`UPDATE sync_runs SET state = 'succeeded'`);
      await clinic.sql(`UPDATE sync_health SET breaker = 'closed', breaker_cause = NULL, breaker_opened_at = NULL`);
      for (const [id, ago] of [
        [later, '1 second'],
        [late, '1 hour'],
      ]) {
        await clinic.sql(
          `UPDATE sync_health SET breaker = 'open', breaker_cause = 'failures', probe_at = now() - $2::interval
           WHERE integration_id = $1`,
          [id, ago],
        );
      }
      const next = async () =>
        (await unitOfWork.run((tx) => schedules().claimProbes(tx, 1))).map((run) => run.integrationId);
      expect([await next(), await next(), await next()]).toEqual([[late], [later], []]);
      const [row] = await clinic.sql(
        `SELECT breaker, probe_at > now() + interval '50 minutes' AS far, now() - due_at > interval '59 minutes' AS since_then
         FROM sync_health h JOIN sync_runs r ON r.integration_id = h.integration_id AND r.probe WHERE h.integration_id = $1`,
        [late],
      );
      expect(row).toEqual({ breaker: 'half_open', far: true, since_then: true });
    });

    it('is made when its time has come, and not before', async () => {
      await open('1 minute');
      expect(await claimed()).toEqual([]);
    });

    it('is not made of one that is closed', async () => {
      await clinic.sql(`UPDATE sync_health SET probe_at = now() WHERE integration_id = $1`, [integrationId]);
      expect(await claimed()).toEqual([]);
    });

    it.each(['switched off', 'paused by an operator'])('is not made of one that is %s', async (reason) => {
      await open('-1 second');
      await unitOfWork.run((tx) =>
        reason === 'switched off'
          ? schedules().setToggledOff(tx, integrationId, true)
          : schedules().setOperatorPaused(tx, integrationId, 'maintenance'),
      );
      expect(await claimed()).toEqual([]);
    });
  });
});
