import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import { pipelined, type Tx } from '../platform/database';
import { isBadRow, isListedRow, type ListedRow, type Stream } from '../providers';
import type { StreamCursor } from './cursor';
import { commitRow, type CommitRow, type RowReading } from './page-rows';
import { changesOf, type ChangeBounds, type Changes, type IncomingRecord, type StreamKey } from './record-changes';
import { DiffingWriter, FirstImportWriter, type RecordWriter, type TakenPage } from './record-writer';
import { RunFence, type FenceTarget, type Held } from './run-fence';
import type { Found } from './scan-machine';
import { sawAllThatIsStored, type ScanState } from './scan-state';
import { CursorRepository, type StreamProgress } from './store/cursor.repository';
import { HealthRepository } from './store/health.repository';
import { LogRepository, type LogCounts, type LogEnd, type LogEntry } from './store/log.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import { isUnstorable, RecordRepository } from './store/record.repository';
import type { SyncNote } from './sync-notes';
import type { VersionOrder } from './version-order';

export interface CommitTarget extends FenceTarget {
  readonly stream: Stream;
}

/** The cursor behind a commit of pages. */
export interface Progress {
  readonly cursor: StreamCursor;
  /**
   * They were the stream's last. `log`: they were the resource's last too; `also`: what else is done in the same
   * transaction.
   */
  readonly ends?: { readonly log: LogEnd | null; readonly also: (tx: Tx) => Promise<void> };
}

/**
 * One or more whole pages of one scan, with what follows them: a function of what they brought, because whether the
 * list is read again hangs on it.
 */
export interface StreamPages {
  readonly stream: Stream;
  readonly rows: readonly (CommitRow | ListedRow)[];
  /** By `performance.now()`: the commit may come long after the pages were read. */
  readonly resourceBegunAt: number;
  readonly progressAfter: (found: Found) => Progress;
  readonly options: PagesOptions;
}

/** What changed, and where the stream stands. `allNew`: all of it could be taken for new. */
export type Committed = LogCounts & { readonly allNew: boolean; readonly progress: Progress };

/** How the pages of a scan are committed. */
export interface PagesOptions {
  readonly scan: Pick<ScanState, 'id' | 'commits' | 'restarts' | 'fromEmpty'>;
  readonly reading: RowReading;
  readonly order: VersionOrder;
  /** Deletions will be concluded from what the scan saw. */
  readonly keepsSeen: boolean;
  /** Rows that are seen may carry the mark of an earlier scan that missed them. */
  readonly mayMiss: boolean;
  /** Rows that are understood may be in quarantine. */
  readonly quarantined: boolean;
  /** External ids of rows that the adapter knew by their digest. */
  readonly unchanged: readonly string[];
  /** Nothing is looked up before it proves to be stored. */
  readonly takenForNew: boolean;
  readonly bounds: ChangeBounds;
  readonly notes: readonly SyncNote[];
}

/** Commits what was read of streams: records, quarantine, cursors and log entries, in one transaction. */
@Injectable()
export class PageCommit {
  private readonly diffing: RecordWriter;
  private readonly firstImport: RecordWriter;

  constructor(
    private readonly fence: RunFence,
    private readonly records: RecordRepository,
    private readonly cursors: CursorRepository,
    private readonly logs: LogRepository,
    private readonly quarantine: QuarantineRepository,
    private readonly health: HealthRepository,
  ) {
    this.diffing = new DiffingWriter(records);
    this.firstImport = new FirstImportWriter(records, this.diffing);
  }

  /**
   * Of different streams, in the order in which they were read. A row that the database does not take goes to
   * quarantine, and the others are committed without it.
   */
  async commit(target: FenceTarget, streams: readonly StreamPages[]): Promise<Committed[]> {
    try {
      return await this.commitRows(target, streams);
    } catch (error) {
      if (!isUnstorable(error)) throw error;
      const storable: StreamPages[] = [];
      for (const pages of streams) storable.push({ ...pages, rows: await this.withoutUnstorable(target, pages) });
      return this.commitRows(target, storable);
    }
  }

  /** The rows as they can be committed: each is tried alone, and nothing of it stays. */
  private async withoutUnstorable(target: FenceTarget, { stream, rows, options }: StreamPages): Promise<CommitRow[]> {
    const read = rows.map((row) => (isListedRow(row) ? commitRow(row, options.reading) : row));
    const incoming = read.filter((row): row is IncomingRecord => !isBadRow(row));
    const key = keyOf({ ...target, stream });
    const unstorable = await this.fence.run(target, (tx) => this.records.unstorable(tx, key, incoming));
    return read.map((row) =>
      !isBadRow(row) && unstorable.has(row)
        ? { externalId: row.externalId, reason: 'cannot be stored', path: '$', rowDigest: row.hash }
        : row,
    );
  }

  private async commitRows(target: FenceTarget, streams: readonly StreamPages[]): Promise<Committed[]> {
    const { run, integration } = target;
    return this.fence.begin(target, async (tx, holding) => {
      const [held, ...taken] = await pipelined(
        holding,
        ...streams.map((pages) => this.take(tx, holding, target, pages)),
      );
      const written = streams.map((pages, index) => changesIn(target, pages, taken[index]!, held));
      await pipelined(
        ...written.flatMap((pages) => this.writeRows(tx, target, held, pages)),
        this.cursors.saveAll(tx, integration.id, written.map(progressOf)),
        this.logs.addAll(tx, run.id, written.map(entryOf), written.at(-1)?.progress.ends?.log?.next),
        // a probe that brought a page home has answered the question: recovery does not wait for the run's end
        run.probe ? this.health.close(tx, integration.id) : Promise.resolve(),
      );
      for (const { progress } of written) await progress.ends?.also(tx);
      return written.map(({ counts, progress, taken }) => ({ ...counts, progress, allNew: taken.written }));
    });
  }

  private take(tx: Tx, holding: Promise<Held>, target: FenceTarget, pages: StreamPages): Promise<TakenPage> {
    const { options, rows, stream } = pages;
    const writer = options.takenForNew ? this.firstImport : this.diffing;
    return writer.take({ tx, holding, key: keyOf({ ...target, stream }) }, { rows, ...options });
  }

  /** All but the cursor and the log. */
  private writeRows(
    tx: Tx,
    { run }: FenceTarget,
    { current }: Held,
    { key, options, taken, changes, sound, fromEmpty }: ChangedPages,
  ): Promise<void>[] {
    const { bad } = taken.page;
    // a row that could not be understood was seen all the same: it must not be concluded deleted
    const seen = [...sound, ...bad.flatMap((row) => row.externalId ?? [])];
    const writes = [this.quarantine.add(tx, { ...key, runId: run.id }, bad)];
    if (!taken.written) writes.push(this.records.write(tx, key, changes, openInvoiceStatus(current)));
    if (options.quarantined) writes.push(this.quarantine.release(tx, key, sound));
    if (options.keepsSeen && !fromEmpty) writes.push(this.cursors.addScanPage(tx, key, options.scan, seen));
    if (options.mayMiss) writes.push(this.records.clearMissed(tx, key, seen));
    return writes;
  }
}

export function keyOf({ integration, stream }: Pick<CommitTarget, 'integration' | 'stream'>): StreamKey {
  return {
    integrationId: integration.id,
    resourceType: stream.resource,
    stream: stream.key,
    epoch: integration.epoch,
  };
}

interface ChangedPages extends StreamPages {
  readonly key: StreamKey;
  readonly taken: TakenPage;
  readonly changes: Changes;
  readonly counts: LogCounts;
  readonly fromEmpty: boolean;
  readonly progress: Progress;
  /** External ids of the rows that were understood. */
  readonly sound: readonly string[];
  /** When the reading of the resource began, by the database's clock. */
  readonly startedAt: Date;
}

function changesIn(target: FenceTarget, pages: StreamPages, taken: TakenPage, { now, toldAtMs }: Held): ChangedPages {
  const { page, diff } = taken;
  const { options } = pages;
  const unchanged = [...page.unchanged, ...options.unchanged];
  const changes = changesOf(page.incoming, diff, options.bounds);
  const counts: LogCounts = {
    fetched: pages.rows.length + options.unchanged.length,
    created: changes.counts.created,
    updated: changes.counts.updated,
    unchanged: changes.counts.unchanged + unchanged.length,
    deleted: 0,
    quarantined: page.bad.length,
  };
  const fromEmpty = taken.isEmpty || sawAllThatIsStored(options.scan);
  const progress = pages.progressAfter({ ...changes.counts, now, fromEmpty });
  const sound = [...page.incoming.map(({ externalId }) => externalId), ...unchanged];
  return {
    ...pages,
    key: keyOf({ ...target, stream: pages.stream }),
    taken,
    changes,
    counts,
    fromEmpty,
    progress,
    sound,
    startedAt: new Date(now.getTime() - (toldAtMs - pages.resourceBegunAt)),
  };
}

function progressOf({ key, counts, progress: { cursor, ends } }: ChangedPages): StreamProgress {
  return { ...key, cursor, items: counts.fetched, status: ends ? 'success' : 'syncing' };
}

function entryOf({ key, counts, options, startedAt, progress: { ends } }: ChangedPages): LogEntry {
  return { resource: key.resourceType, counts, startedAt, notes: options.notes, ended: ends?.log != null };
}

/** Whether the platform sends an unpaid invoice by itself (`open`) or leaves that to the merchant (`draft`). */
export function openInvoiceStatus(integration: Pick<Integration, 'configuration'>): 'draft' | 'open' {
  return integration.configuration.autoSendInvoices ? 'open' : 'draft';
}
