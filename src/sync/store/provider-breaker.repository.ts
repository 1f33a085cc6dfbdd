import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { Verdict } from '../../platform/outbound';
import type { ProviderId } from '../../providers';

/** So many merchants within the window make it an outage of the provider, not a merchant's trouble. */
const QUORUM_MERCHANTS = 3;
const WINDOW_MS = 10 * 60_000;
const FIRST_RETRY_MS = 30_000;
const MAX_RETRY_MS = 10 * 60_000;
const PROBE_LEASE_MS = 60_000;

export type ProviderGate = { readonly pass: true } | { readonly pass: false; readonly retryInMs: number };

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
         ceil(1000 * greatest(1, extract(epoch FROM greatest(retry_at, probe_until) - now())))::int AS "retryInMs"
       FROM breaker`,
      [provider, environment, runId, PROBE_LEASE_MS],
    );
    const row = rows[0];
    return !row || row.pass ? { pass: true } : { pass: false, retryInMs: row.retryInMs };
  }

  /** Notes the failure. True: enough merchants saw it lately, so the breaker is open and none of them is blamed. */
  async recordFailure(
    tx: Tx,
    provider: ProviderId,
    environment: Environment,
    merchantId: string,
    verdict: Verdict,
  ): Promise<boolean> {
    // in the caller's transaction: in an outage every run ends at once, and a second connection for each could not be had
    const sql = sqlOf(tx);
    await sql.execute(
      `INSERT INTO provider_failures (provider, environment, merchant_id, verdict) VALUES ($1, $2, $3, $4)
       ON CONFLICT (provider, environment, merchant_id) DO UPDATE SET failed_at = now(), verdict = excluded.verdict`,
      [provider, environment, merchantId, verdict],
    );
    const rows = await sql.query<{ open: boolean }>(
      `WITH quorum AS (
         SELECT count(*) >= $3 AS reached FROM provider_failures
         WHERE provider = $1 AND environment = $2 AND failed_at > now() - $4 * interval '1 millisecond')
       INSERT INTO provider_breakers AS b (provider, environment, state, opened_at, retry_at, consecutive_opens)
       SELECT $1, $2, 'open', now(), now() + $5 * interval '1 millisecond', 1 FROM quorum WHERE reached
       ON CONFLICT (provider, environment) DO UPDATE SET
         state = 'open', opened_at = CASE WHEN b.state = 'open' THEN b.opened_at ELSE now() END,
         retry_at = CASE WHEN b.state = 'open' AND b.retry_at > now() THEN b.retry_at
           ELSE now() + least($5 * 2 ^ least(b.consecutive_opens, 10), $6) * interval '1 millisecond' END,
         consecutive_opens = CASE WHEN b.state = 'open' AND b.retry_at > now() THEN b.consecutive_opens ELSE b.consecutive_opens + 1 END,
         probe_run_id = NULL, probe_until = NULL, updated_at = now()
       RETURNING true AS open`,
      [provider, environment, QUORUM_MERCHANTS, WINDOW_MS, FIRST_RETRY_MS, MAX_RETRY_MS],
    );
    return rows.length > 0;
  }

  /** A page was committed: the provider works. Costs nothing while the breaker is closed and nobody failed lately. */
  async recordSuccess(provider: ProviderId, environment: Environment, merchantId: string): Promise<void> {
    await this.database.execute(
      `WITH forgotten AS (
         DELETE FROM provider_failures WHERE provider = $1 AND environment = $2 AND merchant_id = $3)
       UPDATE provider_breakers SET state = 'closed', opened_at = NULL, retry_at = NULL, probe_run_id = NULL,
         probe_until = NULL, consecutive_opens = 0, updated_at = now()
       WHERE provider = $1 AND environment = $2 AND state = 'open'`,
      [provider, environment, merchantId],
    );
  }

  async openIncident(provider: ProviderId, environment: Environment): Promise<{ since: Date; retryAt: Date } | null> {
    const rows = await this.database.query<{ since: Date; retryAt: Date }>(
      `SELECT opened_at AS since, retry_at AS "retryAt" FROM provider_breakers
       WHERE provider = $1 AND environment = $2 AND state = 'open'`,
      [provider, environment],
    );
    return rows[0] ?? null;
  }
}
