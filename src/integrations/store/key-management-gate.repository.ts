import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';

/** How soon it is tried again: after the first failure, and at most. */
export const KEY_GATE = { firstRetryMs: 1_000, maxRetryMs: 60_000 } as const;
const PROBE_LEASE_MS = 30_000;

export type KeyGate =
  { readonly pass: true; readonly probe: boolean } | { readonly pass: false; readonly retryInMs: number };

/** One row while key management fails, none while it works; shared by all processes, on the database's clock. */
@Injectable()
export class KeyManagementGateRepository {
  constructor(private readonly database: Database) {}

  /** While it fails: one run passes as the probe once the time has come; the others come back later. */
  async enter(runId: string): Promise<KeyGate> {
    const rows = await this.database.query<{ pass: boolean; retryInMs: number }>(
      `WITH gate AS (SELECT * FROM key_management_gate),
       probe AS (
         UPDATE key_management_gate g SET probe_run_id = $1, probe_until = now() + $2 * interval '1 millisecond'
         WHERE g.retry_at <= now() AND (g.probe_until IS NULL OR g.probe_until <= now() OR g.probe_run_id = $1)
         RETURNING 1)
       SELECT EXISTS (SELECT 1 FROM probe) AS pass,
         ceil(1000 * greatest(1, extract(epoch FROM greatest(retry_at, probe_until) - now())))::float8 AS "retryInMs" FROM gate`,
      [runId, PROBE_LEASE_MS],
    );
    const row = rows[0];
    if (!row) return { pass: true, probe: false };
    return row.pass ? { pass: true, probe: true } : { pass: false, retryInMs: row.retryInMs };
  }

  /** It failed. What was on its way already when another shut the gate does not put the next probe off. */
  async shut(runId: string): Promise<void> {
    await this.database.execute(
      `INSERT INTO key_management_gate AS g (retry_at, failures) VALUES (now() + $2 * interval '1 millisecond', 1)
       ON CONFLICT (id) DO UPDATE SET failures = g.failures + 1, probe_run_id = NULL, probe_until = NULL,
         retry_at = now() + least($2 * 2 ^ least(g.failures, 10), $3) * interval '1 millisecond'
       WHERE g.probe_run_id = $1`,
      [runId, KEY_GATE.firstRetryMs, KEY_GATE.maxRetryMs],
    );
  }

  /** The probe succeeded. */
  async open(): Promise<void> {
    await this.database.execute('DELETE FROM key_management_gate');
  }
}
