import { Readable } from 'node:stream';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { ProviderFailure } from '../platform/outbound';
import { BrokenPageChain, isListedRow, PageChain, type ListedRow, type Page } from '../providers';
import type { PageReader } from './page-reader';
import { commitRow, type CommitRow, type RowReading } from './page-rows';
import type { RunContext } from './run-handler';
import { afterPage, beginAgain, type ScanState } from './scan-state';
import type { SyncNote } from './sync-notes';

const MAX_ROWS_PER_COMMIT = 1_000;
/** Of rows that are kept as they came until the commit. */
const MAX_BYTES_PER_COMMIT = 4 * 1024 * 1024;
/** Of parsing rows, before other work has the event loop. */
const TURN_MS = 10;
const MAX_COMMIT_DELAY_MS = 1_000;
/** Of batches: one is read while another is committed. */
const READ_AHEAD = 1;

/** Whole pages of one scan, as they will be committed. */
export interface Batch {
  readonly rows: readonly (CommitRow | ListedRow)[];
  /** External ids of rows that the adapter knew by their digest, and did not look into. */
  readonly unchanged: readonly string[];
  /** The scan behind its last page. */
  readonly scan: ScanState;
  readonly ended: boolean;
  readonly notes: readonly SyncNote[];
  /** The failure of the next page. The pages before it are sound: they are committed, and then it is thrown. */
  readonly failure: ProviderFailure | null;
  /** The failure puts in doubt what was read before: the scan stands at its first page again. */
  readonly beganAgain: boolean;
}

/** Pages that were read, and are not committed yet. */
class Gathered {
  readonly rows: (CommitRow | ListedRow)[] = [];
  readonly unchanged: string[] = [];
  private readonly notes = new Set<SyncNote>();
  private readonly since = performance.now();
  private bytes = 0;

  constructor(private readonly reading: RowReading) {}

  get isEmpty(): boolean {
    return this.rows.length + this.unchanged.length === 0;
  }

  get isFull(): boolean {
    return (
      this.rows.length + this.unchanged.length >= MAX_ROWS_PER_COMMIT ||
      this.bytes >= MAX_BYTES_PER_COMMIT ||
      performance.now() - this.since >= MAX_COMMIT_DELAY_MS
    );
  }

  async add(page: Page, takesForNew: boolean): Promise<void> {
    let turnAt = performance.now();
    for (const row of page.rows) {
      if (!takesForNew && isListedRow(row)) {
        this.rows.push(row);
        this.bytes += row.bytes;
      } else this.rows.push(commitRow(row, this.reading));
      // large rows take long, and hold up everybody else in the process
      if (performance.now() - turnAt >= TURN_MS) {
        await othersTurn();
        turnAt = performance.now();
      }
    }
    this.unchanged.push(...(page.unchanged ?? []));
    if (page.filterIgnored) this.notes.add('filter_ignored');
    if (page.orderIgnored) this.notes.add('order_ignored');
    if (page.rangeIgnored) this.notes.add('range_ignored');
    if (page.absent) this.notes.add('list_absent');
  }

  batch(end: Pick<Batch, 'scan' | 'ended'> & Partial<Batch>): Batch {
    const { rows, unchanged, notes } = this;
    return { rows, unchanged, notes: [...notes], failure: null, beganAgain: false, ...end };
  }
}

/** Reads whole pages, up to what one commit may hold, and checks that they make one list. */
export class BatchReader {
  /** Rows that count as new are parsed at once, and not in the commit. */
  takesForNew = false;
  private readonly chain = new PageChain();

  constructor(
    private readonly context: RunContext,
    private readonly pages: PageReader,
    private readonly reading: RowReading,
  ) {}

  /** One pass over the list, from the scan's position to its end, its failure, or the end of the run's time slice. */
  from(scan: ScanState): AsyncIterable<Batch> {
    return Readable.from(this.batches(scan), { highWaterMark: READ_AHEAD });
  }

  private async *batches(from: ScanState): AsyncGenerator<Batch> {
    let batch = await this.read(from);
    for (;;) {
      yield batch;
      if (batch.ended || batch.failure || this.context.shouldYield()) return;
      batch = await this.read(batch.scan);
    }
  }

  private async read(from: ScanState): Promise<Batch> {
    const { context } = this;
    const gathered = new Gathered(this.reading);
    let scan = from;
    for (;;) {
      try {
        const page = await this.pages.read(scan);
        this.chain.admit(scan, page);
        context.countPage();
        await gathered.add(page, this.takesForNew);
        scan = afterPage(scan, page, context.run.leasedAt);
      } catch (error) {
        const beganAgain = error instanceof BrokenPageChain && error.beginsAgain;
        const worthACommit = !gathered.isEmpty || beganAgain;
        if (!(error instanceof ProviderFailure) || context.signal.aborted || !worthACommit) throw error;
        const soundTo = beganAgain ? beginAgain(scan) : scan;
        return gathered.batch({ scan: soundTo, ended: false, failure: error, beganAgain });
      }
      const ended = scan.position === null;
      if (ended || gathered.isFull || context.shouldYield()) return gathered.batch({ scan, ended });
    }
  }
}
