import { IntegrationRepository, type OpenedSession } from '../../src/integrations';
import { UnitOfWork } from '../../src/platform/database';
import { ProviderFailure } from '../../src/platform/outbound';
import type { FetchedRow, Stream } from '../../src/providers';
import { EMPTY_CURSOR } from '../../src/sync/cursor';
import { DeletionReconciliation } from '../../src/sync/deletion-reconciliation';
import { PageCommit } from '../../src/sync/page-commit';
import { commitRow } from '../../src/sync/page-rows';
import type { LeasedRun } from '../../src/sync/run';
import { planScan } from '../../src/sync/scan-plan';
import type { ScanState } from '../../src/sync/scan-state';
import { CursorRepository } from '../../src/sync/store/cursor.repository';
import { LogRepository } from '../../src/sync/store/log.repository';
import { RunRepository } from '../../src/sync/store/run.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { commitPages, PAGES } from '../support/pages';
import { patient } from '../support/rows';

const ids = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);

describe('the deletions of a full scan', () => {
  let running: TestApp;
  let clinic: Clinic;
  let run: LeasedRun;
  const asked: string[] = [];
  let answer: (externalId: string) => FetchedRow | 'gone';
  let cutByAnotherTime = false;
  let byId = true;
  /** Calls that were counted as pages of the run's time slice. */
  let counted = 0;
  const stream = {
    key: 'patients',
    resource: 'customers',
    incremental: 'changed_since',
    detectsDeletions: true,
    get cutByAnotherTime() {
      return cutByAnotherTime;
    },
    get fetchOne() {
      if (!byId) return undefined;
      return async (_call: unknown, externalId: string) => {
        asked.push(externalId);
        return answer(externalId);
      };
    },
  } as unknown as Stream;

  beforeAll(async () => {
    // no worker: this test is the worker
    running = await startTestApp({ environment: { ROLE: 'api' } });
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    asked.length = 0;
    cutByAnotherTime = false;
    byId = true;
    clinic = await makeClinic(running);
    const { body } = await clinic.activate().expect(200);
    const [row] = await clinic.sql('SELECT id FROM sync_runs WHERE integration_id = $1', [body.data.id]);
    run = (await running.app.get(RunRepository).lease(row!['id'], 1, 'test', 60_000))!;
    await running.app
      .get(UnitOfWork)
      .run((tx) => running.app.get(LogRepository).open(tx, run, 'practicehub', ['customers']));
    counted = 0;
  });

  const target = async () => ({
    run,
    stream,
    integration: (await running.app.get(IntegrationRepository).findById(run.integrationId))!,
  });
  const plan = (): ScanState =>
    planScan({
      stream,
      cursor: EMPTY_CURSOR,
      readAs: 'seed',
      now: new Date(),
      runId: run.id,
      fullResync: true,
      lookbackDays: 90,
      timezone: 'UTC',
    });
  /** A complete full scan that saw these. */
  const scanOf = async (
    seen: readonly string[],
    floor: string | null = null,
    more: Partial<ScanState> = {},
  ): Promise<ScanState> => {
    const begun = { ...plan(), floor };
    const after: ScanState = { ...begun, commits: 1, phase: 'settle', ...more };
    await commitPages(
      running.app.get(PageCommit),
      await target(),
      seen.map((id) => commitRow(patient(id), PAGES.reading)),
      () => ({ cursor: { ...EMPTY_CURSOR, scan: after } }),
      {
        ...PAGES,
        scan: begun,
        keepsSeen: true,
      },
    );
    return after;
  };
  /** Attempts of the run, each of which yields after its first step if it may, until one is done. */
  const settle = async (yields = true): Promise<number> => {
    for (let attempt = 1; attempt <= 20; attempt++) {
      const cursors = await running.app
        .get(UnitOfWork)
        .run((tx) => running.app.get(CursorRepository).findAll(tx, run.integrationId));
      const { cursor } = cursors.get('patients')!;
      const context = {
        run,
        signal: new AbortController().signal,
        assertHeld: () => undefined,
        countPage: () => counted++,
        duringCall: <T>(call: () => Promise<T>) => call(),
      };
      const outcome = await running.app
        .get(DeletionReconciliation)
        .reconcile({ ...context, shouldYield: () => yields }, await target(), {} as OpenedSession, {
          cursor,
          scan: cursor.scan!,
        });
      if (outcome !== 'yielded') return attempt;
    }
    throw new Error('it never ended');
  };
  const deleted = async () =>
    (await clinic.records('customers')).filter((row) => row.operation === 'deleted').map((row) => row.externalId);

  it('asks once for each row that the list omits though it is there, over any number of hand-backs', async () => {
    await scanOf(ids(80));
    await scanOf(ids(65));
    answer = (externalId) => patient(externalId);
    expect(await settle()).toBe(3);
    expect(asked.toSorted()).toEqual(ids(80).slice(65).toSorted());
    expect([await deleted(), counted]).toEqual([[], 15]);
  });

  it('goes on to the last row where it may, and says what became of them', async () => {
    await scanOf(ids(80));
    await scanOf(ids(65));
    await clinic.sql('UPDATE sync_logs SET records_fetched = 0, records_created = 0, records_unchanged = 0');
    const broken = { externalId: 'p68', reason: 'no', path: '$', rowDigest: 'd' };
    answer = (externalId) => {
      if (externalId === 'p65') throw new ProviderFailure('permission', 'no');
      if (externalId === 'p66') return patient(externalId, { record: { ...patient('new').record } });
      if (externalId === 'p67') return 'gone';
      return externalId === 'p68' ? broken : patient(externalId);
    };
    expect(await settle(false)).toBe(1);
    // and one that is listed, before "not found" is believed
    expect([asked.length, counted, await deleted()]).toEqual([16, 15, ['p67']]);
    const [log] = await clinic.sql(
      `SELECT records_fetched AS fetched, records_created AS created, records_updated AS updated, records_unchanged AS unchanged,
         records_deleted AS deleted, records_quarantined AS quarantined FROM sync_logs WHERE run_id = $1`,
      [run.id],
    );
    expect(log).toEqual({ fetched: 13, created: 0, updated: 1, unchanged: 11, deleted: 1, quarantined: 2 });
    const bad = await clinic.sql('SELECT external_id AS id FROM sync_quarantine WHERE integration_id = $1 ORDER BY 1', [
      run.integrationId,
    ]);
    expect(bad).toEqual([{ id: 'p65' }, { id: 'p68' }]);
  });

  it('deletes those that are gone, and only those', async () => {
    await scanOf(ids(80));
    await scanOf(ids(65));
    answer = (externalId) => (externalId === 'p70' ? 'gone' : patient(externalId));
    await settle();
    expect(await deleted()).toEqual(['p70']);
  });

  it.each([
    ['deletes what two scans in a row miss and nobody shows', false, ['p70']],
    ['does not where a scan may not have reached back to it', true, []],
  ])('%s', async (_name, cut, gone) => {
    cutByAnotherTime = cut;
    await scanOf(ids(80));
    answer = () => {
      throw new ProviderFailure('permission', 'no');
    };
    for (let scan = 0; scan < 2; scan++) {
      await scanOf(ids(80).filter((id) => id !== 'p70'));
      await settle();
    }
    expect(asked).toEqual(['p70', 'p70']);
    expect(await deleted()).toEqual(gone);
  });

  it('does not count a miss before a scan that did not reach back to it', async () => {
    await scanOf(ids(80));
    answer = () => {
      throw new ProviderFailure('permission', 'no');
    };
    const others = ids(80).filter((id) => id !== 'p70');
    for (const floor of [null, '2026-01-10T00:00:00Z', null]) {
      await scanOf(others, floor);
      await settle();
    }
    expect(asked).toEqual(['p70', 'p70']);
    expect(await deleted()).toEqual([]);
    await scanOf(others);
    await settle();
    expect(await deleted()).toEqual(['p70']);
  });

  it('does not count a miss before a scan of what changed that saw the row', async () => {
    await scanOf(ids(80));
    answer = () => {
      throw new ProviderFailure('permission', 'no');
    };
    const others = ids(80).filter((id) => id !== 'p70');
    await scanOf(others);
    await settle();
    await commitPages(
      running.app.get(PageCommit),
      await target(),
      [commitRow(patient('p70'), PAGES.reading)],
      () => ({ cursor: EMPTY_CURSOR }),
      {
        ...PAGES,
        mayMiss: true,
      },
    );
    await scanOf(others);
    await settle();
    expect(await deleted()).toEqual([]);
  });

  it('holds a plan over any number of attempts, and asks for nothing', async () => {
    await scanOf(ids(80));
    await scanOf(ids(10));
    expect(await settle()).toBe(1);
    expect(await settle()).toBe(1);
    expect(asked).toEqual([]);
    const [held] = await clinic.sql(
      `SELECT state, cardinality(external_ids) AS rows FROM sync_deletion_plans WHERE integration_id = $1`,
      [run.integrationId],
    );
    expect(held).toEqual({ state: 'held', rows: 70 });
    // one miss each, however often the run took it up, and told once
    const misses = await clinic.sql(
      'SELECT DISTINCT missed_scans AS n FROM records WHERE integration_id = $1 ORDER BY 1',
      [run.integrationId],
    );
    expect(misses).toEqual([{ n: 0 }, { n: 1 }]);
    const told = await clinic.sql(
      `SELECT data->>'rows' AS rows, data->>'resourceType' AS resource FROM events WHERE type = 'deletion_plan.held'
         AND merchant_id = $1`,
      [clinic.merchantId],
    );
    expect(told).toEqual([{ rows: '70', resource: 'customers' }]);
  });

  it('takes the word of the provider for a row that it shows by id, and the row is missed no more', async () => {
    await scanOf(ids(80));
    await scanOf(ids(79));
    answer = (externalId) => patient(externalId, { record: { ...patient(externalId).record, name: 'Shown' } as never });
    await settle();
    const rows = await clinic.sql(
      `SELECT data->>'name' AS name, missed_scans AS misses FROM records WHERE integration_id = $1 AND external_id = 'p79'`,
      [run.integrationId],
    );
    expect(rows).toEqual([{ name: 'Shown', misses: 0 }]);
  });

  it('concludes nothing from a list that is shorter than the provider counts, however often', async () => {
    await scanOf(ids(80));
    answer = () => 'gone';
    for (let scan = 0; scan < 3; scan++) {
      await scanOf(ids(79), null, { fellShort: true });
      await settle();
    }
    expect([asked, await deleted()]).toEqual([[], []]);
    await scanOf(ids(79));
    answer = (externalId) => (externalId === 'p79' ? 'gone' : patient(externalId));
    await settle();
    expect(await deleted()).toEqual(['p79']);
  });

  it('takes two scans in a row that miss a row for its end where none can be asked for by id', async () => {
    byId = false;
    await scanOf(ids(80));
    await scanOf(ids(79));
    await settle();
    expect(await deleted()).toEqual([]);
    await scanOf(ids(79));
    await settle();
    expect(await deleted()).toEqual(['p79']);
    expect(asked).toEqual([]);
  });
});
