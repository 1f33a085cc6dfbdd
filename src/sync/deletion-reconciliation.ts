import { Injectable } from '@nestjs/common';
import { aboutIntegration, EventLog } from '../events';
import type { OpenedSession } from '../integrations';
import type { Tx } from '../platform/database';
import { BrokenPageChain, isBadRow, RowCalls, type BadRow, type FetchedRow, type Stream } from '../providers';
import type { StreamCursor } from './cursor';
import { keyOf, openInvoiceStatus, type CommitTarget } from './page-commit';
import { firstPageOf } from './page-reader';
import { commitRow } from './page-rows';
import { changesOf, type IncomingRecord } from './record-changes';
import { RunFence } from './run-fence';
import type { RunContext } from './run-handler';
import { beginAgain, type ScanState } from './scan-state';
import { CursorRepository } from './store/cursor.repository';
import { DeletionPlanRepository } from './store/deletion-plan.repository';
import { LogRepository } from './store/log.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import { RecordRepository } from './store/record.repository';
import type { SyncNote } from './sync-notes';
import { stampsOf } from './version-order';

/** More than this many and this share of the live rows, and an operator decides. */
const HELD_ABOVE_ROWS = 20;
const HELD_ABOVE_SHARE = 0.2;
const CANDIDATES_PER_STEP = 10;
/** Without a GET by id, only two complete scans in a row that miss a row say that it is gone. */
const MISSES_WITHOUT_PROOF = 2;

/** Listed rows that are asked for by id before an answer of "not found" is believed. */
const LOOKUPS_TO_PROVE = 3;

const NO_COUNTS = { fetched: 0, created: 0, updated: 0, unchanged: 0, deleted: 0, quarantined: 0 };

interface Place {
  readonly cursor: StreamCursor;
  readonly scan: ScanState;
}

/** What became of some candidates. */
interface Answers {
  readonly gone: string[];
  readonly there: { externalId: string; row: FetchedRow }[];
  /** Rows that the provider would not show. */
  readonly unclear: BadRow[];
}

/**
 * What a complete full scan says about deletions. Paging drifts, so a record that was not seen is only a candidate. It
 * is deleted when the provider does not know it by id while it shows a row that it lists, or when two scans in a row
 * miss it. An empty list shows no row that could prove anything: what it misses waits for an operator.
 */
@Injectable()
export class DeletionReconciliation {
  constructor(
    private readonly fence: RunFence,
    private readonly records: RecordRepository,
    private readonly cursors: CursorRepository,
    private readonly logs: LogRepository,
    private readonly plans: DeletionPlanRepository,
    private readonly quarantine: QuarantineRepository,
    private readonly events: EventLog,
  ) {}

  /**
   * Precondition: every page of the scan was read. Idempotent: a run that takes up again goes on where it stopped.
   * Returns the cursor to complete the scan with.
   */
  async reconcile(
    context: RunContext,
    target: CommitTarget,
    session: OpenedSession,
    from: Place,
  ): Promise<StreamCursor | 'yielded'> {
    const { place: opened, reconciles, isEmpty } = await this.open(target, from);
    if (isEmpty) throw new BrokenPageChain('is empty, although rows of it are stored', true);
    if (!reconciles) return opened.cursor;
    const key = keyOf(target);
    const { stream } = target;
    if (!stream.fetchOne) {
      const missed = { limit: 10_000, minMisses: MISSES_WITHOUT_PROOF, after: null };
      const gone = (await this.records.missedBy(key, from.scan.id, missed)).map(({ externalId }) => externalId);
      if (gone.length > 0) await this.apply(target, opened, { gone, there: [], unclear: [] });
      return opened.cursor;
    }
    const lookups = new Lookups(stream, session, from.scan, () =>
      this.records.seenBy(key, from.scan.id, LOOKUPS_TO_PROVE),
    );
    let place = opened;
    for (;;) {
      const candidates = await this.records.missedBy(key, place.scan.id, {
        limit: CANDIDATES_PER_STEP,
        minMisses: 1,
        after: place.scan.settledTo ?? null,
      });
      if (candidates.length === 0) return place.cursor;
      const answers: Answers = { gone: [], there: [], unclear: [] };
      lookups.beginStep();
      for (const { externalId, misses } of candidates) {
        const answer = await lookups.find(externalId);
        context.countPage();
        if (answer === 'gone') answers.gone.push(externalId);
        else if (answer !== 'unproven' && !('unclear' in answer)) answers.there.push({ externalId, row: answer });
        else if (misses >= MISSES_WITHOUT_PROOF && !stream.cutByAnotherTime) answers.gone.push(externalId);
        else if (answer !== 'unproven') answers.unclear.push(answer.unclear);
      }
      place = withScan(place, { ...place.scan, settledTo: candidates.at(-1)!.externalId });
      await this.apply(target, place, answers, lookups.isUnproven ? ['lookup_unproven'] : []);
      if (context.shouldYield()) return 'yielded';
    }
  }

  /** Marks the candidates once, and decides whether there is anything to reconcile. */
  private async open(
    target: CommitTarget,
    from: Place,
  ): Promise<{ place: Place; reconciles: boolean; isEmpty?: boolean }> {
    const key = keyOf(target);
    const { scan } = from;
    return this.fence.run(target, async (tx) => {
      const without = async (note: SyncNote, place = from): Promise<{ place: Place; reconciles: boolean }> => {
        await this.logs.add(tx, target.run.id, target.stream.resource, NO_COUNTS, [note]);
        return { place, reconciles: false };
      };
      if (scan.judged) return { place: from, reconciles: !(await this.plans.isHeld(tx, key)) };
      const seen = await this.cursors.scanSize(tx, key, scan.id);
      const live = await this.records.countLive(tx, key);
      // a seen set with a commit missing was interrupted and lost something
      if (seen.commits !== scan.commits) return without('scan_incomplete');
      if (scan.fellShort) return without('count_short');
      if (seen.rows === 0) {
        const { place, isEmpty } = await this.reconcileEmpty(tx, target, from, live);
        return isEmpty ? { ...(await without('list_empty', place)), isEmpty } : { place, reconciles: false };
      }
      // what an empty list missed is no miss: two in a row are a proof
      if (from.cursor.foundEmpty) await this.records.forgetMisses(tx, key, scan.id);
      const missed = await this.records.markMissed(tx, key, { id: scan.id, floor: scan.floor });
      // only after marking: a row that this scan missed again keeps its count of misses in a row
      await this.records.forgetMisses(tx, key, scan.id);
      const cursor = { ...from.cursor, mayMiss: missed > 0, foundEmpty: false };
      const place = withScan({ ...from, cursor }, { ...scan, judged: true });
      await this.cursors.save(tx, key, place.cursor, { items: 0, status: 'syncing' });
      if (missed > Math.max(HELD_ABOVE_ROWS, live * HELD_ABOVE_SHARE)) {
        await this.plans.hold(tx, { ...key, runId: target.run.id, scanId: scan.id, liveRecords: live });
        const about = aboutIntegration(target.integration);
        const held = { ...about, resourceType: key.resourceType, rows: missed };
        this.events.append(tx, target.integration, 'deletion_plan.held', held);
        return without('deletions_held', place);
      }
      await this.plans.dropHeld(tx, key);
      return { place, reconciles: true };
    });
  }

  /**
   * Holds what an empty list misses, once for all scans that find it empty. `isEmpty`: rows are missing from it.
   * Records from before the floor are not.
   */
  private async reconcileEmpty(
    tx: Tx,
    target: CommitTarget,
    { cursor, scan }: Place,
    liveRecords: number,
  ): Promise<{ place: Place; isEmpty: boolean }> {
    const key = keyOf(target);
    const waits = liveRecords > 0 && cursor.foundEmpty && (await this.plans.isHeld(tx, key));
    if (!waits) {
      const missed = await this.records.markMissed(tx, key, { id: scan.id, floor: scan.floor });
      if (missed === 0) {
        await this.plans.dropHeld(tx, key);
        return { place: { cursor: { ...cursor, foundEmpty: false }, scan }, isEmpty: false };
      }
      await this.plans.hold(tx, { ...key, runId: target.run.id, scanId: scan.id, liveRecords });
    }
    const found = { ...cursor, mayMiss: true, foundEmpty: true };
    const place = withScan({ cursor: found, scan }, beginAgain(scan));
    await this.cursors.save(tx, key, place.cursor, { items: 0, status: 'syncing' });
    return { place, isEmpty: true };
  }

  private async apply(
    target: CommitTarget,
    { cursor }: Place,
    { gone, there, unclear }: Answers,
    notes: readonly SyncNote[] = [],
  ): Promise<void> {
    const key = keyOf(target);
    const reading = { stamps: stampsOf(target, cursor), knownBefore: null };
    const read = there.map(({ row }) => commitRow(row, reading));
    const incoming = read.filter((row): row is IncomingRecord => !isBadRow(row));
    const bad = [...read.filter(isBadRow), ...unclear];
    await this.fence.run(target, async (tx, { current }) => {
      const deleted = gone.length > 0 ? await this.records.markDeleted(tx, key, gone) : 0;
      const diff = await this.records.diff(tx, key, incoming, { providersWord: true, slackMs: 0 });
      const changes = changesOf(incoming, diff);
      await this.records.write(tx, key, changes, openInvoiceStatus(current));
      await this.records.clearMissed(
        tx,
        key,
        there.map(({ externalId }) => externalId),
      );
      await this.quarantine.add(tx, { ...key, runId: target.run.id }, bad);
      await this.cursors.save(tx, key, cursor, { items: 0, status: 'syncing' });
      await this.logs.add(
        tx,
        target.run.id,
        target.stream.resource,
        {
          created: changes.counts.created,
          updated: changes.counts.updated,
          unchanged: changes.counts.unchanged,
          fetched: there.length,
          deleted,
          quarantined: bad.length,
        },
        notes,
      );
    });
  }
}

/** Asks for rows by id. "Not found" proves nothing where no row can be found by id: a listed row is asked for first. */
class Lookups {
  private calls: RowCalls;
  private proven: boolean | null = null;

  constructor(
    private readonly stream: Stream,
    private readonly session: OpenedSession,
    private readonly scan: ScanState,
    private readonly listedRows: () => Promise<string[]>,
  ) {
    this.beginStep();
  }

  /** A step has too few candidates for `RowCalls` to give up: each of them is asked for. */
  beginStep(): void {
    this.calls = new RowCalls(() => firstPageOf(this.stream, this.session.call, this.scan));
  }

  get isUnproven(): boolean {
    return this.proven === false;
  }

  async find(externalId: string): Promise<FetchedRow | 'gone' | 'unproven' | { unclear: BadRow }> {
    const answer = await this.ask(externalId);
    if (answer !== 'gone') return answer;
    this.proven ??= await this.findsListedRows();
    return this.proven ? 'gone' : 'unproven';
  }

  private async ask(externalId: string): Promise<FetchedRow | 'gone' | { unclear: BadRow }> {
    let shown: FetchedRow | 'gone' | undefined;
    const failed = await this.calls.ask(externalId, externalId, async () => {
      shown = await this.stream.fetchOne!(this.session.call, externalId);
    });
    return shown ?? { unclear: failed as BadRow };
  }

  private async findsListedRows(): Promise<boolean> {
    for (const externalId of await this.listedRows()) {
      const answer = await this.ask(externalId);
      if (answer !== 'gone' && !('unclear' in answer)) return true;
    }
    return false;
  }
}

function withScan({ cursor }: Place, scan: ScanState): Place {
  return { cursor: { ...cursor, scan }, scan };
}
