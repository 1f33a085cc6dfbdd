import { Injectable } from '@nestjs/common';
import type { OpenedSession } from '../integrations';
import { type FetchedRow, isBadRow } from '../providers';
import type { ScanState, StreamCursor } from './cursor';
import { type CommitTarget, openInvoiceStatus, PageCommit } from './page-commit';
import { commitRow } from './page-rows';
import type { RunContext } from './run-handler';
import { CursorRepository } from './store/cursor.repository';
import { DeletionPlanRepository } from './store/deletion-plan.repository';
import { LogRepository } from './store/log.repository';
import { changesOf, type IncomingRecord, type StreamKey } from './store/record-changes';
import { RecordRepository } from './store/record.repository';

/** More than this many and this share of the live rows, and an operator decides. */
const HELD_ABOVE_ROWS = 20;
const HELD_ABOVE_SHARE = 0.2;
const CANDIDATES_PER_STEP = 10;
/** Without a GET by id, only two complete scans in a row that miss a row say that it is gone. */
const MISSES_WITHOUT_PROOF = 2;

const NO_COUNTS = { fetched: 0, created: 0, updated: 0, unchanged: 0, deleted: 0, quarantined: 0 };

/**
 * What a complete full scan says about deletions. Paging drifts, so a record that was not seen is only a candidate: the
 * provider is asked for it by id, or a second scan must miss it too.
 */
@Injectable()
export class DeletionSettlement {
  constructor(
    private readonly commit: PageCommit,
    private readonly records: RecordRepository,
    private readonly cursors: CursorRepository,
    private readonly logs: LogRepository,
    private readonly plans: DeletionPlanRepository,
  ) {}

  /** Precondition: every page of the scan was read. Idempotent: a run that takes up again goes on where it stopped. */
  async settle(
    context: RunContext,
    target: CommitTarget,
    session: OpenedSession,
    cursor: StreamCursor,
    scan: ScanState,
  ): Promise<'done' | 'handed_back'> {
    if ((await this.judge(target, cursor, scan)) === 'concludes_nothing') return 'done';
    const key = keyOf(target);
    const { fetchOne } = target.stream;
    if (!fetchOne) {
      const gone = await this.records.missedBy(key, scan.id, { limit: 10_000, minMisses: MISSES_WITHOUT_PROOF });
      if (gone.length > 0) await this.apply(target, gone, []);
      return 'done';
    }
    for (;;) {
      const candidates = await this.records.missedBy(key, scan.id, { limit: CANDIDATES_PER_STEP, minMisses: 1 });
      if (candidates.length === 0) return 'done';
      const gone: string[] = [];
      const there: { externalId: string; row: FetchedRow }[] = [];
      for (const externalId of candidates) {
        const answer = await fetchOne.call(target.stream, session.call, externalId);
        context.countPage();
        if (answer === 'gone') gone.push(externalId);
        else there.push({ externalId, row: answer });
      }
      await this.apply(target, gone, there);
      if (context.shouldHandBack()) return 'handed_back';
    }
  }

  /** Marks the candidates once, and decides whether there is anything to settle. */
  private async judge(
    target: CommitTarget,
    cursor: StreamCursor,
    scan: ScanState,
  ): Promise<'settle' | 'concludes_nothing'> {
    const key = keyOf(target);
    return this.commit.fenced(target, async (tx) => {
      if (scan.judged) return (await this.plans.isHeld(tx, key)) ? 'concludes_nothing' : 'settle';
      const seen = await this.cursors.scanSize(tx, key, scan.id);
      const live = await this.records.countLive(tx, key);
      // a seen set with a commit missing was interrupted and lost something
      if (seen.commits !== scan.commits)
        return this.note(tx, target, 'The scan lost part of what it saw; it concluded no deletion.');
      if (seen.rows === 0) {
        if (live > 0) await this.note(tx, target, 'The provider returned an empty list; nothing was deleted.');
        return 'concludes_nothing';
      }
      const missed = await this.records.markMissed(tx, key, { id: scan.id, floor: scan.floor });
      // only after marking: a row that this scan missed again keeps its count of misses in a row
      await this.records.forgetMisses(tx, key, scan.id);
      await this.cursors.save(tx, key, { ...cursor, scan: { ...scan, judged: true } }, { items: 0, status: 'syncing' });
      if (missed > Math.max(HELD_ABOVE_ROWS, live * HELD_ABOVE_SHARE)) {
        await this.plans.hold(tx, { ...key, runId: target.run.id, scanId: scan.id, liveRecords: live });
        return this.note(
          tx,
          target,
          `${missed} of ${live} records were missing from the list; an operator must approve their deletion.`,
        );
      }
      await this.plans.dropHeld(tx, key);
      return 'settle';
    });
  }

  private async note(
    tx: Parameters<LogRepository['add']>[0],
    target: CommitTarget,
    text: string,
  ): Promise<'concludes_nothing'> {
    await this.logs.add(tx, target.run.id, target.stream.resource, NO_COUNTS, text);
    return 'concludes_nothing';
  }

  private async apply(
    target: CommitTarget,
    gone: readonly string[],
    there: readonly { externalId: string; row: FetchedRow }[],
  ): Promise<void> {
    const key = keyOf(target);
    await this.commit.fenced(target, async (tx, _now, current) => {
      const deleted = gone.length > 0 ? await this.records.markDeleted(tx, key, gone) : 0;
      const incoming = there.map(({ row }) => commitRow(row)).filter((row): row is IncomingRecord => !isBadRow(row));
      const judgement = await this.records.judge(tx, key, incoming);
      const changes = changesOf(incoming, judgement, null);
      await this.records.write(tx, key, changes, openInvoiceStatus(current));
      await this.records.clearMissed(
        tx,
        key,
        there.map(({ externalId }) => externalId),
      );
      await this.logs.add(tx, target.run.id, target.stream.resource, {
        ...NO_COUNTS,
        created: changes.counts.created,
        updated: changes.counts.updated,
        unchanged: changes.counts.unchanged,
        fetched: there.length,
        deleted,
      });
    });
  }
}

function keyOf(target: CommitTarget): StreamKey {
  return {
    integrationId: target.integration.id,
    resourceType: target.stream.resource,
    stream: target.stream.key,
    epoch: target.integration.epoch,
  };
}
