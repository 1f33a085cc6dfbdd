import { Injectable } from '@nestjs/common';
import { type Integration, IntegrationRepository } from '../integrations';
import { together, type Tx, UnitOfWork } from '../platform/database';
import { type BadRow, type FetchedRow, type GoodRow, isBadRow, type Stream } from '../providers';
import { canonicalJson, sha256 } from './content-hash';
import type { StreamCursor } from './cursor';
import { FencedOut, type LeasedRun } from './run';
import { CursorRepository } from './store/cursor.repository';
import { HealthRepository } from './store/health.repository';
import { type LogCounts, LogRepository } from './store/log.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import { changesOf, type IncomingRecord } from './store/record-changes';
import { RecordRepository } from './store/record.repository';
import { RunRepository } from './store/run.repository';

export interface CommitTarget {
  readonly run: LeasedRun;
  /** As it was when the run began: another epoch since then means that the run must not write. */
  readonly integration: Integration;
  readonly stream: Stream;
}

/** The cursor behind a commit of pages; `completes`: they were the stream's last, and what is done in the same transaction then. */
export interface Progress {
  readonly cursor: StreamCursor;
  readonly completes?: (tx: Tx) => Promise<void>;
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
   * Runs the work if this worker still holds the run and the integration is what it was; throws FencedOut if not. The work gets
   * the integration as it is now: its settings may have changed since a long run began.
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
    const [current, now] = await together(this.integrations.lock(tx, integration.id), this.runs.holds(tx, run));
    if (!current || current.state !== required || current.epoch !== integration.epoch || !now) throw new FencedOut();
    return { now, current };
  }

  /**
   * One or more whole pages of one scan, with what follows them: a function of how many late changes they brought, because whether
   * the list is read again hangs on it. Returns what changed.
   */
  async commitPages(
    target: CommitTarget,
    rows: readonly CommitRow[],
    progressAfter: (late: number, now: Date) => Progress,
    options: {
      scanId: string;
      commits: number;
      keepSeen: boolean;
      unchanged: readonly string[];
      lateBefore: Date | null;
      note?: string;
    },
  ): Promise<LogCounts & { late: number }> {
    const { run, integration, stream } = target;
    const bad = rows.filter(isBadRow);
    const incoming = lastOfEach(rows.filter((row): row is IncomingRecord => !isBadRow(row)));
    const ids = incoming.map(({ externalId }) => externalId);
    const key = {
      integrationId: integration.id,
      resourceType: stream.resource,
      stream: stream.key,
      epoch: integration.epoch,
    };
    return this.unitOfWork.run(async (tx) => {
      const [{ current, now }, judgement] = await together(
        this.hold(tx, target, 'active'),
        this.records.judge(tx, key, incoming),
      );
      const { counts: upserted, changed } = changesOf(incoming, judgement, options.lateBefore);
      const counts: LogCounts = {
        fetched: rows.length + options.unchanged.length,
        created: upserted.created,
        updated: upserted.updated,
        unchanged: upserted.unchanged + options.unchanged.length,
        deleted: 0,
        quarantined: bad.length,
      };
      const { cursor, completes } = progressAfter(upserted.late, now);
      await together(
        this.records.write(tx, key, changed, openInvoiceStatus(current)),
        this.quarantine.add(tx, { ...key, runId: run.id }, bad),
        this.quarantine.release(tx, key, ids),
        options.keepSeen
          ? this.cursors.addScanPage(tx, key, { id: options.scanId, commits: options.commits }, [
              ...ids,
              // a row that could not be understood was seen all the same: it must not be concluded deleted
              ...bad.flatMap((row) => row.externalId ?? []),
              ...options.unchanged,
            ])
          : Promise.resolve(),
        this.cursors.save(tx, key, cursor, { items: counts.fetched, status: completes ? 'success' : 'syncing' }),
        this.logs.add(tx, run.id, stream.resource, counts, options.note),
        // a probe that brought a page home has answered the question: recovery does not wait for the run's end
        run.probe ? this.health.close(tx, integration.id) : Promise.resolve(),
      );
      await completes?.(tx);
      return { ...counts, late: upserted.late };
    });
  }
}

/** Whether the platform sends an unpaid invoice by itself (`open`) or leaves that to the merchant (`draft`). */
export function openInvoiceStatus(integration: Integration): 'draft' | 'open' {
  return integration.configuration.autoSendInvoices ? 'open' : 'draft';
}

/** A row as it is committed, made when its page is read: the provider's record need not be kept until then. */
export type CommitRow = IncomingRecord | BadRow;

export function commitRow(row: FetchedRow): CommitRow {
  return isBadRow(row) ? row : toIncoming(row);
}

function toIncoming(row: GoodRow): IncomingRecord {
  const json = canonicalJson(row.record);
  return {
    externalId: row.externalId,
    json,
    hash: sha256(json),
    sourceUpdatedMs: row.sourceUpdatedAt?.getTime() ?? null,
    digest: row.digest,
    ifKnown: row.store === 'if_known',
  };
}

/** Pages that drift can hold a row twice; the one read later is the newer. */
function lastOfEach(rows: readonly IncomingRecord[]): IncomingRecord[] {
  const byId = new Map<string, IncomingRecord>();
  for (const row of rows) {
    byId.delete(row.externalId);
    byId.set(row.externalId, row);
  }
  return byId.size === rows.length ? [...rows] : [...byId.values()];
}
