import { Injectable } from '@nestjs/common';
import type { OpenedSession } from '../integrations';
import { isBadRow, RowCalls, type BadRow, type FetchedRow, type FollowedRow, type Stream } from '../providers';
import type { CommitGroup } from './commit-group';
import type { StreamCursor } from './cursor';
import { keyOf, openInvoiceStatus, type CommitTarget } from './page-commit';
import { firstPageOf } from './page-reader';
import { commitRow } from './page-rows';
import { changesOf, type IncomingRecord } from './record-changes';
import { RunFence } from './run-fence';
import type { RunContext } from './run-handler';
import type { ScanState } from './scan-state';
import { CursorRepository } from './store/cursor.repository';
import { FollowedRecordRepository } from './store/followed-record.repository';
import { LogRepository } from './store/log.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import { RecordRepository } from './store/record.repository';
import { stampsOf, type StampReading } from './version-order';

/** Calls of one run for one stream: the rest waits for the next runs. */
const MAX_PER_RUN = 100;
const MAX_PER_COMMIT = 25;

interface FollowUpWork {
  readonly context: RunContext;
  readonly target: CommitTarget;
  readonly session: OpenedSession;
  readonly group: CommitGroup;
}

/**
 * Follows what can still change although no scan reads it any more: invoices that may be owed and are older than any
 * window, and rows in quarantine. If the provider does not return a row, its record is kept, and only its quarantine
 * entry is removed.
 */
@Injectable()
export class FollowUp {
  constructor(
    private readonly followed: FollowedRecordRepository,
    private readonly fence: RunFence,
    private readonly records: RecordRepository,
    private readonly cursors: CursorRepository,
    private readonly quarantine: QuarantineRepository,
    private readonly logs: LogRepository,
  ) {}

  /**
   * Before a scan begins. `scan`: the one that is planned. Returns the cursor behind the rows that were asked for,
   * which may be of other streams: pages that wait in the group are older, and are committed first.
   */
  async run(
    { context, target, session, group }: FollowUpWork,
    from: { cursor: StreamCursor; scan: ScanState },
  ): Promise<StreamCursor> {
    const { stream } = target;
    let { cursor } = from;
    if (!stream.followUp || cursor.completedBy === null || cursor.scan !== null) return cursor;
    const candidates = await this.followed.next(keyOf({ ...target, stream }), {
      before: unreadBefore(stream, from.scan),
      completedBy: cursor.completedBy,
      after: cursor.followedTo,
      limit: MAX_PER_RUN,
    });
    const calls = new RowCalls(() => firstPageOf(stream, session.call, from.scan));
    while (candidates.length > 0 && !calls.isGivenUp && !context.shouldYield()) {
      const asked: string[] = [];
      const rows: FollowedRow[] = [];
      for (const externalId of candidates.splice(0, MAX_PER_COMMIT)) {
        if (calls.isGivenUp) break;
        asked.push(externalId);
        rows.push(...(await this.ask(calls, stream, session, externalId)));
      }
      cursor = { ...cursor, followedTo: asked.at(-1)! };
      await group.flush();
      await this.apply(target, session, cursor, { asked, rows });
    }
    return cursor;
  }

  private async ask(
    calls: RowCalls,
    stream: Stream,
    session: OpenedSession,
    externalId: string,
  ): Promise<readonly FollowedRow[]> {
    const answer = await calls.ask<readonly FollowedRow[]>(externalId, externalId, () =>
      stream.followUp!(session.call, externalId),
    );
    return 'length' in answer ? answer : [{ stream: stream.key, row: answer }];
  }

  private async apply(
    target: CommitTarget,
    session: OpenedSession,
    cursor: StreamCursor,
    { asked, rows }: { asked: readonly string[]; rows: readonly FollowedRow[] },
  ): Promise<void> {
    await this.fence.run(target, async (tx, { current }) => {
      const own = keyOf(target);
      for (const stream of session.adapter.streams) {
        const mine = rows.filter((row) => row.stream === stream.key).map(({ row }) => row);
        if (mine.length === 0) continue;
        const key = keyOf({ ...target, stream });
        const { incoming, bad } = understoodRows(mine, stampsOf({ ...target, stream }, cursor));
        const diff = await this.records.diff(tx, key, incoming, { providersWord: true, slackMs: 0 });
        const changes = changesOf(incoming, diff);
        await this.records.write(tx, key, changes, openInvoiceStatus(current));
        await this.quarantine.add(tx, { ...key, runId: target.run.id }, bad);
        await this.quarantine.release(tx, key, idsOf(incoming));
        const { created, updated, unchanged } = changes.counts;
        const more = { fetched: mine.length, deleted: 0, quarantined: bad.length };
        await this.logs.add(tx, target.run.id, stream.resource, { created, updated, unchanged, ...more });
      }
      const answered = new Set(rows.map(({ row }) => row.externalId));
      const without = asked.filter((externalId) => !answered.has(externalId));
      await this.quarantine.release(tx, own, without);
      await this.cursors.saveFollowedTo(tx, own, asked.at(-1)!);
    });
  }
}

/** Rows from before this time are not in the scan, nor in a later one; null: they all are. */
function unreadBefore(stream: Stream, scan: ScanState): Date | null {
  if (scan.rereads) return null;
  const from = scan.kind === 'full' ? scan.floor : stream.incremental === 'newest_first' ? scan.since : null;
  return from === null ? null : new Date(from);
}

function understoodRows(
  rows: readonly FetchedRow[],
  stamps: StampReading,
): { incoming: IncomingRecord[]; bad: BadRow[] } {
  const reading = { stamps, knownBefore: null };
  const read = rows.map((row) => commitRow(row, reading));
  return {
    incoming: read.filter((row): row is IncomingRecord => !isBadRow(row)),
    bad: read.filter(isBadRow),
  };
}

function idsOf(rows: readonly IncomingRecord[]): string[] {
  return rows.map(({ externalId }) => externalId);
}
