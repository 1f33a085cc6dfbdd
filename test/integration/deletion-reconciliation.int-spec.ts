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
  /** Attempts of the run, each of which yields after its first step, until one is done. */
  const settle = async (): Promise<number> => {
    for (let attempt = 1; attempt <= 20; attempt++) {
      const cursors = await running.app
        .get(UnitOfWork)
        .run((tx) => running.app.get(CursorRepository).findAll(tx, run.integrationId));
      const { cursor } = cursors.get('patients')!;
      const context = {
        run,
        signal: new AbortController().signal,
        assertHeld: () => undefined,
        countPage: () => undefined,
        duringCall: <T>(call: () => Promise<T>) => call(),
      };
      const outcome = await running.app
        .get(DeletionReconciliation)
        .reconcile({ ...context, shouldYield: () => true }, await target(), {} as OpenedSession, {
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
    await settle();
    expect(asked.toSorted()).toEqual(ids(80).slice(65).toSorted());
    expect(await deleted()).toEqual([]);
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
