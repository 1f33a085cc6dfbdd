import { IntegrationRepository } from '../../src/integrations';
import { sqlOf, UnitOfWork } from '../../src/platform/database';
import { offsetMs } from '../../src/sync/schedule';
import { ScheduleRepository, type ClaimedRun } from '../../src/sync/store/schedule.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { rowsOfIntegration } from '../support/rows-of-integration';

const REASONS = ['toggled off', 'breaker open', 'paused by an operator'] as const;
type Reason = (typeof REASONS)[number];

describe('a schedule', () => {
  let running: TestApp;
  let clinic: Clinic;
  let schedules: ScheduleRepository;
  let unitOfWork: UnitOfWork;
  let integrationId: string;

  beforeAll(async () => {
    // no worker and no dispatcher: this test claims
    running = await startTestApp({ environment: { ROLE: 'api' } });
    schedules = running.app.get(ScheduleRepository);
    unitOfWork = running.app.get(UnitOfWork);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    integrationId = (await clinic.activate().expect(200)).body.data.id;
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded' WHERE integration_id = $1`, [integrationId]);
  });

  const claimed = async (): Promise<ClaimedRun[]> => {
    const runs = await unitOfWork.run(async (tx) => {
      // one that has to wait fails, and does not hang
      await sqlOf(tx).execute(`SET LOCAL lock_timeout = '2s'`);
      return schedules.claimDue(tx, 100);
    });
    return runs.filter((run) => run.integrationId === integrationId);
  };
  const dueFor = (interval: string) =>
    clinic.sql(`UPDATE sync_schedules SET next_due_at = now() - $2::interval WHERE integration_id = $1`, [
      integrationId,
      interval,
    ]);
  const nextDue = async (): Promise<Date> =>
    (await clinic.sql('SELECT next_due_at AS at FROM sync_schedules WHERE integration_id = $1', [integrationId]))[0]![
      'at'
    ];
  const set = (reason: Reason, on: boolean) =>
    unitOfWork.run(async (tx) => {
      if (reason === 'toggled off') await schedules.setToggledOff(tx, integrationId, on);
      else if (reason === 'breaker open') await schedules.setBreakerOpen(tx, integrationId, on);
      else await schedules.setOperatorPaused(tx, integrationId, on ? 'maintenance' : null);
    });

  it.each(['put', 'setInterval'] as const)('fires on the lattice of its interval, also of another: %s', async (how) => {
    for (const intervalMs of [900_000, 86_400_000, 3_600_000]) {
      await unitOfWork.run((tx) =>
        how === 'put'
          ? schedules.put(tx, integrationId, intervalMs, true)
          : schedules.setInterval(tx, integrationId, intervalMs),
      );
      const [row] = await clinic.sql(
        'SELECT interval_ms::int, offset_ms::int, toggled_off FROM sync_schedules WHERE integration_id = $1',
        [integrationId],
      );
      const offset = offsetMs(integrationId, intervalMs);
      expect(row).toEqual({ interval_ms: intervalMs, offset_ms: offset, toggled_off: how === 'put' });
      const dueMs = (await nextDue()).getTime();
      expect((dueMs - offset) % intervalMs).toBe(0);
      expect(dueMs - Date.now()).toBeLessThanOrEqual(intervalMs);
      expect(dueMs).toBeGreaterThan(Date.now() - 5_000);
    }
  });

  it('begins a run when it is due, and not before', async () => {
    expect(await claimed()).toEqual([]);
    await dueFor('3 seconds');
    const [run] = await claimed();
    expect(run).toMatchObject({ integrationId });
    expect(Number(run!.latenessMs)).toBeGreaterThanOrEqual(3_000);
    expect(await claimed()).toEqual([]);
  });

  it.each(REASONS)('that is %s begins no run, however long it has been due', async (reason) => {
    await set(reason, true);
    await dueFor('3 days');
    expect(await claimed()).toEqual([]);
  });

  it.each(REASONS)('that was %s does not catch up on what was missed meanwhile', async (reason) => {
    await set(reason, true);
    await dueFor('3 days');
    await set(reason, false);
    expect(await claimed()).toEqual([]);
    expect((await nextDue()).getTime()).toBeGreaterThan(Date.now());
  });

  it.each(REASONS)('that was %s and is due later keeps its time', async (reason) => {
    const before = await nextDue();
    await set(reason, true);
    await set(reason, false);
    expect(await nextDue()).toEqual(before);
  });

  it.each(REASONS)('that is not %s is late, not missed, when it is told so once more', async (reason) => {
    await dueFor('3 seconds');
    await set(reason, false);
    expect(await claimed()).toHaveLength(1);
  });

  it.each(REASONS)('that is %s and something else stays off until both have ended', async (reason) => {
    for (const one of REASONS) await set(one, true);
    for (const one of REASONS) if (one !== reason) await set(one, false);
    await dueFor('1 second');
    expect(await claimed()).toEqual([]);
    await set(reason, false);
    await dueFor('1 second');
    expect(await claimed()).toHaveLength(1);
  });

  it('lets the time pass where a run is live already', async () => {
    await dueFor('1 second');
    expect(await claimed()).toHaveLength(1);
    await dueFor('1 second');
    expect(await claimed()).toEqual([]);
    expect((await nextDue()).getTime()).toBeGreaterThan(Date.now());
  });

  it('comes sooner after a passing failure, and never later', async () => {
    await unitOfWork.run((tx) => schedules.bringForward(tx, integrationId, 1_000));
    const soon = await nextDue();
    expect(soon.getTime()).toBeLessThan(Date.now() + 2_000);
    await unitOfWork.run((tx) => schedules.bringForward(tx, integrationId, 60_000));
    expect(await nextDue()).toEqual(soon);
  });

  it('is claimed by one dispatcher while another is at it, which waits for nobody', async () => {
    await dueFor('1 second');
    const [first, second] = await unitOfWork.run(async (tx) => {
      const mine = (await schedules.claimDue(tx, 100)).filter((run) => run.integrationId === integrationId);
      return [mine, await claimed()];
    });
    expect([first.length, second]).toEqual([1, []]);
    expect(await claimed()).toEqual([]);
  });

  it('says since when it is off, and why it is paused', async () => {
    const said = async () =>
      (
        await clinic.sql(
          `SELECT toggled_off AS off, toggled_off_at AS since, pause_reason AS reason, operator_paused_at AS paused
           FROM sync_schedules WHERE integration_id = $1`,
          [integrationId],
        )
      )[0]!;
    const put = (off: boolean) => unitOfWork.run((tx) => schedules.put(tx, integrationId, 3_600_000, off));
    expect(await said()).toEqual({ off: false, since: null, reason: null, paused: null });
    await set('toggled off', true);
    const { off, since } = await said();
    expect([off, since]).toEqual([true, expect.any(Date)]);
    await put(true);
    expect(await said()).toMatchObject({ off: true, since });
    await put(false);
    expect(await said()).toMatchObject({ off: false, since: null });
    await set('paused by an operator', true);
    expect(await said()).toMatchObject({ reason: 'maintenance', paused: expect.any(Date) });
    await set('paused by an operator', false);
    expect(await said()).toMatchObject({ reason: null, paused: null });
  });

  it.each(REASONS)('that is %s stays as it is when it is told so once more', async (reason) => {
    const row = async () => (await rowsOfIntegration(clinic, integrationId))['sync_schedules'];
    for (const on of [true, false]) {
      await set(reason, on);
      const before = await row();
      await set(reason, on);
      expect(await row()).toEqual(before);
    }
  });

  it('is changed alone', async () => {
    const other = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    const ofOther = async () => (await rowsOfIntegration(clinic, other))['sync_schedules'];
    const before = await ofOther();
    await unitOfWork.run((tx) => schedules.put(tx, integrationId, 900_000, false));
    await unitOfWork.run((tx) => schedules.setInterval(tx, integrationId, 900_000));
    await unitOfWork.run((tx) => schedules.bringForward(tx, integrationId, 1_000));
    for (const reason of REASONS) await set(reason, true);
    for (const reason of REASONS) await set(reason, false);
    await dueFor('1 second');
    expect(await claimed()).toHaveLength(1);
    await unitOfWork.run((tx) => schedules.remove(tx, integrationId));
    expect(await ofOther()).toEqual(before);
  });

  it('is claimed though somebody holds the integration: a dispatcher waits for nobody', async () => {
    await dueFor('1 second');
    const runs = await unitOfWork.run(async (tx) => {
      await running.app.get(IntegrationRepository).lock(tx, integrationId);
      return claimed();
    });
    expect(runs).toHaveLength(1);
  });
});
