import { Injectable } from '@nestjs/common';
import { type Integration, IntegrationRepository } from '../integrations';
import { type Tx, UnitOfWork } from '../platform/database';
import { type BadRow, type FetchedRow, type GoodRow, isBadRow, type Stream } from '../providers';
import { canonicalJson, sha256 } from './content-hash';
import type { StreamCursor } from './cursor';
import { FencedOut, type LeasedRun } from './run';
import { CursorRepository } from './store/cursor.repository';
import { HealthRepository } from './store/health.repository';
import { type LogCounts, LogRepository } from './store/log.repository';
import { QuarantineRepository } from './store/quarantine.repository';
import { type IncomingRecord, RecordRepository } from './store/record.repository';
import { RunRepository } from './store/run.repository';

export interface CommitTarget {
  readonly run: LeasedRun;
  /** As it was when the run began: another epoch since then means that the run must not write. */
  readonly integration: Integration;
  readonly stream: Stream;
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
      // the integration first, then the run: the order that deactivate takes them in
      const integration = await this.integrations.lock(tx, target.integration.id);
      if (!integration || integration.state !== required || integration.epoch !== target.integration.epoch) {
        throw new FencedOut();
      }
      const now = await this.runs.holds(tx, target.run);
      if (!now) throw new FencedOut();
      return work(tx, now, integration);
    });
  }

  /** One or more whole pages of one scan, with the cursor that follows them: a function of how many late
   * changes they brought, because whether the list is read again hangs on it. Returns what changed. */
  async commitPages(
    target: CommitTarget,
    rows: readonly FetchedRow[],
    cursorAfter: (late: number) => StreamCursor,
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
    const good = lastOfEach(rows.filter((row): row is GoodRow => !isBadRow(row)));
    const bad = rows.filter(isBadRow);
    const incoming = good.map(toIncoming);
    return this.fenced(target, async (tx, _now, current) => {
      const key = {
        integrationId: integration.id,
        resourceType: stream.resource,
        stream: stream.key,
        epoch: integration.epoch,
      };
      const upserted =
        incoming.length > 0
          ? await this.records.upsert(tx, key, incoming, {
              openInvoiceStatus: openInvoiceStatus(current),
              lateBefore: options.lateBefore,
            })
          : { created: 0, updated: 0, unchanged: 0, late: 0 };
      if (bad.length > 0) await this.quarantine.add(tx, { ...key, runId: run.id }, bad);
      if (good.length > 0) {
        await this.quarantine.release(
          tx,
          key,
          good.map((row) => row.externalId),
        );
      }
      if (options.keepSeen) {
        await this.cursors.addScanPage(tx, key, { id: options.scanId, commits: options.commits }, [
          ...seenIds(good, bad),
          ...options.unchanged,
        ]);
      }
      const counts: LogCounts = {
        fetched: rows.length + options.unchanged.length,
        created: upserted.created,
        updated: upserted.updated,
        unchanged: upserted.unchanged + options.unchanged.length,
        deleted: 0,
        quarantined: bad.length,
      };
      await this.cursors.save(tx, key, cursorAfter(upserted.late), { items: counts.fetched, status: 'syncing' });
      await this.logs.add(tx, run.id, stream.resource, counts, options.note);
      // a probe that brought a page home has answered the question: recovery does not wait for the run's end
      if (run.probe) await this.health.close(tx, integration.id);
      return { ...counts, late: upserted.late };
    });
  }
}

/** Whether the platform sends an unpaid invoice by itself (`open`) or leaves that to the merchant (`draft`). */
export function openInvoiceStatus(integration: Integration): 'draft' | 'open' {
  return integration.configuration.autoSendInvoices ? 'open' : 'draft';
}

export function toIncoming(row: GoodRow): IncomingRecord {
  const json = canonicalJson(row.record);
  return {
    externalId: row.externalId,
    json,
    hash: sha256(json),
    sourceUpdatedAt: row.sourceUpdatedAt,
    digest: row.digest,
    ifKnown: row.store === 'if_known',
  };
}

/** Pages that drift can hold a row twice; the one read later is the newer. */
function lastOfEach(rows: readonly GoodRow[]): GoodRow[] {
  const byId = new Map<string, GoodRow>();
  for (const row of rows) {
    byId.delete(row.externalId);
    byId.set(row.externalId, row);
  }
  return [...byId.values()];
}

/** A row that could not be understood was seen all the same: it must not be concluded deleted. */
function seenIds(good: readonly GoodRow[], bad: readonly BadRow[]): string[] {
  return [
    ...good.map((row) => row.externalId),
    ...bad.flatMap((row) => (row.externalId === null ? [] : [row.externalId])),
  ];
}
