import { randomUUID } from 'node:crypto';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import type { LeasedRun } from '../../src/sync/run';
import { RunRepository } from '../../src/sync/store/run.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const USE = { calls: 7, traceParent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };

describe('the rows of runs', () => {
  let running: TestApp;
  let clinic: Clinic;
  let runs: RunRepository;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    runs = running.app.get(RunRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(() => clinic.sql('DELETE FROM sync_runs'));

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const runIn = async (state: string, fields: Record<string, unknown> = {}, integrationId = mine): Promise<string> => {
    const id = randomUUID();
    const all = { id, integration_id: integrationId, kind: 'sync', lane: 'sync', trigger: 'manual', state, ...fields };
    const names = Object.keys(all);
    const places = names.map((_, index) => `$${index + 1}`).join(', ');
    await clinic.sql(`INSERT INTO sync_runs (${names.join(', ')}) VALUES (${places})`, Object.values(all));
    return id;
  };
  const row = async (id: string) => (await clinic.sql('SELECT * FROM sync_runs WHERE id = $1', [id]))[0]!;
  const changes = async (id: string, act: () => Promise<unknown>) => {
    const before = await row(id);
    await act();
    const after = Object.entries(await row(id));
    return Object.fromEntries(after.filter(([name, value]) => String(value) !== String(before[name])));
  };
  const soon = () => new Date(Date.now() + 60_000);
  const ago = () => new Date(Date.now() - 60_000);
  const held = (until: Date) => ({ lease_owner: 'test', lease_until: until, fence: 3 });
  const leased = (id: string, fence = 3) => ({ id, fence }) as LeasedRun;

  it('that wait for their time begin at once when a person asks, and no others do', async () => {
    const id = await runIn('queued', { not_before: soon(), wait_reason: 'rate_limited' });
    const elsewhere = await runIn('queued', { not_before: soon() }, others);
    const hasten = (of: string) => inTransaction((tx) => runs.hasten(tx, of));
    const begun = { not_before: null, wait_reason: null, insists: true };
    expect(await changes(elsewhere, () => hasten(id))).toEqual({});
    expect(await row(id)).toMatchObject({ ...begun, attempt: 2 });
    // it was due already: its job is there
    expect(await changes(id, () => hasten(id))).toEqual({});
    for (const state of ['running', 'waiting', 'succeeded']) {
      const other = await runIn(state, { lane: 'push', kind: 'push', ...(state === 'running' && held(soon())) });
      expect(await hasten(other)).toBeNull();
      expect(await row(other)).toMatchObject({ insists: false });
    }
  });

  it('end once, by who holds them', async () => {
    const id = await runIn('running', held(soon()));
    const end = { state: 'failed', errorCode: 'provider_error', verdict: 'provider_down', error: 'down' } as const;
    const finish = (of: LeasedRun) => inTransaction((tx) => runs.finish(tx, of, end, USE));
    expect([await finish(leased(id, 2)), await finish(leased(randomUUID()))]).toEqual([false, false]);
    expect(await changes(id, () => finish(leased(id)))).toEqual({
      state: 'failed',
      finished_at: expect.any(Date),
      lease_owner: null,
      lease_until: null,
      error_code: 'provider_error',
      error_verdict: 'provider_down',
      error: 'down',
      calls: '7',
      trace_parent: USE.traceParent,
    });
    await clinic.sql(`UPDATE sync_runs SET state = 'cancelled' WHERE id = $1`, [id]);
    expect(await finish(leased(id))).toBe(false);
    expect(await row(id)).toMatchObject({ state: 'cancelled' });
  });

  it('are handed back by who holds them, for as long as is asked', async () => {
    const id = await runIn('running', { ...held(soon()), deaths: 2, insists: true });
    const requeue = (fence = 3) =>
      inTransaction((tx) => runs.requeue(tx, leased(id, fence), { notBeforeMs: 30_000, reason: 'rate_limited' }, USE));
    expect(await requeue(2)).toBeNull();
    const back = await changes(id, () => requeue());
    expect(back).toMatchObject({ state: 'queued', attempt: 2, lease_owner: null, lease_until: null, deaths: 0 });
    expect(back).toMatchObject({ wait_reason: 'rate_limited', calls: '7', trace_parent: USE.traceParent });
    expect(Math.abs((back['not_before'] as Date).getTime() - Date.now() - 30_000)).toBeLessThan(20_000);
    expect(await requeue()).toBeNull();
  });

  it('count how often in a row they met a closed gate, and nothing else', async () => {
    const id = await runIn('running', { ...held(soon()), attempt: 9 });
    const after = async (reason: string | null): Promise<number> => {
      await clinic.sql(`UPDATE sync_runs SET state = 'running', lease_owner = 'test', lease_until = $2 WHERE id = $1`, [
        id,
        soon(),
      ]);
      await inTransaction((tx) => runs.requeue(tx, leased(id), { notBeforeMs: 0, reason }, USE));
      return (await row(id))['gate_waits'];
    };
    const waits: number[] = [];
    for (const reason of ['provider_incident', 'key_management', 'shutdown', 'key_management', null]) {
      waits.push(await after(reason));
    }
    expect(waits).toEqual([1, 2, 2, 3, 0]);
    await after('provider_incident');
    expect(await after('rate_limited')).toBe(0);
    await after('provider_incident');
    await clinic.sql('UPDATE sync_runs SET not_before = NULL');
    const { attempt } = (await row(id)) as { attempt: number };
    expect(await runs.lease(id, attempt, 'me', 30_000)).toMatchObject({ gateWaits: 1 });
  });

  it('of workers that died are queued again, and those of the living are not', async () => {
    const dead = await runIn('running', held(ago()));
    const alive = await runIn('running', held(soon()), others);
    const queued = await runIn('queued', { lane: 'push', kind: 'push', lease_until: ago() });
    const freed = () => runs.freeDead(10);
    expect(
      await changes(dead, async () => expect(await freed()).toEqual([{ id: dead, attempt: 2, delayMs: 0 }])),
    ).toEqual({
      state: 'queued',
      attempt: 2,
      lease_owner: null,
      lease_until: null,
      deaths: 1,
    });
    expect([await freed(), (await row(alive))['state'], (await row(queued))['deaths']]).toEqual([[], 'running', 0]);
  });

  it('that wait behind another take its place when it has ended, in their lane', async () => {
    const id = await runIn('waiting');
    const live = await runIn('running', held(soon()));
    await runIn('running', { ...held(soon()), lane: 'push', kind: 'push' });
    const promote = () => inTransaction((tx) => runs.promoteWaiting(tx, mine, 'sync'));
    const stranded = () => runs.promoteStranded(10);
    expect([await promote(), await stranded()]).toEqual([null, []]);
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded' WHERE id = $1`, [live]);
    expect(await promote()).toMatchObject({ id, attempt: 1 });
    await clinic.sql(`UPDATE sync_runs SET state = 'waiting' WHERE id = $1`, [id]);
    expect(await stranded()).toEqual([{ id, attempt: 1, delayMs: 0 }]);
    expect(await row(id)).toMatchObject({ state: 'queued' });
  });

  it('are cancelled in the lanes that are named, the live ones of one integration', async () => {
    const ids = [await runIn('running', held(soon())), await runIn('waiting')];
    const push = await runIn('queued', { lane: 'push', kind: 'push' });
    const left = [push, await runIn('succeeded'), await runIn('queued', {}, others)];
    const cancelled = await inTransaction((tx) => runs.cancelAll(tx, mine, ['sync']));
    expect(cancelled.toSorted()).toEqual(ids.toSorted());
    expect(await row(ids[0]!)).toMatchObject({ state: 'cancelled', lease_owner: null, lease_until: null });
    expect((await row(ids[0]!))['finished_at']).not.toBeNull();
    expect(await Promise.all(left.map(async (id) => (await row(id))['state']))).toEqual([
      'queued',
      'succeeded',
      'queued',
    ]);
  });

  it('that are overdue are told, the longest first and a part at a time', async () => {
    const first = await runIn('queued', { created_at: new Date(Date.now() - 300_000) });
    const second = await runIn('queued', { not_before: new Date(Date.now() - 200_000) }, others);
    await runIn('queued', { lane: 'push', kind: 'push', not_before: soon() });
    const overdue = (limit = 10, after: Awaited<ReturnType<RunRepository['overdue']>>[number] | null = null) =>
      runs.overdue(100_000, limit, after);
    expect((await overdue()).map(({ id }) => id)).toEqual([first, second]);
    const [one] = await overdue(1);
    expect(one!.id).toBe(first);
    expect((await overdue(10, one)).map(({ id }) => id)).toEqual([second]);
    expect([await runs.countQueued(), await runs.someoneWaits()]).toEqual([3, true]);
    await clinic.sql(`UPDATE sync_runs SET not_before = now() + interval '1 hour'`);
    expect(await runs.someoneWaits()).toBe(false);
  });

  it('are leased when their time has come, by one worker, with a new fence', async () => {
    const lease = (of: string, attempt = 1) => runs.lease(of, attempt, 'me', 30_000);
    const early = await runIn('queued', { not_before: soon() });
    expect(await changes(early, () => lease(early))).toEqual({});
    await clinic.sql('DELETE FROM sync_runs');
    const id = await runIn('queued', { not_before: ago(), wait_reason: 'rate_limited', fence: 6 });
    const bystander = await runIn('queued', { fence: 6 }, others);
    expect(await lease(id, 2)).toBeNull();
    expect(await lease(id)).toMatchObject({ id, integrationId: mine, fence: 7, deaths: 0 });
    expect(await row(id)).toMatchObject({ state: 'running', lease_owner: 'me', not_before: null, wait_reason: null });
    expect((await row(bystander))['state']).toBe('queued');
    expect(await lease(id)).toBeNull();
    await clinic.sql('UPDATE sync_runs SET lease_until = $2 WHERE id = $1', [id, ago()]);
    expect(await lease(id)).toMatchObject({ fence: 8, deaths: 1 });
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded' WHERE id = $1`, [id]);
    expect(await lease(id)).toBeNull();
  });

  it('say whose account they are of, and whether its records or its provider need a look', async () => {
    const facts = async () => {
      await clinic.sql('DELETE FROM sync_runs');
      const { epoch, formerRecords, providerTrouble } = (await runs.lease(await runIn('queued'), 1, 'me', 30_000))!;
      return { epoch, formerRecords, providerTrouble };
    };
    const [{ environment, epoch, merchant_id: merchantId }] = (await clinic.sql(
      'SELECT environment, epoch, merchant_id FROM integrations WHERE id = $1',
      [mine],
    )) as [{ environment: string; epoch: number; merchant_id: string }];
    const quiet = { epoch, formerRecords: false, providerTrouble: false };
    const former = (of: string) =>
      clinic.sql(`INSERT INTO sync_former_records (integration_id, resource_type) VALUES ($1, 'customers')`, [of]);
    const breaker = (provider: string, of: string, state: string) =>
      clinic.sql('INSERT INTO provider_breakers (provider, environment, state) VALUES ($1, $2, $3)', [
        provider,
        of,
        state,
      ]);
    const failure = (provider: string, of: string, merchant: string) =>
      clinic.sql(
        `INSERT INTO provider_failures (provider, environment, merchant_id, verdict, host, counts)
         VALUES ($1, $2, $3, 'network', 'h', true)`,
        [provider, of, merchant],
      );
    const [{ other }] = (await clinic.sql('SELECT merchant_id AS other FROM integrations WHERE id = $1', [others])) as [
      { other: string },
    ];
    const elsewhere = environment === 'live' ? 'sandbox' : 'live';
    await former(others);
    await breaker('wodify', environment, 'open');
    await breaker('practicehub', elsewhere, 'open');
    await breaker('practicehub', environment, 'closed');
    await failure('practicehub', environment, other);
    await failure('practicehub', elsewhere, merchantId);
    await failure('wodify', environment, merchantId);
    expect(await facts()).toEqual(quiet);
    await failure('practicehub', environment, merchantId);
    expect(await facts()).toEqual({ ...quiet, providerTrouble: true });
    await clinic.sql('DELETE FROM provider_failures');
    await clinic.sql(`UPDATE provider_breakers SET state = 'open'`);
    expect(await facts()).toEqual({ ...quiet, providerTrouble: true });
    await clinic.sql('DELETE FROM provider_breakers');
    await former(mine);
    expect(await facts()).toEqual({ ...quiet, formerRecords: true });
  });

  it('of syncs end for owners that have ended, and no others do', async () => {
    const of = (name: string, more: object = {}) => ({ ...held(soon()), lease_owner: name, ...more });
    const push = { lane: 'push', kind: 'push' };
    const ids = [
      await runIn('running', of('host/1@space/1')),
      await runIn('running', of('host/1@space/1', push)),
      await runIn('running', of('host/2@space/2'), others),
      await runIn('succeeded', of('host/1@space/1')),
    ];
    await runIn('running', of('host/3@space/3', { ...push, lease_until: ago() }), others);
    expect((await runs.syncLeaseOwners('%@space/%')).toSorted()).toEqual(['host/1@space/1', 'host/2@space/2']);
    expect(await runs.syncLeaseOwners('%@space/2%')).toEqual(['host/2@space/2']);
    await runs.endSyncLeases(['host/1@space/1', 'host/3@space/3']);
    const lapsed = await Promise.all(ids.map(async (id) => (await row(id))['lease_until'].getTime() < Date.now()));
    expect(lapsed).toEqual([true, false, false, false]);
  });
});
