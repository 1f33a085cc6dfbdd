import { Injectable } from '@nestjs/common';
import type { Integration, OpenedSession } from '../integrations';
import type { Tx } from '../platform/database';
import { BrokenPageChain, digestSeed, type ProviderSettings } from '../providers';
import { BatchReader, type Batch } from './batch-reader';
import type { CommitGroup } from './commit-group';
import { completeScan, type FilterFinding, type StreamCursor } from './cursor';
import { DeletionReconciliation } from './deletion-reconciliation';
import { filterNotes, filterProofIsDue } from './filter-findings';
import { FilterProof, isRefusal } from './filter-proof';
import { FollowUp } from './follow-up';
import { keyOf, type CommitTarget, type StreamPages } from './page-commit';
import { PageReader } from './page-reader';
import type { RowReading } from './page-rows';
import type { LeasedRun } from './run';
import { RunFence } from './run-fence';
import type { RunContext } from './run-handler';
import { reconcilesDeletions, ScanMachine, type ScanTerms } from './scan-machine';
import { planScan } from './scan-plan';
import { changedFrom, endOfPages, lateBefore, sawAllThatIsStored, type ScanState } from './scan-state';
import { CursorRepository, type StoredStream } from './store/cursor.repository';
import { LogRepository, type LogEnd } from './store/log.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import { RecordRepository } from './store/record.repository';
import { slackOf, stampsOf } from './version-order';

/** One stream in one attempt of a run. */
export interface StreamWork {
  readonly context: RunContext;
  readonly target: CommitTarget;
  readonly session: OpenedSession;
  readonly group: CommitGroup;
  /** When this attempt came to the resource, by `performance.now()`. */
  readonly resourceBegunAt: number;
  /**
   * What becomes of the run's log in the transaction that completes the scan; null: the resource has further streams.
   */
  readonly logEnd: LogEnd | null;
}

/** One scan of it. */
interface ScanWork extends StreamWork {
  /** Rows of the stream were in quarantine when it was taken up. */
  readonly quarantined: boolean;
  /** It began after the run was asked for, which is done with it. */
  readonly answers: boolean;
}

/** Where a scan stands between two commits. */
interface Place {
  readonly cursor: StreamCursor;
  readonly scan: ScanState;
}

/** What this attempt of a run knows of the list. */
interface Pass {
  /** As it was before the scan, or its last attempt. */
  readonly cursor: StreamCursor;
  readonly reading: RowReading;
  readonly batches: BatchReader;
  quarantined: boolean;
  /** Pages were read by an attempt before this one. */
  inDoubt: boolean;
}

/** Reads one stream of a provider to the end of its scan, committing as it goes. */
@Injectable()
export class StreamSync {
  constructor(
    private readonly cursors: CursorRepository,
    private readonly logs: LogRepository,
    private readonly records: RecordRepository,
    private readonly fence: RunFence,
    private readonly reconciliation: DeletionReconciliation,
    private readonly filterProof: FilterProof,
    private readonly followUp: FollowUp,
    private readonly quarantine: QuarantineRepository,
  ) {}

  /**
   * `done`: this run has completed a scan of the stream; `done_before`: an earlier attempt of it had. `yielded`: it has
   * used its time slice.
   */
  async run(
    work: StreamWork,
    { cursor: stored, quarantined }: StoredStream,
  ): Promise<'done' | 'done_before' | 'yielded'> {
    const { context, target, session, group } = work;
    if (stored.completedBy === context.run.id) return 'done_before';
    const scan = this.plan(work, stored);
    const attempt = { ...work, quarantined, answers: beganFor(context.run, scan) };
    const cursor = await this.followUp.run({ context, target, session, group }, { cursor: stored, scan });
    const place = { cursor, scan };
    const outcome = await this.scan(attempt, place).catch((error: unknown) =>
      this.withoutFilter(attempt, place, error),
    );
    if (outcome === 'yielded') return outcome;
    await this.proveFilter(attempt, cursor, outcome);
    if (attempt.answers) return 'done';
    // what changed before this run was asked for may be on a page that an earlier run had read by then
    await group.flush();
    const streams = await this.fence.run(target, (tx) => this.cursors.findAll(tx, target.integration.id));
    return this.run(work, streams.get(target.stream.key)!);
  }

  private plan({ context, target }: StreamWork, cursor: StreamCursor): ScanState {
    const { configuration } = target.integration;
    return planScan({
      stream: target.stream,
      cursor,
      now: context.run.leasedAt,
      readAs: digestSeed(target.stream.mappingVersion, settingsOf(target.integration)),
      runId: context.run.id,
      fullResync: context.run.fullResync,
      lookbackDays: configuration.invoiceLookbackDays,
      timezone: configuration.timezone,
    });
  }

  /** The scan to its end: the kind that it was. */
  private async scan(work: ScanWork, from: Place): Promise<ScanState['kind'] | 'yielded'> {
    let { cursor, scan } = from;
    if (scan.phase === 'pages') {
      const read = await this.readPages(work, from);
      if (typeof read === 'string') return read === 'done' ? scan.kind : read;
      ({ cursor, scan } = read);
    }
    const { stream } = work.target;
    const progress = endOfPages(scan, stream) === 'complete';
    if (reconcilesDeletions(scan, stream) && progress) {
      const reconciled = await this.reconciliation.reconcile(work.context, work.target, work.session, { cursor, scan });
      if (reconciled === 'yielded') return 'yielded';
      cursor = reconciled;
    }
    await this.complete(work, { cursor, scan }, progress);
    return scan.kind;
  }

  /**
   * What a proven filter returns is refused or makes no list now: the whole list is read in this very run. Every other
   * failure is thrown.
   */
  private async withoutFilter(work: ScanWork, from: Place, error: unknown): Promise<ScanState['kind'] | 'yielded'> {
    const { context, target } = work;
    const filters = from.scan.kind === 'incremental' && target.stream.incremental === 'changed_since';
    if (!filters || context.signal.aborted || !isRefusal(error)) throw error;
    // a broken chain may be a matter of this moment: the filter is tried again after the full scan
    const state = error instanceof BrokenPageChain ? 'unproven' : 'refused';
    const filter = { ...from.cursor.filter, ...(await this.keepFilter(work, state)) };
    const cursor = { ...from.cursor, filter, scan: null };
    return this.scan(work, { cursor, scan: this.plan(work, cursor) });
  }

  /** Reads and commits to the last page. `done`: the last commit has completed the scan too. */
  private async readPages(work: ScanWork, { cursor, scan }: Place): Promise<Place | 'done' | 'yielded'> {
    const reading = readingOfRows(work.target, { cursor, scan });
    const batches = new BatchReader(work.context, this.pagesOf(work), reading);
    // what was never read to its end may be stored in part: that shows when a row is written, once
    batches.takesForNew =
      cursor.fullScanAt === null && scan.restarts === 0 && (scan.commits === 0 || sawAllThatIsStored(scan));
    const pass = { cursor, reading, batches, quarantined: work.quarantined, inDoubt: scan.pages > 0 };
    let outcome: ScanMachine | Place | 'done' | 'yielded' = ScanMachine.at(termsOf(work), cursor, scan);
    while (outcome instanceof ScanMachine) outcome = await this.readOnce(work, outcome, pass);
    return outcome;
  }

  /** One pass over the list. A machine: it is read from its first page again. */
  private async readOnce(
    work: ScanWork,
    begun: ScanMachine,
    pass: Pass,
  ): Promise<ScanMachine | Place | 'done' | 'yielded'> {
    const { context, group } = work;
    let machine = begun;
    for await (const batch of pass.batches.from(machine.state)) {
      machine = machine.afterBatch(batch);
      const pages = this.pagesToCommit(work, machine, batch, pass);
      if (machine.endsAtOnce) {
        await group.end(pages);
        return 'done';
      }
      const { allNew, quarantined, progress } = await group.commit(pages);
      if (progress.ends) return 'done';
      const scan = progress.cursor.scan!;
      machine = machine.behind(scan);
      pass.batches.takesForNew &&= allNew && scan.restarts === 0;
      pass.quarantined ||= quarantined > 0;
      if (batch.failure) {
        // what an earlier attempt had read was in doubt: the list itself may be sound by now
        if (!batch.beganAgain || !pass.inDoubt) throw batch.failure;
        pass.inDoubt = false;
        return machine;
      }
      if (scan.phase === 'settle') return { cursor: progress.cursor, scan };
      if (batch.ended && !context.shouldYield()) return machine;
    }
    return 'yielded';
  }

  private pagesToCommit(work: ScanWork, machine: ScanMachine, batch: Batch, pass: Pass): StreamPages {
    const { target } = work;
    const { stream, integration } = target;
    const { state } = machine;
    const { cursor, reading } = pass;
    const { timezone } = integration.configuration;
    return {
      stream,
      rows: batch.rows,
      resourceBegunAt: work.resourceBegunAt,
      progressAfter: (found) => {
        const { cursor: next, state: scan, done } = machine.afterCommit(found);
        if (done === null) return { cursor: next };
        const also = (tx: Tx): Promise<void> => this.dropUnmet(tx, work, scan, done.progress);
        return { cursor: next, ends: { log: logEndOf(work), also } };
      },
      options: {
        scan: state,
        reading,
        order: { providersWord: state.kind === 'full', slackMs: slackOf(reading.stamps) },
        keepsSeen: reconcilesDeletions(state, stream) && !batch.beganAgain,
        mayMiss: cursor.mayMiss,
        quarantined: pass.quarantined,
        unchanged: batch.unchanged,
        takenForNew: pass.batches.takesForNew,
        bounds: {
          lateBefore: lateBefore(state, stream, timezone, settleMarginOf(work.session)),
          changedFrom: changedFrom(state, stream, timezone),
        },
        notes: [...batch.notes, ...filterNotes(cursor, state, stream)],
      },
    };
  }

  private pagesOf({ context, target, session }: ScanWork): PageReader {
    const { stream } = target;
    return new PageReader({
      stream,
      call: session.call,
      asStored: (rows) => this.records.areStored(null, keyOf(target), rows),
      mayReadAhead: () => !context.shouldYield(),
    });
  }

  private async complete(work: ScanWork, { cursor, scan }: Place, progress: boolean): Promise<void> {
    const { target, session } = work;
    const logEnd = logEndOf(work);
    const settleMarginMs = settleMarginOf(session);
    await this.fence.run(target, async (tx, { now }) => {
      const key = keyOf(target);
      const completed = completeScan(cursor, scan, {
        settleMarginMs,
        databaseNow: now,
        runId: answeredBy(work),
        progress,
      });
      await this.cursors.save(tx, key, completed, { items: 0, status: 'success' });
      if (scan.kind === 'full') await this.cursors.dropScans(tx, key);
      if (logEnd) await this.logs.succeed(tx, target.run.id, target.stream.resource, logEnd.next);
      await this.dropUnmet(tx, work, scan, progress);
    });
  }

  /** Part of the transaction that completes the scan: what is in quarantine and was not met any more leaves it. */
  private async dropUnmet(tx: Tx, { target }: ScanWork, scan: ScanState, progress: boolean): Promise<void> {
    if (scan.kind !== 'full' || !progress || scan.begunAt === null) return;
    // what is followed is asked for by its id, also where no scan reads it
    const unmet = { since: scan.begunAt, named: !target.stream.followUp };
    await this.quarantine.dropUnmet(tx, keyOf(target), unmet);
  }

  /**
   * After a full scan the filter is tried, so that the next run may use it: whatever this finds costs that run time and
   * never a row.
   */
  private async proveFilter(work: ScanWork, before: StreamCursor, kind: ScanState['kind']): Promise<void> {
    const { context, target, session } = work;
    if (target.stream.incremental !== 'changed_since' || kind !== 'full' || context.signal.aborted) return;
    if (!filterProofIsDue(before.filter, context.run)) return;
    const found = await this.filterProof.find(target.stream, keyOf(target), session);
    if (found !== null) await this.keepFilter(work, found);
  }

  private async keepFilter({ target }: ScanWork, state: FilterFinding['state']): Promise<FilterFinding> {
    return this.fence.run(target, async (tx, { now }) => {
      const filter = { state, checkedAt: now.toISOString() };
      await this.cursors.saveFilter(tx, keyOf(target), filter);
      return filter;
    });
  }
}

function readingOfRows(target: CommitTarget, { cursor, scan }: Place): RowReading {
  const knownBefore = scan.rereads && scan.floor !== null ? new Date(scan.floor) : null;
  return { stamps: stampsOf(target, cursor), knownBefore };
}

function beganFor({ dueAt }: LeasedRun, { begunAt }: ScanState): boolean {
  return begunAt !== null && Date.parse(begunAt) >= dueAt.getTime();
}

function answeredBy({ answers, target }: ScanWork): string | null {
  return answers ? target.run.id : null;
}

function logEndOf({ answers, logEnd }: ScanWork): LogEnd | null {
  return answers ? logEnd : null;
}

function termsOf(work: ScanWork): ScanTerms {
  const { target, session } = work;
  return { stream: target.stream, settleMarginMs: settleMarginOf(session), runId: answeredBy(work) };
}

function settingsOf({ configuration }: Integration): ProviderSettings {
  return { currency: configuration.currency, timezone: configuration.timezone };
}

function settleMarginOf({ entry }: OpenedSession): number {
  return entry.settleMarginSeconds * 1_000;
}
