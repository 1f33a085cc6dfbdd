import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline, createIndexOnline, dropIndexOnline } from '../online-schema';

/**
 * Since when a schedule is stopped, what a run has called, what quarantined rows amount to; and the views that tell
 * them. New columns of a view stand behind the old ones, which is what REPLACE allows.
 */
export class WhatTheConsoleShows1796003838020 implements MigrationInterface {
  readonly name = 'WhatTheConsoleShows1796003838020';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE sync_schedules ADD COLUMN IF NOT EXISTS operator_paused_at timestamptz,
         ADD COLUMN IF NOT EXISTS toggled_off_at timestamptz`,
    );
    await alterOnline(runner, `ALTER TABLE sync_runs ADD COLUMN IF NOT EXISTS calls bigint NOT NULL DEFAULT 0`);
    await alterOnline(
      runner,
      `ALTER TABLE sync_quarantine ADD COLUMN IF NOT EXISTS amount_minor bigint, ADD COLUMN IF NOT EXISTS currency text`,
    );
    // runs of all merchants, newest first
    await createIndexOnline(runner, { name: 'sync_runs_newest', table: 'sync_runs', on: '(created_at DESC, id DESC)' });
    await this.statusView(runner);
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW sync_run_view AS
       SELECT id, integration_id, kind, lane, trigger, state, full_resync, probe, attempt, wait_reason, not_before, error_code, error, created_at,
         started_at, finished_at, lease_until, due_at, deaths, calls, split_part(trace_parent, '-', 2) AS trace_id
       FROM sync_runs`,
    );
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW sync_log_view AS
       SELECT l.id, l.run_id, l.integration_id, l.resource_type, l.status, l.attempt, l.records_fetched, l.records_created, l.records_updated,
         l.records_unchanged, l.records_deleted, l.records_quarantined, l.error_code, l.error, l.notes, l.next_action, l.created_at,
         t.run_id AS retry_run_id,
         -- by a batch, if its error may pass by itself
         l.status = 'failed' AND r.state NOT IN ('waiting', 'queued', 'running') AND t.log_id IS NULL AS may_be_retried,
         l.started_at, l.finished_at
       FROM sync_logs l
       LEFT JOIN sync_runs r ON r.id = l.run_id
       LEFT JOIN sync_log_retries t ON t.log_id = l.id`,
    );
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW deletion_plan_view AS
       SELECT id, integration_id, stream, resource_type, run_id, state, cardinality(external_ids) AS rows, live_records,
         external_ids[1:20] AS sample, created_at, decided_at, decided_by, reason, external_ids
       FROM sync_deletion_plans`,
    );
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW quarantine_view AS
       SELECT md5(integration_id || '/' || stream || '/' || row_key)::uuid AS id, integration_id, stream, external_id, resource_type, reason, path,
         run_id, times_seen, first_seen_at, last_seen_at, amount_minor, currency
       FROM sync_quarantine`,
    );
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW record_view AS
       SELECT r.integration_id, r.resource_type, r.operation <> 'deleted' AND r.epoch = i.epoch AS is_live, r.synced_at, r.external_id,
         -- of the merchant's money only: no personal field
         coalesce(r.data->>'totalMinor', r.data->>'amountMinor')::bigint AS amount_minor, r.data->>'currency' AS currency
       FROM records r JOIN integration_view i ON i.id = r.integration_id`,
    );
  }

  private async statusView(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW integration_status_view AS
      SELECT i.id, i.merchant_id, i.environment, i.provider, i.state, i.sync_enabled, i.configuration, i.created_at, i.updated_at,
        CASE WHEN i.state <> 'active' THEN 'idle'
          WHEN coalesce(h.outside_syncing_until > now(), false) OR EXISTS (
            SELECT 1 FROM sync_runs r WHERE r.integration_id = i.id AND r.lane = 'sync' AND r.state IN ('queued', 'running')
              AND r.lease_until > now()) THEN 'syncing'
          WHEN h.last_error IS NULL THEN 'connected' ELSE 'error' END AS status,
        CASE WHEN coalesce(h.breaker, 'closed') <> 'closed' THEN 'paused'
          WHEN coalesce(h.consecutive_errors, 0) > 0 THEN 'degraded' ELSE 'healthy' END AS health,
        coalesce(h.breaker, 'closed') AS breaker, h.breaker_cause, h.breaker_opened_at, h.probe_at,
        coalesce(h.consecutive_errors, 0) AS consecutive_errors, h.last_sync_at, h.last_error_at, h.last_error, h.last_error_code,
        h.last_error_since, coalesce(s.operator_paused, false) AS operator_paused, s.pause_reason,
        coalesce(s.toggled_off, false) AS toggled_off, s.interval_ms, coalesce(s.fires, false) AS fires, s.next_due_at,
        -- how far the last good sync lies behind its interval
        CASE WHEN i.state = 'active' THEN greatest(0, floor(extract(epoch FROM now() - coalesce(h.last_sync_at, i.activated_at))
          * 1000) - coalesce(s.interval_ms, 0))::bigint END AS lateness_ms,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('stream', c.stream, 'state', c.cursor->'filter'->'state',
             'checkedAt', c.cursor->'filter'->'checkedAt') ORDER BY c.stream), '[]')
           FROM sync_cursors c WHERE c.integration_id = i.id AND c.cursor->'filter'->>'checkedAt' IS NOT NULL) AS filters,
        -- schedules that were stopped before these columns were there have the time of their last change
        CASE WHEN s.operator_paused THEN coalesce(s.operator_paused_at, s.updated_at) END AS operator_paused_at,
        CASE WHEN s.toggled_off THEN coalesce(s.toggled_off_at, s.updated_at) END AS toggled_off_at
      FROM integration_view i
      LEFT JOIN sync_health h ON h.integration_id = i.id
      LEFT JOIN sync_schedules s ON s.integration_id = i.id`,
    );
  }

  /** The views of before do not have the columns, which only a new view can leave out. */
  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS integration_status_view, sync_run_view, sync_log_view, deletion_plan_view, quarantine_view, record_view`,
      `CREATE OR REPLACE VIEW integration_status_view AS
       SELECT i.id, i.merchant_id, i.environment, i.provider, i.state, i.sync_enabled, i.configuration, i.created_at, i.updated_at,
         CASE WHEN i.state <> 'active' THEN 'idle'
           WHEN coalesce(h.outside_syncing_until > now(), false) OR EXISTS (
             SELECT 1 FROM sync_runs r WHERE r.integration_id = i.id AND r.lane = 'sync' AND r.state IN ('queued', 'running')
               AND r.lease_until > now()) THEN 'syncing'
           WHEN h.last_error IS NULL THEN 'connected' ELSE 'error' END AS status,
         CASE WHEN coalesce(h.breaker, 'closed') <> 'closed' THEN 'paused'
           WHEN coalesce(h.consecutive_errors, 0) > 0 THEN 'degraded' ELSE 'healthy' END AS health,
         coalesce(h.breaker, 'closed') AS breaker, h.breaker_cause, h.breaker_opened_at, h.probe_at,
         coalesce(h.consecutive_errors, 0) AS consecutive_errors, h.last_sync_at, h.last_error_at, h.last_error, h.last_error_code,
         h.last_error_since, coalesce(s.operator_paused, false) AS operator_paused, s.pause_reason,
         coalesce(s.toggled_off, false) AS toggled_off, s.interval_ms, coalesce(s.fires, false) AS fires, s.next_due_at,
         -- how far the last good sync lies behind its interval
         CASE WHEN i.state = 'active' THEN greatest(0, floor(extract(epoch FROM now() - coalesce(h.last_sync_at, i.activated_at))
           * 1000) - coalesce(s.interval_ms, 0))::bigint END AS lateness_ms,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('stream', c.stream, 'state', c.cursor->'filter'->'state',
              'checkedAt', c.cursor->'filter'->'checkedAt') ORDER BY c.stream), '[]')
            FROM sync_cursors c WHERE c.integration_id = i.id AND c.cursor->'filter'->>'checkedAt' IS NOT NULL) AS filters
       FROM integration_view i
       LEFT JOIN sync_health h ON h.integration_id = i.id
       LEFT JOIN sync_schedules s ON s.integration_id = i.id`,
      `CREATE OR REPLACE VIEW sync_run_view AS
       SELECT id, integration_id, kind, lane, trigger, state, full_resync, probe, attempt, wait_reason, not_before, error_code, error, created_at,
         started_at, finished_at
       FROM sync_runs`,
      `CREATE OR REPLACE VIEW sync_log_view AS
       SELECT l.id, l.run_id, l.integration_id, l.resource_type, l.status, l.attempt, l.records_fetched, l.records_created, l.records_updated,
         l.records_unchanged, l.records_deleted, l.records_quarantined, l.error_code, l.error, l.notes, l.next_action, l.created_at,
         t.run_id AS retry_run_id,
         -- by a batch, if its error may pass by itself
         l.status = 'failed' AND r.state NOT IN ('waiting', 'queued', 'running') AND t.log_id IS NULL AS may_be_retried
       FROM sync_logs l
       LEFT JOIN sync_runs r ON r.id = l.run_id
       LEFT JOIN sync_log_retries t ON t.log_id = l.id`,
      `CREATE OR REPLACE VIEW deletion_plan_view AS
       SELECT id, integration_id, stream, resource_type, run_id, state, cardinality(external_ids) AS rows, live_records,
         external_ids[1:20] AS sample, created_at, decided_at, decided_by, reason
       FROM sync_deletion_plans`,
      `CREATE OR REPLACE VIEW quarantine_view AS
       SELECT md5(integration_id || '/' || stream || '/' || row_key)::uuid AS id, integration_id, stream, external_id, resource_type, reason, path,
         run_id, times_seen, first_seen_at, last_seen_at
       FROM sync_quarantine`,
      `CREATE OR REPLACE VIEW record_view AS
       SELECT r.integration_id, r.resource_type, r.operation <> 'deleted' AND r.epoch = i.epoch AS is_live, r.synced_at
       FROM records r JOIN integration_view i ON i.id = r.integration_id`,
    );
    await dropIndexOnline(runner, 'sync_runs_newest');
    await alterOnline(
      runner,
      `ALTER TABLE sync_quarantine DROP COLUMN IF EXISTS amount_minor, DROP COLUMN IF EXISTS currency`,
    );
    await alterOnline(runner, `ALTER TABLE sync_runs DROP COLUMN IF EXISTS calls`);
    await alterOnline(
      runner,
      `ALTER TABLE sync_schedules DROP COLUMN IF EXISTS operator_paused_at, DROP COLUMN IF EXISTS toggled_off_at`,
    );
  }
}
