import { setImmediate as othersTurn } from 'node:timers/promises';
import { ProviderFailure } from '../platform/outbound';
import { isListedRow, type ListedRow } from '../providers';
import { afterPage, beginAgain, type ScanState } from './cursor';
import { BrokenPageChain, PageChain } from './page-chain';
import type { PageReader } from './page-reader';
import { commitRow, type CommitRow, type RowReading } from './page-rows';
import type { RunContext } from './run-handler';
import type { SyncNote } from './sync-notes';

const MAX_ROWS_PER_COMMIT = 1_000;
/** Of rows that are kept as they came until the commit. */
const MAX_BYTES_PER_COMMIT = 4 * 1024 * 1024;
/** Of parsing rows, before other work has the event loop. */
const TURN_MS = 10;
const MAX_COMMIT_DELAY_MS = 1_000;

/** Whole pages of one scan, as they will be committed. */
export interface Batch {
  readonly rows: (CommitRow | ListedRow)[];
  /** External ids of rows that the adapter knew by their digest, and did not look into. */
  readonly unchanged: string[];
  /** The scan behind its last page. */
  readonly scan: ScanState;
  readonly ended: boolean;
  readonly notes: readonly SyncNote[];
  /** The failure of the next page. The pages before it are sound: they are committed, and then it is thrown. */
  readonly failure?: ProviderFailure;
}

/** Reads whole pages, up to what one commit may hold, and checks that they make one list. */
export class BatchReader {
  private readonly chain = new PageChain();

  constructor(
    private readonly context: RunContext,
    private readonly pages: PageReader,
    private readonly reading: RowReading,
  ) {}

  /** Rows that count as new are parsed at once, and not in the commit. */
  async read(from: ScanState, takenForNew: boolean): Promise<Batch> {
    const { context } = this;
    const startedAt = performance.now();
    const rows: (CommitRow | ListedRow)[] = [];
    const unchanged: string[] = [];
    const notes = new Set<SyncNote>();
    let bytes = 0;
    let scan = from;
    const batch = (ended: boolean): Batch => ({ rows, unchanged, scan, ended, notes: [...notes] });
    for (;;) {
      try {
        const page = await this.pages.read(scan);
        this.chain.admit(scan, page);
        context.countPage();
        let turnAt = performance.now();
        for (const row of page.rows) {
          if (!takenForNew && isListedRow(row)) {
            rows.push(row);
            bytes += row.bytes;
          } else rows.push(commitRow(row, this.reading));
          // large rows take long, and hold up everybody else in the process
          if (performance.now() - turnAt >= TURN_MS) {
            await othersTurn();
            turnAt = performance.now();
          }
        }
        unchanged.push(...(page.unchanged ?? []));
        scan = afterPage(scan, page, context.run.leasedAt);
        if (page.filterIgnored) notes.add('filter_ignored');
        if (page.orderIgnored) notes.add('order_ignored');
        if (page.rangeIgnored) notes.add('range_ignored');
        if (page.absent) notes.add('list_absent');
      } catch (error) {
        const beginsAgain = error instanceof BrokenPageChain && error.beginsAgain;
        const worthACommit = rows.length + unchanged.length > 0 || beginsAgain;
        if (!(error instanceof ProviderFailure) || context.signal.aborted || !worthACommit) throw error;
        return { ...batch(false), scan: beginsAgain ? beginAgain(scan) : scan, failure: error };
      }
      if (scan.position === null) return batch(true);
      const full =
        rows.length + unchanged.length >= MAX_ROWS_PER_COMMIT ||
        bytes >= MAX_BYTES_PER_COMMIT ||
        performance.now() - startedAt >= MAX_COMMIT_DELAY_MS;
      if (full || context.shouldYield()) return batch(false);
    }
  }
}
