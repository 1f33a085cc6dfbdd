import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

const COLUMNS = `l.id, l.run_id, l.integration_id, l.resource_type, l.status, l.attempt, l.records_fetched, l.records_created, l.records_updated,
  l.records_unchanged, l.records_deleted, l.records_quarantined, l.error_code, l.error, l.notes, l.next_action, l.created_at,
  t.run_id AS retry_run_id`;
const MAY_BE_RETRIED = `l.status = 'failed' AND r.state NOT IN ('waiting', 'queued', 'running') AND t.log_id IS NULL`;
const SOURCE = `sync_logs l
  LEFT JOIN sync_runs r ON r.id = l.run_id
  LEFT JOIN sync_log_retries t ON t.log_id = l.id`;

/** Providers whose clock is off, names of operators; and entries of payments that have gone on, or are held, are not retried in a batch. */
export class ClocksAndHeldPayments1796018762484 implements MigrationInterface {
  readonly name = 'ClocksAndHeldPayments1796018762484';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW provider_clock_view AS
       SELECT integration_id, min((cursor->'providerClock'->>'since')::timestamptz) AS since,
         (array_agg((cursor->'providerClock'->>'aheadMs')::bigint ORDER BY stream))[1] AS ahead_ms
       FROM sync_cursors WHERE cursor->>'providerClock' IS NOT NULL GROUP BY integration_id`,
      `CREATE OR REPLACE VIEW operator_view AS SELECT subject, name FROM operators`,
      `CREATE OR REPLACE VIEW sync_log_view AS
       SELECT ${COLUMNS},
         -- by a batch, if its error may pass by itself: a payment only by the last run that had it, and not while it is held
         ${MAY_BE_RETRIED} AND (l.resource_type <> 'payment_pushes' OR EXISTS (
           SELECT 1 FROM outbound_payments p WHERE p.run_id = l.run_id AND p.status IN ('queued', 'failed'))) AS may_be_retried,
         l.started_at, l.finished_at
       FROM ${SOURCE}`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW sync_log_view AS
       SELECT ${COLUMNS},
         -- by a batch, if its error may pass by itself
         ${MAY_BE_RETRIED} AS may_be_retried,
         l.started_at, l.finished_at
       FROM ${SOURCE}`,
      `DROP VIEW IF EXISTS provider_clock_view, operator_view`,
    );
  }
}
