import { Injectable } from '@nestjs/common';
import type { Integration, OpenedSession } from '../integrations';
import type { Tx } from '../platform/database';
import { isListedRow, type ListedRow, PROVIDER_CATALOGUE, type Stream } from '../providers';
import {
  afterPage,
  completeScan,
  endOfPages,
  lateBefore,
  planScan,
  repeatScan,
  sawAllThatIsStored,
  type ScanState,
  type StreamCursor,
} from './cursor';
import { DeletionSettlement } from './deletion-settlement';
import { type CommitTarget, type Found, PageCommit, type Progress } from './page-commit';
import { PageReader } from './page-reader';
import { commitRow, type CommitRow } from './page-rows';
import type { RunContext } from './run-handler';
import { CursorRepository } from './store/cursor.repository';
import { RecordRepository } from './store/record.repository';

const MAX_ROWS_PER_COMMIT = 1_000;
/** Of rows that are kept as they came until the commit. */
const MAX_BYTES_PER_COMMIT = 4 * 1024 * 1024;
const MAX_COMMIT_DELAY_MS = 1_000;

/** Whole pages of one scan, as they will be committed. */
interface Batch {
  readonly rows: (CommitRow | ListedRow)[];
  /** External ids of rows that the adapter knew by their digest, and did not look into. */
  readonly unchanged: string[];
  readonly scan: ScanState;
  readonly ended: boolean;
  readonly note?: string;
}

/** What a run does along with a stream's commits. */
export interface StreamHooks {
  /** Called after each commit of pages. */
  readonly afterCommit: () => Promise<void>;
  /** Part of the transaction that completes the scan. */
  readonly inLastCommit?: (tx: Tx) => Promise<void>;
}

/** Reads one stream of a provider to the end of its scan, committing as it goes. */
@Injectable()
export class StreamSync {
  constructor(
    private readonly cursors: CursorRepository,
    private readonly records: RecordRepository,
    private readonly commit: PageCommit,
    private readonly settlement: DeletionSettlement,
  ) {}

  /**
   * `done`: this run has completed a scan of the stream; `done_before`: an earlier attempt of it had. `handed_back`: it has used its
   * share of the slot.
   */
  async run(
    context: RunContext,
    integration: Integration,
    session: OpenedSession,
    stream: Stream,
    hooks: StreamHooks,
  ): Promise<'done' | 'done_before' | 'handed_back'> {
    let cursor = await this.cursors.find(integration.id, stream.key);
    if (cursor.completedBy === context.run.id) return 'done_before';
    const target = { run: context.run, integration, stream };
    let scan = planScan({
      stream,
      cursor,
      now: context.run.leasedAt,
      runId: context.run.id,
      fullResync: context.run.fullResync,
      lookbackDays: integration.configuration.invoiceLookbackDays,
      timezoneKnown: integration.configuration.timezone !== null,
    });

    if (scan.phase === 'pages') {
      const read = await this.readPages(context, target, session, cursor, scan, hooks);
      if (typeof read === 'string') return read;
      ({ cursor, scan } = read);
    }

    const progress = endOfPages(scan, stream.incremental) === 'complete';
    if (settlesDeletions(scan, stream) && progress) {
      const settled = await this.settlement.settle(context, target, session, cursor, scan);
      if (settled === 'handed_back') return 'handed_back';
    }
    await this.complete(target, cursor, scan, progress, hooks);
    return 'done';
  }

  /**
   * Reads and commits to the last page. The next pages are fetched while these are committed: neither waits for the other. `done`: the
   * last commit has completed the scan too, because there are no deletions to settle.
   */
  private async readPages(
    context: RunContext,
    target: CommitTarget,
    session: OpenedSession,
    from: StreamCursor,
    first: ScanState,
    hooks: StreamHooks,
  ): Promise<{ cursor: StreamCursor; scan: ScanState } | 'done' | 'handed_back'> {
    const { run, integration, stream } = target;
    const settleMarginMs = settleMarginOf(integration);
    // what was never read to its end may be stored in part: that shows when a row is written, once
    let takenForNew =
      from.fullScanAt === null && first.restarts === 0 && (first.commits === 0 || sawAllThatIsStored(first));
    const pages = this.pagesOf(context, integration, session, stream);
    const read = (scan: ScanState) => this.readBatch(context, pages, scan, takenForNew);
    let scan = first;
    let next = read(first);
    for (;;) {
      const batch = await next;
      // what was fetched ahead does not know what the commit before it found
      const before = { ...batch.scan, commits: scan.commits, late: scan.late, fromEmpty: scan.fromEmpty };
      const fetchesAhead = !batch.ended && !context.shouldHandBack();
      if (fetchesAhead) {
        next = read(before);
        // awaited in the next round; a commit that fails first must not leave it unhandled
        next.catch(() => undefined);
      }
      let completed = false;
      const progressAfter = ({ late, now, fromEmpty }: Found): Progress => {
        scan = scanAfter({ ...before, late: before.late + late, fromEmpty }, batch.ended, stream);
        completed = scan.phase === 'settle' && !settlesDeletions(scan, stream);
        if (!completed) return { cursor: { ...from, scan } };
        const progress = endOfPages(scan, stream.incremental) === 'complete';
        const end = { settleMarginMs, databaseNow: now, runId: run.id, progress };
        return { cursor: completeScan(from, scan, end), completes: async (tx) => hooks.inLastCommit?.(tx) };
      };
      const committed = await this.commit.commitPages(target, batch.rows, progressAfter, {
        scan: before,
        keepsSeen: settlesDeletions(before, stream),
        unchanged: batch.unchanged,
        takenForNew,
        lateBefore: lateBefore(before, settleMarginMs),
        note: batch.note,
      });
      takenForNew &&= committed.allNew && scan.restarts === 0;
      await hooks.afterCommit();
      if (completed) return 'done';
      if (scan.phase === 'settle') return { cursor: { ...from, scan }, scan };
      if (fetchesAhead) continue;
      if (context.shouldHandBack()) return 'handed_back';
      next = read(scan);
    }
  }

  /** Whole pages, up to what one commit may hold. Rows that will be taken for new are understood at once, and not in the commit. */
  private async readBatch(
    context: RunContext,
    pages: PageReader,
    from: ScanState,
    takenForNew: boolean,
  ): Promise<Batch> {
    const startedAt = performance.now();
    const rows: (CommitRow | ListedRow)[] = [];
    const unchanged: string[] = [];
    let bytes = 0;
    let scan = from;
    let note: string | undefined;
    for (;;) {
      const page = await pages.read(scan);
      context.countPage();
      for (const row of page.rows) {
        if (!takenForNew && isListedRow(row)) {
          rows.push(row);
          bytes += row.bytes;
        } else rows.push(commitRow(row));
      }
      unchanged.push(...(page.unchanged ?? []));
      scan = afterPage(scan, page, context.run.leasedAt);
      if (page.filterIgnored) {
        note = 'The provider ignores its changed-since filter; the whole list was read and compared.';
      }
      if (page.next === null) return { rows, unchanged, scan, ended: true, note };
      const full =
        rows.length + unchanged.length >= MAX_ROWS_PER_COMMIT ||
        bytes >= MAX_BYTES_PER_COMMIT ||
        performance.now() - startedAt >= MAX_COMMIT_DELAY_MS;
      if (full || context.shouldHandBack()) return { rows, unchanged, scan, ended: false, note };
    }
  }

  private pagesOf(context: RunContext, integration: Integration, session: OpenedSession, stream: Stream): PageReader {
    const key = { integrationId: integration.id, resourceType: stream.resource, epoch: integration.epoch };
    return new PageReader({
      stream,
      call: session.call,
      asStored: (rows) => this.records.areStored(null, key, rows),
      mayReadAhead: () => !context.shouldHandBack(),
    });
  }

  private async complete(
    target: CommitTarget,
    cursor: StreamCursor,
    scan: ScanState,
    progress: boolean,
    hooks: StreamHooks,
  ): Promise<void> {
    const { run, integration, stream } = target;
    const settleMarginMs = settleMarginOf(integration);
    await this.commit.fenced(target, async (tx, now) => {
      const key = { integrationId: integration.id, stream: stream.key, resourceType: stream.resource };
      const completed = completeScan(cursor, scan, { settleMarginMs, databaseNow: now, runId: run.id, progress });
      await this.cursors.save(tx, key, completed, { items: 0, status: 'success' });
      if (scan.kind === 'full') await this.cursors.dropScans(tx, key);
      await hooks.inLastCommit?.(tx);
    });
  }
}

/** Whether the end of the scan's pages is followed by a judgement of what was missing from them. */
function settlesDeletions(scan: ScanState, stream: Stream): boolean {
  return scan.kind === 'full' && stream.detectsDeletions && !sawAllThatIsStored(scan);
}

/** The scan that follows a committed batch: further pages, the same list again, or its settlement. */
function scanAfter(scan: ScanState, ended: boolean, stream: Stream): ScanState {
  if (ended && endOfPages(scan, stream.incremental) === 'repeat') return repeatScan(scan);
  return { ...scan, commits: scan.commits + 1, phase: ended ? 'settle' : 'pages' };
}

function settleMarginOf(integration: Integration): number {
  return PROVIDER_CATALOGUE[integration.provider].settleMarginSeconds * 1_000;
}
