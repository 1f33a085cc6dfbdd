import { Injectable } from '@nestjs/common';
import type { Integration } from '../../integrations';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { Verdict } from '../../platform/outbound';
import type { ProviderId } from '../../providers';

/**
 * An outage of the provider, not a merchant's trouble: so many merchants, and half of those that asked, saw it within
 * the window.
 */
const MIN_MERCHANTS = 3;
const WINDOW_MS = 10 * 60_000;
/** A merchant who has not succeeded for this long, or for two of its intervals, says nothing about the provider. */
const LATELY_MS = 24 * 3_600_000;
/** How many ended runs a decision looks at, and how soon the next one may where there were more. */
const SAMPLE = 20_000;
const JUDGE_EVERY_MS = 5_000;
/** How soon a probe may try again: after the breaker has opened, and at most. */
export const PROVIDER_GATE = { firstRetryMs: 30_000, maxRetryMs: 10 * 60_000 } as const;
const PROBE_LEASE_MS = 60_000;
/** So many of the waiting runs begin at once when a provider works again. */
export const FREED_AT_ONCE = 100;

export type ProviderGate = { readonly pass: true } | { readonly pass: false; readonly retryInMs: number };

export interface SeenFailure {
  readonly integration: Pick<Integration, 'id' | 'merchantId' | 'provider' | 'environment'>;
  readonly runId: string;
  readonly verdict: Verdict;
  /** The machine that failed. */
  readonly host: string;
  /** On how many an outage is seen. */
  readonly minHosts: number;
}

type Place = readonly [provider: ProviderId, environment: Environment];

/** The breaker of a (provider, environment), shared by all processes; one probe at a time while it is open. */
@Injectable()
export class ProviderBreakerRepository {
  constructor(private readonly database: Database) {}

  /** Closed: pass. Open: one run passes as the probe once the time has come; the others come back later. */
  async gate(provider: ProviderId, environment: Environment, runId: string): Promise<ProviderGate> {
    const rows = await this.database.query<{ pass: boolean; retryInMs: number }>(
      `WITH breaker AS (
         SELECT * FROM provider_breakers WHERE provider = $1 AND environment = $2 AND state = 'open' FOR UPDATE),
       probe AS (
         UPDATE provider_breakers b SET probe_run_id = $3, probe_until = now() + $4 * interval '1 millisecond', updated_at = now()
         FROM breaker WHERE b.provider = breaker.provider AND b.environment = breaker.environment
           AND breaker.retry_at <= now()
           AND (breaker.probe_until IS NULL OR breaker.probe_until <= now() OR breaker.probe_run_id = $3)
         RETURNING 1)
       SELECT EXISTS (SELECT 1 FROM probe) AS pass,
         ceil(1000 * greatest(1, extract(epoch FROM greatest(retry_at, probe_until) - now())))::float8 AS "retryInMs"
       FROM breaker`,
      [provider, environment, runId, PROBE_LEASE_MS],
    );
    const row = rows[0];
    return !row || row.pass ? { pass: true } : { pass: false, retryInMs: row.retryInMs };
  }

  /**
   * Notes the failure. True: it is an outage, so the breaker is open and nobody is blamed. Who asked is read from the
   * runs that ended lately, and only when one failed: a run that succeeds writes nothing for it.
   */
  async recordFailure(tx: Tx, failure: SeenFailure): Promise<boolean> {
    // in the caller's transaction: in an outage every run ends at once, and a second connection for each could not be
    // had
    const sql = sqlOf(tx);
    const { integration, host, verdict, runId } = failure;
    const at = [integration.provider, integration.environment] as const;
    const [noted] = await sql.query<{ counts: boolean; open: boolean; due: boolean }>(
      `WITH breaker AS (SELECT * FROM provider_breakers WHERE provider = $1 AND environment = $2),
       lately AS (
         SELECT coalesce(h.last_sync_at > coalesce((SELECT opened_at FROM breaker WHERE state = 'open'), now())
           - greatest($7, 2 * coalesce(s.interval_ms, 0)) * interval '1 millisecond', false) AS counts
         FROM sync_health h LEFT JOIN sync_schedules s ON s.integration_id = h.integration_id WHERE h.integration_id = $6),
       noted AS (
         INSERT INTO provider_failures (provider, environment, merchant_id, verdict, host, counts)
         SELECT $1, $2, $3, $4, $5, coalesce((SELECT counts FROM lately), false)
         ON CONFLICT (provider, environment, merchant_id) DO UPDATE
           SET failed_at = now(), verdict = excluded.verdict, host = excluded.host, counts = excluded.counts
         RETURNING counts)
       SELECT noted.counts, coalesce((SELECT state = 'open' FROM breaker), false) AS open,
         coalesce((SELECT judge_after <= now() FROM breaker), true) AS due
       FROM noted`,
      [...at, integration.merchantId, verdict, host, integration.id, LATELY_MS],
    );
    if (noted!.open) {
      await this.probeFailed(tx, at, runId, noted!.counts);
      return true;
    }
    return noted!.counts && noted!.due && (await this.decide(tx, at, failure.minHosts));
  }

  /** The next probe comes later, where the failure says something about the provider. */
  private async probeFailed(tx: Tx, at: Place, runId: string, counts: boolean): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE provider_breakers b SET probe_run_id = NULL, probe_until = NULL, updated_at = now(),
         consecutive_opens = consecutive_opens + $4::int,
         retry_at = CASE WHEN $4 = 0 THEN retry_at
           ELSE now() + least($5 * 2 ^ least(b.consecutive_opens, 10), $6) * interval '1 millisecond' END
       WHERE provider = $1 AND environment = $2 AND state = 'open' AND probe_run_id = $3`,
      [...at, runId, counts ? 1 : 0, PROVIDER_GATE.firstRetryMs, PROVIDER_GATE.maxRetryMs],
    );
  }

  private async decide(tx: Tx, at: Place, minHosts: number): Promise<boolean> {
    const rows = await sqlOf(tx).query<{ open: boolean }>(
      `WITH recent AS (
         SELECT integration_id, finished_at, state, lane, error_verdict FROM sync_runs
         WHERE finished_at > now() - $3 * interval '1 millisecond' ORDER BY finished_at DESC LIMIT $4),
       sample AS (
         SELECT count(*) >= $4 AS more,
           CASE WHEN count(*) >= $4 THEN min(finished_at) ELSE now() - $3 * interval '1 millisecond' END AS since FROM recent),
       failed AS (
         SELECT f.merchant_id, f.host, f.counts FROM provider_failures f, sample
         WHERE f.provider = $1 AND f.environment = $2 AND f.failed_at >= sample.since),
       asked AS (
         SELECT i.merchant_id FROM recent r JOIN integration_view i ON i.id = r.integration_id
         WHERE i.provider = $1 AND i.environment = $2 AND r.lane = 'sync'
           AND (r.state = 'succeeded' OR r.state = 'failed' AND r.error_verdict <> 'internal')
         UNION SELECT merchant_id FROM failed
         EXCEPT SELECT merchant_id FROM failed WHERE NOT counts),
       decided AS (
         SELECT more, (SELECT count(*) FROM failed WHERE counts) >= greatest($5, ceil((SELECT count(*) FROM asked) / 2.0))
           AND (SELECT count(DISTINCT host) FROM failed WHERE counts) >= $6 AS outage FROM sample)
       INSERT INTO provider_breakers AS b (provider, environment, state, opened_at, retry_at, consecutive_opens, judge_after)
       SELECT $1, $2, CASE WHEN outage THEN 'open' ELSE 'closed' END, CASE WHEN outage THEN now() END,
         CASE WHEN outage THEN now() + $7 * interval '1 millisecond' END, outage::int,
         CASE WHEN more THEN now() + $8 * interval '1 millisecond' END
       FROM decided WHERE outage OR more
       ON CONFLICT (provider, environment) DO UPDATE SET
         state = excluded.state, opened_at = excluded.opened_at, retry_at = excluded.retry_at,
         consecutive_opens = excluded.consecutive_opens, judge_after = excluded.judge_after,
         probe_run_id = NULL, probe_until = NULL, updated_at = now()
       -- another failure may have opened it meanwhile
       WHERE b.state = 'closed'
       RETURNING state = 'open' AS open`,
      [...at, WINDOW_MS, SAMPLE, MIN_MERCHANTS, minHosts, PROVIDER_GATE.firstRetryMs, JUDGE_EVERY_MS],
    );
    return rows[0]?.open ?? false;
  }

  /**
   * A page was committed: the provider works. Costs nothing while the breaker is closed and nobody failed lately. The
   * runs that have waited longest begin now, and the others in their time, so that not all come at once.
   */
  async recordSuccess(provider: ProviderId, environment: Environment, merchantId: string): Promise<void> {
    await this.database.execute(
      `WITH forgotten AS (
         DELETE FROM provider_failures WHERE provider = $1 AND environment = $2 AND merchant_id = $3),
       closed AS (
         UPDATE provider_breakers SET state = 'closed', opened_at = NULL, retry_at = NULL, probe_run_id = NULL,
           probe_until = NULL, consecutive_opens = 0, updated_at = now()
         WHERE provider = $1 AND environment = $2 AND state = 'open' RETURNING 1)
       UPDATE sync_runs r SET not_before = now(), wait_reason = NULL, gate_waits = 0, attempt = r.attempt + 1
       WHERE EXISTS (SELECT 1 FROM closed) AND r.id IN (
         SELECT w.id FROM sync_runs w JOIN integration_view i ON i.id = w.integration_id
         WHERE w.state = 'queued' AND w.wait_reason = 'provider_incident' AND w.not_before > now()
           AND i.provider = $1 AND i.environment = $2
         ORDER BY w.created_at LIMIT $4 FOR UPDATE OF w SKIP LOCKED)`,
      [provider, environment, merchantId, FREED_AT_ONCE],
    );
  }
}
