import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a module's statements may read of another module: docs/adr/0027. Which module owns a view stands in
 * scripts/sql/table-owners.ts. No view has a column of a secret, of a hash or of a provider's rows.
 */
export class ViewsAcrossModules1795961711628 implements MigrationInterface {
  readonly name = 'ViewsAcrossModules1795961711628';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE VIEW database_generation_view AS SELECT generation, incarnation, since FROM database_generation`);
    await runner.query(`
      CREATE VIEW audit_entry_view AS
      SELECT id, occurred_at, action, merchant_id, environment, actor_kind, actor_id, request_id, subject_type, subject_id, reason, details
      FROM audit_entries`);
    await runner.query(`CREATE VIEW merchant_view AS SELECT id, name, default_currency, created_at FROM merchants`);
    await runner.query(`
      CREATE VIEW api_key_view AS
      SELECT id, merchant_id, environment, name, display_prefix, scopes, rotated_from, created_at, expires_at, revoked_at, last_used_at
      FROM api_keys`);
    await runner.query(`
      CREATE VIEW access_token_view AS
      SELECT id, jti, subject, roles, permissions, node_ids, merchant_id, environment, created_at, issued_by, expires_at, revoked_at, revoked_by
      FROM access_tokens`);
    await runner.query(`
      CREATE VIEW integration_view AS
      SELECT id, merchant_id, environment, provider, state, sync_enabled, configuration, epoch, activated_at, created_at, updated_at
      FROM integrations`);
    await runner.query(`
      CREATE VIEW provider_sighting_view AS
      SELECT provider, environment, stream, kind, name, known, first_seen_at FROM provider_sightings`);
    await this.syncViews(runner);
    await runner.query(`
      CREATE VIEW payment_review_view AS
      SELECT id, integration_id, reference, provider_reference, external_invoice_id, external_customer_id, amount_minor, currency, created_at,
        updated_at AS held_at
      FROM outbound_payments WHERE status = 'needs_review'`);
  }

  private async syncViews(runner: QueryRunner): Promise<void> {
    // the one place that says what status and health are; both are read with each answer and kept nowhere
    await runner.query(`
      CREATE VIEW integration_status_view AS
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
      LEFT JOIN sync_schedules s ON s.integration_id = i.id`);
    await runner.query(`
      CREATE VIEW sync_run_view AS
      SELECT id, integration_id, kind, lane, trigger, state, full_resync, probe, attempt, wait_reason, not_before, error_code, error, created_at,
        started_at, finished_at
      FROM sync_runs`);
    // left joins to primary keys: who reads no column of theirs does not pay for them
    await runner.query(`
      CREATE VIEW sync_log_view AS
      SELECT l.id, l.run_id, l.integration_id, l.resource_type, l.status, l.attempt, l.records_fetched, l.records_created, l.records_updated,
        l.records_unchanged, l.records_deleted, l.records_quarantined, l.error_code, l.error, l.notes, l.next_action, l.created_at,
        t.run_id AS retry_run_id,
        -- by a batch, if its error may pass by itself
        l.status = 'failed' AND r.state NOT IN ('waiting', 'queued', 'running') AND t.log_id IS NULL AS may_be_retried
      FROM sync_logs l
      LEFT JOIN sync_runs r ON r.id = l.run_id
      LEFT JOIN sync_log_retries t ON t.log_id = l.id`);
    await runner.query(`
      CREATE VIEW deletion_plan_view AS
      SELECT id, integration_id, stream, resource_type, run_id, state, cardinality(external_ids) AS rows, live_records,
        external_ids[1:20] AS sample, created_at, decided_at, decided_by, reason
      FROM sync_deletion_plans`);
    // the primary key is text: a stable UUID stands for it in cursors
    await runner.query(`
      CREATE VIEW quarantine_view AS
      SELECT md5(integration_id || '/' || stream || '/' || row_key)::uuid AS id, integration_id, stream, external_id, resource_type, reason, path,
        run_id, times_seen, first_seen_at, last_seen_at
      FROM sync_quarantine`);
    await runner.query(`
      CREATE VIEW provider_breaker_view AS SELECT provider, environment, state, retry_at FROM provider_breakers`);
    await runner.query(`
      CREATE VIEW record_view AS
      SELECT r.integration_id, r.resource_type, r.operation <> 'deleted' AND r.epoch = i.epoch AS is_live, r.synced_at
      FROM records r JOIN integration_view i ON i.id = r.integration_id`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP VIEW payment_review_view, record_view, provider_breaker_view, quarantine_view, deletion_plan_view, sync_log_view, sync_run_view,
        integration_status_view, provider_sighting_view, integration_view, access_token_view, api_key_view, merchant_view, audit_entry_view,
        database_generation_view`);
  }
}
