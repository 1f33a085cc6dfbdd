import { randomUUID } from 'node:crypto';
import { ExplainRepository, type ExplainFacts } from '../../src/sync/store/explain.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** What explain is told, statement by statement: of this integration, of what stands now. */
describe('the facts of explain', () => {
  let running: TestApp;
  let clinic: Clinic;
  let mine: string;
  let others: string;

  beforeAll(async () => {
    // no worker: nothing happens by itself
    running = await startTestApp({ environment: { ROLE: 'api' } });
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded'`);
    await clinic.sql('DELETE FROM provider_breakers');
  });

  const facts = () => running.app.get(ExplainRepository, { strict: false }).facts(mine);
  /** What the statement changes of the facts; `$1` is the integration. */
  const changes = async (text: string, id = mine): Promise<Partial<ExplainFacts>> => {
    const before = await facts();
    await clinic.sql(text, [id]);
    const after = Object.entries(await facts());
    const changed = after.filter(
      ([name, value]) => name !== 'now' && JSON.stringify(value) !== JSON.stringify(before[name as keyof ExplainFacts]),
    );
    return Object.fromEntries(changed);
  };
  const some = expect.anything();
  const plan = (state: string) => `INSERT INTO sync_deletion_plans
      (id, integration_id, stream, resource_type, run_id, state, external_ids, live_records, decided_at, decided_by, reason)
    SELECT gen_random_uuid(), $1, gen_random_uuid()::text, 'customers', gen_random_uuid(), '${state}', '{1,2}', 9, d.at, d.by, d.by
    FROM (SELECT CASE WHEN '${state}' <> 'held' THEN now() END AS at, CASE WHEN '${state}' <> 'held' THEN 'x' END AS by) d`;
  const run = (state: string, lane = 'sync') =>
    `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, wait_reason, not_before)
     VALUES (gen_random_uuid(), $1, '${lane}', '${lane}', 'manual', '${state}', 'rate_limited', now())`;
  const log = (status: string, notes: string, resource = 'products', age = '1 minute') =>
    `WITH run AS (INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state)
       VALUES (gen_random_uuid(), $1, 'sync', 'sync', 'manual', 'succeeded') RETURNING id)
     INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type, notes, created_at)
     SELECT gen_random_uuid(), id, $1, 'practicehub', '${resource}', '${status}', 'sync', '${notes}', now() - interval '${age}' FROM run`;
  const filter = (state: string, checkedAt = '"2026-01-01T00:00:00Z"') =>
    `UPDATE sync_cursors SET cursor = jsonb_build_object('filter', '{"state":"${state}","checkedAt":${checkedAt}}'::jsonb)
     WHERE integration_id = $1 AND stream = 'patients'`;

  it.each<[string, string, object]>([
    ['a held plan', plan('held'), { heldRows: 2, heldSince: some }],
    ['an approved plan', plan('approved'), {}],
    ['a queued run', run('queued'), { runState: 'queued', runSince: some, runNotBefore: some, runWaitReason: some }],
    ['a run that ended', run('succeeded'), {}],
    ['a run that waits behind another', run('waiting'), {}],
    ['a push', run('queued', 'push'), {}],
    ['an absent list', log('success', '{list_absent}'), { absentLists: ['products'] }],
    ['an absent list of a failed run', log('failed', '{list_absent}'), {}],
    ['another note', log('success', '{list_empty}'), {}],
    ['a filter that is ignored', filter('ignored'), { unusedFilters: [expect.objectContaining({ state: 'ignored' })] }],
    ['a filter that is used', filter('honoured'), {}],
    ['a filter that was never tried', filter('unproven', 'null'), {}],
    [
      'a clock that is off',
      `UPDATE sync_cursors SET cursor = cursor || '{"providerClock": {"aheadMs": 600000, "since": "2026-01-01T00:00:00Z"}}'
       WHERE integration_id = $1 AND stream = 'patients'`,
      { clockAheadMs: 600_000, clockOffSince: some },
    ],
    [
      'a pause',
      `UPDATE sync_schedules SET operator_paused = true, pause_reason = 'p' WHERE integration_id = $1`,
      { operatorPaused: true, pauseReason: 'p' },
    ],
    [
      'a breaker',
      `UPDATE sync_health SET breaker = 'open', breaker_cause = 'failures', breaker_opened_at = now(), probe_at = now(),
         consecutive_errors = 5 WHERE integration_id = $1`,
      { breaker: 'open', breakerCause: 'failures', breakerOpenedAt: some, probeAt: some, consecutiveErrors: 5 },
    ],
    [
      'former records',
      `INSERT INTO sync_former_records (integration_id, resource_type, since) VALUES ($1, 'customers', now())`,
      { formerSince: some },
    ],
  ])('tell of %s, and of nobody else’s', async (_what, text, told) => {
    expect(await changes(text, others)).toEqual({});
    expect(await changes(text)).toEqual(told);
  });

  it.each([
    ['practicehub', 'sandbox', 'open', { incidentSince: some, incidentRetryAt: some }],
    ['practicehub', 'sandbox', 'closed', {}],
    ['practicehub', 'live', 'open', {}],
    ['wodify', 'sandbox', 'open', {}],
  ])('tell of an incident of %s in %s that is %s', async (provider, environment, state, told) => {
    const text = `INSERT INTO provider_breakers (provider, environment, state, opened_at, retry_at)
      SELECT '${provider}', '${environment}', '${state}', now(), now() WHERE $1::uuid IS NOT NULL`;
    expect(await changes(text, randomUUID())).toEqual(told);
  });

  it('tell of the newest good run of each resource alone', async () => {
    await clinic.sql(log('success', '{list_absent}', 'products', '9 minutes'), [mine]);
    expect(await changes(log('success', '{}', 'customers', '8 minutes'))).toEqual({});
    expect(await changes(log('success', '{}', 'products', '7 minutes'))).toEqual({ absentLists: [] });
    expect(await changes(log('success', '{list_absent}', 'products', '8 minutes'))).toEqual({});
  });
});
