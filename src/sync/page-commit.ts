import { Injectable } from '@nestjs/common';
import { IntegrationRepository, type Integration } from '../integrations';
import { pipelined, UnitOfWork, type Tx } from '../platform/database';
import { isBadRow, isListedRow, type ListedRow, type Stream } from '../providers';
import { sawAllThatIsStored, type ScanState, type StreamCursor } from './cursor';
import { commitRow, pageRows, type CommitRow, type PageRows, type RowReading } from './page-rows';
import { FencedOut, type LeasedRun } from './run';
import { CursorRepository } from './store/cursor.repository';
import { HealthRepository } from './store/health.repository';
import { LogRepository, type LogCounts, type LogEnd } from './store/log.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import {
  allNew,
  changesOf,
  type ChangeBounds,
  type ChangeCounts,
  type IncomingRecord,
  type RecordDiff,
  type StreamKey,
} from './store/record-changes';
import { isUnstorable, RecordRepository } from './store/record.repository';
import { RunRepository } from './store/run.repository';
import type { SyncNote } from './sync-notes';
import type { VersionOrder } from './version-order';

export interface CommitTarget {
  readonly run: LeasedRun;
  /** As it was when the run began: another epoch since then means that the run must not write. */
  readonly integration: Integration;
  readonly stream: Stream;
}

/** What a commit of pages found. */
export interface Found extends Pick<ChangeCounts, 'late' | 'fresh' | 'undated'> {
  /** The database's clock. */
  readonly now: Date;
  /** For the scan (`ScanState`). */
  readonly fromEmpty: boolean;
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

/** How the pages of a scan are committed. */
export interface PagesOptions {
  readonly scan: Pick<ScanState, 'id' | 'commits' | 'restarts' | 'fromEmpty'>;
  readonly reading: RowReading;
  readonly order: VersionOrder;
  /** Deletions will be concluded from what the scan saw. */
  readonly keepsSeen: boolean;
  /** Rows that are seen may carry the mark of an earlier scan that missed them. */
  readonly mayMiss: boolean;
  /** External ids of rows that the adapter knew by their digest. */
  readonly unchanged: readonly string[];
  /** Nothing is looked up before it proves to be stored. */
  readonly takenForNew: boolean;
  readonly bounds: ChangeBounds;
  readonly notes: readonly SyncNote[];
}

/**
 * Everything that a run writes goes through here: under the integration's row lock, with the fence checked in the same
 * transaction. Killed at any point, the next run continues from the last commit: nothing lost, nothing twice.
 */
@Injectable()
export class PageCommit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly runs: RunRepository,
    private readonly records: RecordRepository,
    private readonly cursors: CursorRepository,
    private readonly logs: LogRepository,
    private readonly quarantine: QuarantineRepository,
    private readonly health: HealthRepository,
  ) {}

  /**
   * Runs the work if this worker still holds the run and the integration is what it was; throws FencedOut if not. The
   * work gets the integration as it is now: its settings may have changed since a long run began.
   */
  async fenced<T>(
    target: Pick<CommitTarget, 'run' | 'integration'>,
    work: (tx: Tx, now: Date, current: Integration) => Promise<T>,
    required: Integration['state'] = 'active',
  ): Promise<T> {
    return this.unitOfWork.run(async (tx) => {
      const { now, current } = await this.hold(tx, target, required);
      return work(tx, now, current);
    });
  }

  private async hold(
    tx: Tx,
    { run, integration }: Pick<CommitTarget, 'run' | 'integration'>,
    required: Integration['state'],
  ): Promise<{ now: Date; current: Integration }> {
    // the integration first, then the run: the order that deactivate takes them in
    const [current, now] = await pipelined(this.integrations.lock(tx, integration.id), this.runs.holds(tx, run));
    if (!current || current.state !== required || current.epoch !== integration.epoch || !now) throw new FencedOut();
    return { now, current };
  }

  /**
   * One or more whole pages of one scan, with what follows them: a function of what they brought, because whether the
   * list is read again hangs on it. Returns what changed, and whether all of it could be taken for new. A row that the
   * database does not take goes to quarantine, and the others are committed without it.
   */
  async commitPages(
    target: CommitTarget,
    rows: readonly (CommitRow | ListedRow)[],
    progressAfter: (found: Found) => Progress,
    options: PagesOptions,
  ): Promise<LogCounts & { allNew: boolean }> {
    try {
      return await this.commitRows(target, rows, progressAfter, options);
    } catch (error) {
      if (!isUnstorable(error)) throw error;
      const storable = await this.withoutUnstorable(target, rows, options.reading);
      return this.commitRows(target, storable, progressAfter, options);
    }
  }

  /** The rows as they can be committed: each is tried alone, and nothing of it stays. */
  private async withoutUnstorable(
    target: CommitTarget,
    rows: readonly (CommitRow | ListedRow)[],
    reading: RowReading,
  ): Promise<CommitRow[]> {
    const read = rows.map((row) => (isListedRow(row) ? commitRow(row, reading) : row));
    const unstorable = await this.fenced(target, (tx) =>
      this.records.unstorable(
        tx,
        keyOf(target),
        read.filter((row): row is IncomingRecord => !isBadRow(row)),
      ),
    );
    return read.map((row) =>
      !isBadRow(row) && unstorable.has(row)
        ? { externalId: row.externalId, reason: 'cannot be stored', path: '$', rowDigest: row.hash }
        : row,
    );
  }

  private async commitRows(
    target: CommitTarget,
    rows: readonly (CommitRow | ListedRow)[],
    progressAfter: (found: Found) => Progress,
    options: PagesOptions,
  ): Promise<LogCounts & { allNew: boolean }> {
    const { run, integration, stream } = target;
    const key = keyOf(target);
    return this.unitOfWork.run(async (tx) => {
      const diffed = await this.diffRows(tx, target, key, rows, options);
      const { current, now, page, diff, written } = diffed;
      const fromEmpty = diffed.isEmpty || sawAllThatIsStored(options.scan);
      const unchanged = [...page.unchanged, ...options.unchanged];
      const changes = changesOf(page.incoming, diff, options.bounds);
      const counts: LogCounts = {
        fetched: rows.length + options.unchanged.length,
        created: changes.counts.created,
        updated: changes.counts.updated,
        unchanged: changes.counts.unchanged + unchanged.length,
        deleted: 0,
        quarantined: page.bad.length,
      };
      const { cursor, ends } = progressAfter({ ...changes.counts, now, fromEmpty });
      const sound = [...page.incoming.map(({ externalId }) => externalId), ...unchanged];
      // a row that could not be understood was seen all the same: it must not be concluded deleted
      const seen = [...sound, ...page.bad.flatMap((row) => row.externalId ?? [])];
      await pipelined(
        written ? Promise.resolve() : this.records.write(tx, key, changes, openInvoiceStatus(current)),
        this.quarantine.add(tx, { ...key, runId: run.id }, page.bad),
        this.quarantine.release(tx, key, sound),
        options.keepsSeen && !fromEmpty ? this.cursors.addScanPage(tx, key, options.scan, seen) : Promise.resolve(),
        options.mayMiss ? this.records.clearMissed(tx, key, seen) : Promise.resolve(),
        this.cursors.save(tx, key, cursor, { items: counts.fetched, status: ends ? 'success' : 'syncing' }),
        this.logs.add(tx, run.id, stream.resource, counts, options.notes, ends?.log ?? null),
        // a probe that brought a page home has answered the question: recovery does not wait for the run's end
        run.probe ? this.health.close(tx, integration.id) : Promise.resolve(),
      );
      await ends?.also(tx);
      return { ...counts, allNew: written };
    });
  }

  /**
   * Holds the integration and tells new and changed records from those that are stored. `written`: all were new, and
   * are stored now; `isEmpty`: they are the first of their resource.
   */
  private async diffRows(
    tx: Tx,
    target: CommitTarget,
    key: StreamKey,
    rows: readonly (CommitRow | ListedRow)[],
    { takenForNew, scan, reading, order }: PagesOptions,
  ): Promise<DiffedPage> {
    const holding = pipelined(
      this.hold(tx, target, 'active'),
      takenForNew && scan.commits === 0 ? this.records.isEmpty(tx, key) : Promise.resolve(false),
    );
    const diffed = async (page: PageRows, diffing: Promise<RecordDiff>): Promise<DiffedPage> => {
      const [[held, isEmpty], diff] = await pipelined(holding, diffing);
      return { ...held, isEmpty, page, diff, written: false };
    };
    const listed = rows.filter(isListedRow);
    if (listed.length > 0) {
      const [, stored] = await pipelined(holding, this.records.areStored(tx, key, listed));
      const page = pageRows(rows, reading, new Set(listed.filter((_, index) => stored[index])));
      return diffed(page, this.records.diff(tx, key, page.incoming, order));
    }
    const page = pageRows(rows, reading);
    if (takenForNew && mayBeTakenForNew(key, page.incoming)) {
      const [, written] = await pipelined(holding, this.records.writeNew(tx, key, page.incoming));
      if (written) return { ...(await diffed(page, Promise.resolve(allNew(page.incoming)))), written };
    }
    return diffed(page, this.records.diff(tx, key, page.incoming, order));
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

interface DiffedPage {
  readonly current: Integration;
  readonly now: Date;
  readonly isEmpty: boolean;
  readonly page: PageRows;
  readonly diff: RecordDiff;
  readonly written: boolean;
}

/** An invoice's status hangs on the merchant's settings, and what is stored `if_known` must be looked up. */
function mayBeTakenForNew(key: StreamKey, incoming: readonly IncomingRecord[]): boolean {
  return incoming.length > 0 && key.resourceType !== 'invoices' && incoming.every(({ ifKnown }) => !ifKnown);
}

/** Whether the platform sends an unpaid invoice by itself (`open`) or leaves that to the merchant (`draft`). */
export function openInvoiceStatus(integration: Integration): 'draft' | 'open' {
  return integration.configuration.autoSendInvoices ? 'open' : 'draft';
}
