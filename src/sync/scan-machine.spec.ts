import type { Batch } from './batch-reader';
import { EMPTY_CURSOR, type StreamCursor } from './cursor';
import { ScanMachine, type Found, type ScanTerms } from './scan-machine';
import { planScan } from './scan-plan';
import { beginAgain, type ScanState } from './scan-state';

const NOW = new Date('2026-05-01T12:00:00Z');
const FOUND: Found = { late: 0, fresh: 0, undated: 0, fromEmpty: false, now: NOW };
const READ: StreamCursor = {
  ...EMPTY_CURSOR,
  watermark: '2026-05-01T11:00:00.000Z',
  fullScanAt: '2026-05-01T10:00:00.000Z',
  readAs: 'seed',
  filter: { state: 'honoured', checkedAt: '2026-05-01T10:00:00.000Z' },
};

function scanOf(cursor: StreamCursor, fullResync = false): ScanState {
  return planScan({
    stream: { incremental: 'changed_since', resource: 'customers' },
    cursor,
    readAs: 'seed',
    now: NOW,
    runId: 'run',
    fullResync,
    lookbackDays: 90,
    timezone: 'UTC',
  });
}

interface Case {
  readonly cursor?: StreamCursor;
  readonly full?: boolean;
  readonly detectsDeletions?: boolean;
  readonly pages?: number;
  readonly drifted?: boolean;
  readonly restarts?: number;
  readonly ended?: boolean;
  readonly beganAgain?: boolean;
  readonly found?: Partial<Found>;
}

function step(given: Case) {
  const { cursor = READ, full = false, detectsDeletions = true, pages = 1, drifted = false, ended = true } = given;
  const { restarts = 0 } = given;
  const terms: ScanTerms = {
    stream: { incremental: 'changed_since', detectsDeletions },
    settleMarginMs: 60_000,
    runId: 'run',
  };
  const scan = scanOf(cursor, full);
  const sound = {
    ...scan,
    pages,
    drifted,
    restarts,
    total: 100,
    startedAt: NOW.toISOString(),
    position: ended ? null : '2',
  };
  const beganAgain = given.beganAgain ?? false;
  const read: ScanState = beganAgain ? beginAgain(sound) : sound;
  const batch: Batch = { rows: [], unchanged: [], notes: [], failure: null, scan: read, ended, beganAgain };
  const machine = ScanMachine.at(terms, cursor, scan).afterBatch(batch);
  return { scan, machine, ...machine.afterCommit({ ...FOUND, ...given.found }) };
}

describe('a scan behind a commit', () => {
  const ends: readonly [string, Case, 'pages' | 'again' | 'settle' | 'complete' | 'complete_without_progress'][] = [
    ['more pages follow', { ended: false }, 'pages'],
    ['the only page of a list of changes', {}, 'complete'],
    ['the last of several pages of a list of changes', { pages: 2 }, 'again'],
    ['the last page of a full list that stood still', { full: true, pages: 2 }, 'settle'],
    ['a full list that tells no deletions', { full: true, pages: 2, detectsDeletions: false }, 'complete'],
    ['a full list of which nothing was stored before', { full: true, found: { fromEmpty: true } }, 'complete'],
    ['a full list that moved', { full: true, pages: 2, drifted: true }, 'again'],
    ['a full list that grew', { full: true, pages: 2, found: { fresh: 1 } }, 'again'],
    ['a list of changes that never stands still', { restarts: 3, found: { late: 1 } }, 'complete_without_progress'],
    ['pages that make no list', { ended: false, beganAgain: true }, 'pages'],
  ];
  it.each(ends)('%s', (_what, given, expected) => {
    const { scan, state, cursor, done } = step(given);
    if (expected === 'complete' || expected === 'complete_without_progress') {
      expect(done).toEqual({ progress: expected === 'complete' });
      expect(cursor).toMatchObject({ completedBy: 'run', scan: null });
      return;
    }
    expect(done).toBeNull();
    expect(cursor).toEqual({ ...(given.cursor ?? READ), scan: state });
    expect(state.phase).toBe(expected === 'settle' ? 'settle' : 'pages');
    expect(state.id === scan.id).toBe(expected !== 'again' && !given.beganAgain);
    expect(state.commits).toBe(expected === 'again' || given.beganAgain ? 0 : 1);
  });

  it('keeps what commits found that the batch, which was fetched ahead, does not know', () => {
    const terms: ScanTerms = {
      stream: { incremental: 'changed_since', detectsDeletions: true },
      settleMarginMs: 0,
      runId: 'run',
    };
    const batchOf = (scan: ScanState): Batch => {
      return { rows: [], unchanged: [], notes: [], failure: null, scan, ended: false, beganAgain: false };
    };
    const scan = scanOf(READ, true);
    const ahead = { ...scan, position: '3', pages: 2 };
    let machine = ScanMachine.at(terms, READ, scan).afterBatch(batchOf({ ...scan, position: '2', pages: 1 }));
    machine = machine.behind(machine.afterCommit({ ...FOUND, late: 2, fresh: 1 }).state);
    const { state } = machine.afterBatch(batchOf(ahead)).afterCommit({ ...FOUND, late: 3 });
    expect(state).toMatchObject({ position: '3', pages: 2, commits: 2, late: 5, grew: true });
  });

  it('is complete at once only with the one page of a list of changes', () => {
    expect(step({}).machine.endsAtOnce).toBe(true);
    for (const other of [{ ended: false }, { pages: 2 }, { full: true }]) {
      expect(step(other).machine.endsAtOnce).toBe(false);
    }
  });
});
