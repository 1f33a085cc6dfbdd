import type { Stream } from '../providers';
import type { Batch } from './batch-reader';
import { completeScan, type StreamCursor } from './cursor';
import type { ChangeCounts } from './record-changes';
import { endOfPages, repeatScan, sawAllThatIsStored, withFindings, withFindingsOf, type ScanState } from './scan-state';

/** What does not change while a scan is under way. */
export interface ScanTerms {
  readonly stream: Pick<Stream, 'incremental' | 'detectsDeletions'>;
  readonly settleMarginMs: number;
  /** Whose work is done with the scan; null: nobody's. */
  readonly runId: string | null;
}

/** What a commit of pages found. */
export interface Found extends Pick<ChangeCounts, 'late' | 'fresh' | 'undated'> {
  /** The database's clock. */
  readonly now: Date;
  /** For the scan (`ScanState`). */
  readonly fromEmpty: boolean;
}

/** What stands behind a commit of pages. */
export interface Step {
  readonly state: ScanState;
  /** Stored with the pages. */
  readonly cursor: StreamCursor;
  /** The scan is complete, with progress or without (`endOfPages`); null: more is to be done. */
  readonly done: { readonly progress: boolean } | null;
}

/**
 * Where one stream stands in its scan: the table of states is in docs/architecture.md. Immutable: each step gives a new
 * one, and is pure but for the id of a pass.
 */
export class ScanMachine {
  private constructor(
    private readonly terms: ScanTerms,
    /** As it was before the scan, or its last attempt. */
    private readonly origin: StreamCursor,
    readonly state: ScanState,
    private readonly batch: Pick<Batch, 'ended' | 'beganAgain'>,
  ) {}

  static at(terms: ScanTerms, cursor: StreamCursor, state: ScanState): ScanMachine {
    return new ScanMachine(terms, cursor, state, { ended: false, beganAgain: false });
  }

  /** What was fetched ahead does not know what the commit before it found. */
  afterBatch(batch: Batch): ScanMachine {
    const state = batch.beganAgain ? batch.scan : withFindingsOf(batch.scan, this.state);
    return new ScanMachine(this.terms, this.origin, state, batch);
  }

  /** The scan is complete with the batch, its first and last, whatever is found when that is committed. */
  get endsAtOnce(): boolean {
    const { kind, pages, restarts } = this.state;
    return this.batch.ended && kind === 'incremental' && pages <= 1 && restarts === 0;
  }

  afterCommit({ now, ...found }: Found): Step {
    const { stream, settleMarginMs, runId } = this.terms;
    const state = this.batch.beganAgain
      ? this.state
      : this.moved(withFindings(this.state, found, this.origin.fullScanAt !== null));
    if (state.phase !== 'settle' || reconcilesDeletions(state, stream)) {
      return { state, cursor: { ...this.origin, scan: state }, done: null };
    }
    const progress = endOfPages(state, stream) === 'complete';
    const cursor = completeScan(this.origin, state, { settleMarginMs, databaseNow: now, runId, progress });
    return { state, cursor, done: { progress } };
  }

  private moved(scan: ScanState): ScanState {
    const { ended } = this.batch;
    if (ended && endOfPages(scan, this.terms.stream) === 'repeat') return repeatScan(scan);
    return { ...scan, commits: scan.commits + 1, phase: ended ? 'settle' : 'pages' };
  }

  /** Once that is committed. */
  behind(state: ScanState): ScanMachine {
    return ScanMachine.at(this.terms, this.origin, state);
  }
}

/** Whether the end of the scan's pages is followed by the question what was missing from them. */
export function reconcilesDeletions(scan: ScanState, stream: Pick<Stream, 'detectsDeletions'>): boolean {
  return scan.kind === 'full' && stream.detectsDeletions && !sawAllThatIsStored(scan);
}
