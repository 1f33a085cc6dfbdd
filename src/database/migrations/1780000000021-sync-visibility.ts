import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SyncVisibility1780000000021 implements MigrationInterface {
  readonly name = 'SyncVisibility1780000000021';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sync_log_retries (
        -- one row per entry: a batch gives each failed entry one attempt, whatever asks again and how often
        log_id uuid PRIMARY KEY REFERENCES sync_logs (id) ON DELETE CASCADE,
        run_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE sync_watermarks (
        merchant_id uuid NOT NULL REFERENCES merchants (id) ON DELETE CASCADE,
        environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
        source text NOT NULL CHECK (source ~ '^[a-z0-9_-]{1,64}$'),
        resource_type text NOT NULL,
        id uuid NOT NULL UNIQUE,
        last_sync_at timestamptz,
        last_sync_status text CHECK (last_sync_status IN ('idle', 'syncing', 'success', 'error')),
        last_sync_error text,
        cursor text,
        items_synced bigint NOT NULL DEFAULT 0 CHECK (items_synced BETWEEN 0 AND 9007199254740991),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (merchant_id, environment, source, resource_type)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sync_watermarks');
    await runner.query('DROP TABLE sync_log_retries');
  }
}
