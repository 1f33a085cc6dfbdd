import type { MigrationInterface, QueryRunner } from 'typeorm';

const RECORD_PARTITIONS = 16;

export class Sync1780000000011 implements MigrationInterface {
  readonly name = 'Sync1780000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sync_schedules (
        integration_id uuid PRIMARY KEY REFERENCES integrations (id) ON DELETE CASCADE,
        interval_ms bigint NOT NULL CHECK (interval_ms > 0),
        -- the same for life: a hash of the id, so that integrations made together do not fire together
        offset_ms bigint NOT NULL,
        next_due_at timestamptz NOT NULL,
        toggled_off boolean NOT NULL DEFAULT false,
        breaker_open boolean NOT NULL DEFAULT false,
        operator_paused boolean NOT NULL DEFAULT false,
        pause_reason text,
        fires boolean GENERATED ALWAYS AS (NOT (toggled_off OR breaker_open OR operator_paused)) STORED,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX sync_schedules_due ON sync_schedules (next_due_at) WHERE fires`);

    await runner.query(`
      CREATE TABLE sync_health (
        integration_id uuid PRIMARY KEY REFERENCES integrations (id) ON DELETE CASCADE,
        consecutive_errors integer NOT NULL DEFAULT 0,
        breaker text NOT NULL DEFAULT 'closed' CHECK (breaker IN ('closed', 'open', 'half_open')),
        breaker_cause text CHECK (breaker_cause IN ('failures', 'auth')),
        breaker_opened_at timestamptz,
        -- when an open breaker lets one probe through; null: only a person closes it
        probe_at timestamptz,
        last_sync_at timestamptz,
        last_error_at timestamptz,
        last_error text,
        last_error_code text,
        last_error_verdict text,
        last_error_since timestamptz,
        -- an outside worker says that it is syncing; shown until this time
        outside_syncing_until timestamptz,
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT sync_health_breaker_has_cause CHECK ((breaker = 'closed') = (breaker_cause IS NULL))
      ) WITH (fillfactor = 80)`);
    await runner.query(`CREATE INDEX sync_health_probes ON sync_health (probe_at) WHERE breaker = 'open'`);

    await runner.query(`
      CREATE TABLE sync_runs (
        id uuid PRIMARY KEY,
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        kind text NOT NULL,
        -- runs of one lane never overlap: syncs and erasures share one, pushes have their own
        lane text NOT NULL,
        trigger text NOT NULL CHECK (trigger IN ('scheduled', 'manual', 'single_retry', 'batch_retry')),
        state text NOT NULL CHECK (state IN ('waiting', 'queued', 'running', 'succeeded', 'failed', 'cancelled')),
        full_resync boolean NOT NULL DEFAULT false,
        probe boolean NOT NULL DEFAULT false,
        resources text[],
        attempt integer NOT NULL DEFAULT 1,
        retry_attempt integer NOT NULL DEFAULT 1,
        fence bigint NOT NULL DEFAULT 0,
        lease_owner text,
        lease_until timestamptz,
        not_before timestamptz,
        wait_reason text,
        due_at timestamptz NOT NULL DEFAULT now(),
        error_code text,
        error_verdict text,
        error text,
        trace_parent text,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        CONSTRAINT sync_runs_running_has_lease CHECK (state <> 'running' OR (lease_owner IS NOT NULL AND lease_until IS NOT NULL))
      )`);
    // an integration never has two live runs of a lane, whatever asks for them
    await runner.query(`
      CREATE UNIQUE INDEX sync_runs_one_live ON sync_runs (integration_id, lane) WHERE state IN ('queued', 'running')`);
    // and at most one more that waits behind it
    await runner.query(`
      CREATE UNIQUE INDEX sync_runs_one_waiting ON sync_runs (integration_id, lane) WHERE state = 'waiting'`);
    await runner.query(`
      CREATE INDEX sync_runs_unfinished ON sync_runs (state, coalesce(not_before, created_at), id)
      WHERE state IN ('waiting', 'queued', 'running')`);
    await runner.query(`CREATE INDEX sync_runs_by_integration ON sync_runs (integration_id, created_at DESC)`);

    await runner.query(`
      CREATE TABLE sync_logs (
        id uuid PRIMARY KEY,
        run_id uuid NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        provider text NOT NULL,
        resource_type text NOT NULL,
        status text NOT NULL CHECK (status IN ('pending', 'syncing', 'success', 'failed', 'skipped')),
        job_type text NOT NULL,
        attempt integer NOT NULL DEFAULT 1,
        started_at timestamptz,
        finished_at timestamptz,
        records_fetched integer NOT NULL DEFAULT 0,
        records_created integer NOT NULL DEFAULT 0,
        records_updated integer NOT NULL DEFAULT 0,
        records_unchanged integer NOT NULL DEFAULT 0,
        records_deleted integer NOT NULL DEFAULT 0,
        records_quarantined integer NOT NULL DEFAULT 0,
        error_code text,
        error_verdict text,
        error text,
        note text,
        next_action text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT sync_logs_one_per_resource UNIQUE (run_id, resource_type)
      ) WITH (fillfactor = 80)`);
    await runner.query(`CREATE INDEX sync_logs_by_integration ON sync_logs (integration_id, created_at DESC, id DESC)`);

    await runner.query(`
      CREATE TABLE sync_cursors (
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        stream text NOT NULL,
        resource_type text NOT NULL,
        cursor jsonb NOT NULL,
        last_sync_at timestamptz,
        last_sync_status text CHECK (last_sync_status IN ('idle', 'syncing', 'success', 'error')),
        last_sync_error text,
        items_processed bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (integration_id, stream)
      ) WITH (fillfactor = 60)`);

    // what a full scan saw, one row a commit: a record that no page of a complete scan holds is a candidate for
    // deletion
    await runner.query(`
      CREATE TABLE sync_scan_pages (
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        stream text NOT NULL,
        scan_id uuid NOT NULL,
        page integer NOT NULL,
        external_ids text[] NOT NULL,
        PRIMARY KEY (integration_id, stream, scan_id, page)
      )`);

    await runner.query(`
      CREATE TABLE sync_quarantine (
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        stream text NOT NULL,
        row_key text NOT NULL,
        external_id text,
        resource_type text NOT NULL,
        reason text NOT NULL,
        path text NOT NULL,
        row_digest text NOT NULL,
        run_id uuid NOT NULL,
        times_seen integer NOT NULL DEFAULT 1,
        first_seen_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (integration_id, stream, row_key)
      )`);

    await runner.query(`
      CREATE TABLE sync_deletion_plans (
        id uuid PRIMARY KEY,
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        stream text NOT NULL,
        resource_type text NOT NULL,
        run_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('held', 'approved', 'discarded')),
        external_ids text[] NOT NULL,
        live_records integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        decided_at timestamptz,
        decided_by text,
        reason text
      )`);
    // one open question per stream
    await runner.query(`
      CREATE UNIQUE INDEX sync_deletion_plans_one_held ON sync_deletion_plans (integration_id, stream) WHERE state = 'held'`);

    await runner.query(`
      CREATE TABLE sync_feeds (
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        resource_type text NOT NULL,
        -- the position of the last change; positions follow the order of commits, because every writer of records holds the
        -- integration's row lock
        position bigint NOT NULL DEFAULT 0,
        -- tombstones up to here may be gone: a reader that stands before it must start over
        trimmed_position bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (integration_id, resource_type)
      ) WITH (fillfactor = 50)`);

    // keyed and hash-partitioned by integration: every query names the integration, so it meets one partition, and a
    // partition can move to another machine. No foreign key: erasing an integration's records is a run of its own.
    await runner.query(`
      CREATE TABLE records (
        integration_id uuid NOT NULL,
        resource_type text NOT NULL,
        external_id text NOT NULL,
        id uuid NOT NULL,
        stream text NOT NULL,
        epoch integer NOT NULL,
        version integer NOT NULL,
        operation text NOT NULL CHECK (operation IN ('created', 'updated', 'deleted')),
        data jsonb NOT NULL,
        content_hash bytea NOT NULL,
        source_digest text,
        source_updated_at timestamptz,
        synced_at timestamptz NOT NULL DEFAULT now(),
        feed_position bigint NOT NULL,
        missed_scan uuid,
        missed_scans smallint NOT NULL DEFAULT 0,
        PRIMARY KEY (integration_id, resource_type, external_id)
      ) PARTITION BY HASH (integration_id)`);
    for (let remainder = 0; remainder < RECORD_PARTITIONS; remainder++) {
      await runner.query(`
        CREATE TABLE records_p${String(remainder).padStart(2, '0')} PARTITION OF records
        FOR VALUES WITH (MODULUS ${RECORD_PARTITIONS}, REMAINDER ${remainder})`);
    }
    await runner.query(`CREATE UNIQUE INDEX records_feed ON records (integration_id, resource_type, feed_position)`);

    await runner.query(`
      CREATE TABLE provider_breakers (
        provider text NOT NULL,
        environment text NOT NULL,
        state text NOT NULL CHECK (state IN ('closed', 'open')),
        opened_at timestamptz,
        retry_at timestamptz,
        -- one probe at a time: the run that may try while the breaker is open
        probe_run_id uuid,
        probe_until timestamptz,
        consecutive_opens integer NOT NULL DEFAULT 0,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (provider, environment)
      )`);
    // which merchants saw the provider fail lately: the quorum that tells an outage from one merchant's trouble
    await runner.query(`
      CREATE TABLE provider_failures (
        provider text NOT NULL,
        environment text NOT NULL,
        merchant_id uuid NOT NULL,
        verdict text NOT NULL,
        failed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (provider, environment, merchant_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'provider_failures',
      'provider_breakers',
      'records',
      'sync_feeds',
      'sync_deletion_plans',
      'sync_quarantine',
      'sync_scan_pages',
      'sync_cursors',
      'sync_logs',
      'sync_runs',
      'sync_health',
      'sync_schedules',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
