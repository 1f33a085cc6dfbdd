import { Injectable } from '@nestjs/common';
import type { Integration } from '../../integrations';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Verdict } from '../../platform/outbound';
import type { ResourceType } from '../../providers';
import type { LeasedRun, RunKind, RunLane, RunState, RunTrigger, RunUse } from '../run';

/** What the queue needs to know of a run. */
export interface QueuedRun {
  readonly id: string;
  readonly attempt: number;
  /** How long the job must wait, on the database's clock. */
  readonly delayMs: number;
}

/** One whose time has come; `since`: when that was, to the microsecond. */
export interface OverdueRun extends QueuedRun {
  readonly since: string;
}

export interface NewRun {
  readonly id: string;
  readonly integrationId: string;
  readonly kind: RunKind;
  readonly lane: RunLane;
  readonly trigger: RunTrigger;
  readonly state: 'queued' | 'waiting';
  readonly fullResync: boolean;
  readonly probe?: boolean;
  readonly resources: readonly ResourceType[] | null;
  readonly retryAttempt?: number;
  readonly traceParent?: string | null;
}

export interface LiveRun {
  readonly id: string;
  readonly kind: RunKind;
  readonly state: RunState;
  readonly fullResync: boolean;
  readonly trigger: RunTrigger;
  readonly resources: readonly ResourceType[] | null;
  readonly notBefore: Date | null;
  readonly waitReason: string | null;
  readonly createdAt: Date;
  readonly leaseLive: boolean;
}

/** What is read of an integration when its row is locked. */
export type HeldIntegration = Pick<
  Integration,
  'id' | 'merchantId' | 'environment' | 'provider' | 'state' | 'epoch' | 'configuration'
>;

/** The trace of who asked for the run stays: it holds the spans of all attempts. */
export const useOf = (calls: string, traceParent: string): string =>
  `calls = calls + ${calls}::bigint, trace_parent = coalesce(trace_parent, ${traceParent}::text)`;

export const DELAY_MS = `greatest(0, ceil(1000 * extract(epoch FROM coalesce(not_before, now()) - now())))::float8 AS "delayMs"`;
/** What a run asks before it begins: it need not be asked where there is nothing. */
const FORMER_RECORDS = `EXISTS (SELECT FROM sync_former_records f WHERE f.integration_id = sync_runs.integration_id)`;
const EPOCH = `(SELECT i.epoch FROM integration_view i WHERE i.id = sync_runs.integration_id)`;
const PROVIDER_TROUBLE = `EXISTS (
           SELECT FROM integration_view i WHERE i.id = sync_runs.integration_id AND (
             EXISTS (SELECT FROM provider_breakers b
               WHERE b.provider = i.provider AND b.environment = i.environment AND b.state = 'open')
             OR EXISTS (SELECT FROM provider_failures f
               WHERE f.provider = i.provider AND f.environment = i.environment AND f.merchant_id = i.merchant_id)))`;
const SINCE = 'coalesce(not_before, created_at)';
/** Reasons of a hand-back at a gate that is closed to all. */
const AT_A_GATE = ['provider_incident', 'key_management'];
/** Reasons of a hand-back that comes before the provider has been asked. */
const NOT_ASKED_YET = ['shutdown', ...AT_A_GATE];
const LIVE = `id, kind, state, full_resync AS "fullResync", trigger, resources, not_before AS "notBefore",
  wait_reason AS "waitReason", created_at AS "createdAt", coalesce(lease_until > now(), false) AS "leaseLive"`;

@Injectable()
export class RunRepository {
  constructor(private readonly database: Database) {}

  /** False: the lane has a live (or, for `waiting`, a waiting) run already; nothing was inserted. */
  async insert(tx: Tx, run: NewRun): Promise<boolean> {
    const live = run.state === 'queued' ? `state IN ('queued', 'running')` : `state = 'waiting'`;
    const count = await sqlOf(tx).execute(
      `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, full_resync, probe, resources, retry_attempt,
         trace_parent, insists)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $5 = 'manual')
       ON CONFLICT (integration_id, lane) WHERE ${live} DO NOTHING`,
      [
        run.id,
        run.integrationId,
        run.kind,
        run.lane,
        run.trigger,
        run.state,
        run.fullResync,
        run.probe ?? false,
        run.resources,
        run.retryAttempt ?? 1,
        run.traceParent ?? null,
      ],
    );
    return count === 1;
  }

  async live(tx: Tx, integrationId: string, lane: RunLane): Promise<LiveRun[]> {
    return sqlOf(tx).query<LiveRun>(
      `SELECT ${LIVE} FROM sync_runs WHERE integration_id = $1 AND lane = $2 AND state IN ('queued', 'running', 'waiting')
       ORDER BY (state = 'waiting')`,
      [integrationId, lane],
    );
  }

  /**
   * Takes the lease of a run for one worker. Null: another worker has it, it is over, or the job is of an older
   * attempt.
   */
  async lease(runId: string, attempt: number, owner: string, leaseMs: number): Promise<LeasedRun | null> {
    const rows = await this.database.query<LeasedRun>(
      `UPDATE sync_runs SET state = 'running', fence = fence + 1, lease_owner = $3,
         lease_until = now() + $4 * interval '1 millisecond', started_at = coalesce(started_at, now()), not_before = NULL,
         wait_reason = NULL, deaths = deaths + (state = 'running')::int
       WHERE id = $1 AND attempt = $2 AND (not_before IS NULL OR not_before <= now() + interval '50 milliseconds')
         AND (state = 'queued' OR state = 'running' AND lease_until < now())
       RETURNING id, integration_id AS "integrationId", kind, lane, trigger, full_resync AS "fullResync", probe, resources,
         attempt, retry_attempt AS "retryAttempt", fence, insists, deaths, gate_waits AS "gateWaits", due_at AS "dueAt", trace_parent AS "traceParent",
         now() AS "leasedAt", ${FORMER_RECORDS} AS "formerRecords", ${EPOCH} AS epoch, ${PROVIDER_TROUBLE} AS "providerTrouble"`,
      [runId, attempt, owner, leaseMs],
    );
    return rows[0] ?? null;
  }

  /** False: the lease is lost, or the run was cancelled. */
  async renew(run: LeasedRun, leaseMs: number): Promise<boolean> {
    const count = await this.database.execute(
      `UPDATE sync_runs SET lease_until = now() + $3 * interval '1 millisecond'
       WHERE id = $1 AND fence = $2 AND state = 'running' AND lease_until > now()`,
      [run.id, run.fence, leaseMs],
    );
    return count === 1;
  }

  /**
   * Locks the integration's row and then the run's, the order that deactivate takes them in; null if this worker does
   * not hold the run any more. A worker that slept past its lease does not, also when nobody has taken the run over
   * yet. The lock makes a take-over wait for the commit, so that it reads the cursor after it.
   */
  async hold(tx: Tx, run: LeasedRun): Promise<{ now: Date; current: HeldIntegration } | null> {
    const rows = await sqlOf(tx).query<HeldIntegration & { now: Date }>(
      `WITH current AS MATERIALIZED (
         SELECT id, merchant_id, environment, provider, state, epoch, configuration FROM integration_view
         WHERE id = $3 FOR NO KEY UPDATE)
       SELECT current.id, current.merchant_id AS "merchantId", current.environment, current.provider, current.state,
         current.epoch, current.configuration, held.now
       FROM current, LATERAL (
         SELECT clock_timestamp() AS now FROM sync_runs
         WHERE id = $1 AND fence = $2 AND state = 'running' AND lease_until > clock_timestamp()
           AND integration_id = current.id FOR UPDATE) held`,
      [run.id, run.fence, run.integrationId],
    );
    if (!rows[0]) return null;
    const { now, ...current } = rows[0];
    return { now, current };
  }

  /** The next attempt of the run, behind the others. From now on it waits, which `overdue` and `someoneWaits` go by. */
  async requeue(
    tx: Tx,
    run: LeasedRun,
    { notBeforeMs, reason }: { notBeforeMs: number; reason: string | null },
    use: RunUse,
  ): Promise<QueuedRun | null> {
    const rows = await sqlOf(tx).query<QueuedRun>(
      `UPDATE sync_runs SET state = 'queued', attempt = attempt + 1, lease_owner = NULL, lease_until = NULL,
         not_before = now() + $3::bigint * interval '1 millisecond', wait_reason = $4, deaths = 0,
         ${useOf('$6', '$7')},
         insists = insists AND coalesce($4, '') = ANY($5),
         gate_waits = CASE WHEN $4 = 'shutdown' THEN gate_waits WHEN $4 = ANY($8) THEN least(gate_waits + 1, 100) ELSE 0 END
       WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id, attempt, ${DELAY_MS}`,
      [run.id, run.fence, notBeforeMs, reason, NOT_ASKED_YET, use.calls, use.traceParent, AT_A_GATE],
    );
    return rows[0] ?? null;
  }

  async finish(
    tx: Tx,
    run: LeasedRun,
    end: { state: 'succeeded' | 'failed' | 'cancelled'; errorCode?: string; verdict?: Verdict; error?: string },
    use: RunUse,
  ): Promise<boolean> {
    const count = await sqlOf(tx).execute(
      `UPDATE sync_runs SET state = $3, finished_at = now(), lease_owner = NULL, lease_until = NULL, error_code = $4,
         error_verdict = $5, error = $6, ${useOf('$7', '$8')}
       WHERE id = $1 AND fence = $2 AND state = 'running'`,
      [
        run.id,
        run.fence,
        end.state,
        end.errorCode ?? null,
        end.verdict ?? null,
        end.error ?? null,
        use.calls,
        use.traceParent,
      ],
    );
    return count === 1;
  }

  /** A run that waited behind the one that has just ended takes its place. */
  async promoteWaiting(tx: Tx, integrationId: string, lane: RunLane): Promise<QueuedRun | null> {
    const rows = await sqlOf(tx).query<QueuedRun>(
      `UPDATE sync_runs SET state = 'queued', due_at = now() WHERE integration_id = $1 AND lane = $2 AND state = 'waiting'
         AND NOT EXISTS (SELECT 1 FROM sync_runs live WHERE live.integration_id = $1 AND live.lane = $2
                           AND live.state IN ('queued', 'running'))
       RETURNING id, attempt, ${DELAY_MS}`,
      [integrationId, lane],
    );
    return rows[0] ?? null;
  }

  /** Everything live of an integration ends; a worker that holds one is fenced out at its next commit. */
  async cancelAll(tx: Tx, integrationId: string, lanes: readonly RunLane[]): Promise<string[]> {
    const rows = await sqlOf(tx).query<{ id: string }>(
      `UPDATE sync_runs SET state = 'cancelled', finished_at = now(), lease_owner = NULL, lease_until = NULL
       WHERE integration_id = $1 AND lane = ANY($2::text[]) AND state IN ('waiting', 'queued', 'running') RETURNING id`,
      [integrationId, lanes],
    );
    return rows.map((row) => row.id);
  }

  /** A waiting run does all that was asked of it so far, and this too. */
  async widen(tx: Tx, runId: string, more: { kind: RunKind; fullResync?: boolean }): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_runs SET kind = $2, full_resync = full_resync OR $3, resources = NULL WHERE id = $1`,
      [runId, more.kind, more.fullResync ?? false],
    );
  }

  /** A person asked for a run that is queued: a delayed one may start at once. */
  async hasten(tx: Tx, runId: string): Promise<QueuedRun | null> {
    const rows = await sqlOf(tx).query<QueuedRun>(
      `UPDATE sync_runs SET not_before = NULL, wait_reason = NULL, insists = true,
         attempt = attempt + (coalesce(not_before, now()) > now())::int
       WHERE id = $1 AND state = 'queued' RETURNING id, attempt, ${DELAY_MS}`,
      [runId],
    );
    return rows[0] ?? null;
  }

  /** Who holds good leases of syncs, of those whose name is like the pattern. */
  async syncLeaseOwners(pattern: string): Promise<string[]> {
    const rows = await this.database.query<{ owner: string }>(
      `SELECT DISTINCT lease_owner AS owner FROM sync_runs
       WHERE state = 'running' AND lane = 'sync' AND lease_until > now() AND lease_owner LIKE $1`,
      [pattern],
    );
    return rows.map(({ owner }) => owner);
  }

  /** Precondition: none of the owners can write any more. */
  async endSyncLeases(owners: readonly string[]): Promise<void> {
    await this.database.execute(
      `UPDATE sync_runs SET lease_until = now() - interval '1 millisecond'
       WHERE state = 'running' AND lane = 'sync' AND lease_until > now() AND lease_owner = ANY($1)`,
      [owners],
    );
  }

  /** Runs whose worker has died: their lease lapsed and nobody took them up. */
  async freeDead(limit: number): Promise<QueuedRun[]> {
    return this.database.query<QueuedRun>(
      `WITH dead AS (
         SELECT id FROM sync_runs WHERE state = 'running' AND lease_until < now() ORDER BY lease_until LIMIT $1
         FOR UPDATE SKIP LOCKED)
       UPDATE sync_runs r SET state = 'queued', attempt = r.attempt + 1, lease_owner = NULL, lease_until = NULL,
         deaths = r.deaths + 1
       FROM dead WHERE r.id = dead.id RETURNING r.id, r.attempt, 0 AS "delayMs"`,
      [limit],
    );
  }

  /** Whether any run could begin now, if a worker were free. */
  async someoneWaits(): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM sync_runs WHERE state = 'queued' AND coalesce(not_before, created_at) <= now() LIMIT 1`,
    );
    return rows.length > 0;
  }

  /**
   * Queued runs that should have begun by now, the longest overdue first; their job may have been lost with the queue.
   */
  async overdue(olderThanMs: number, limit: number, after: OverdueRun | null = null): Promise<OverdueRun[]> {
    return this.database.query<OverdueRun>(
      `SELECT id, attempt, ${DELAY_MS}, ${SINCE}::text AS since FROM sync_runs
       WHERE state = 'queued' AND ${SINCE} < now() - $1 * interval '1 millisecond'
         AND ($3::timestamptz IS NULL OR (${SINCE}, id) > ($3, $4::uuid))
       ORDER BY ${SINCE}, id LIMIT $2`,
      [olderThanMs, limit, after?.since ?? null, after?.id ?? null],
    );
  }

  /** All of them, those that wait for a time included: the queue has a job for each. */
  async countQueued(): Promise<number> {
    const rows = await this.database.query<{ count: number }>(`SELECT count(*) FROM sync_runs WHERE state = 'queued'`);
    return rows[0]!.count;
  }

  /** Waiting runs whose lane has become free without anybody promoting them (a crash between the two). */
  async promoteStranded(limit: number): Promise<QueuedRun[]> {
    return this.database.query<QueuedRun>(
      `WITH stranded AS (
         SELECT w.id FROM sync_runs w WHERE w.state = 'waiting' AND NOT EXISTS (
           SELECT 1 FROM sync_runs live WHERE live.integration_id = w.integration_id AND live.lane = w.lane
             AND live.state IN ('queued', 'running'))
         LIMIT $1 FOR UPDATE SKIP LOCKED)
       UPDATE sync_runs r SET state = 'queued', due_at = now() FROM stranded WHERE r.id = stranded.id
       RETURNING r.id, r.attempt, 0 AS "delayMs"`,
      [limit],
    );
  }
}
