import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline, createIndexOnline, dropIndexOnline } from '../online-schema';

/** What happened, in commit order, and how far each record feed has been announced there. */
export class EventLog1795966704738 implements MigrationInterface {
  readonly name = 'EventLog1795966704738';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE TABLE IF NOT EXISTS event_logs (
        merchant_id uuid NOT NULL REFERENCES merchants (id) ON DELETE CASCADE,
        environment text NOT NULL,
        position bigint NOT NULL DEFAULT 0,
        trimmed_position bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (merchant_id, environment)
      ) WITH (fillfactor = 50)`,
      `CREATE TABLE IF NOT EXISTS events (
        merchant_id uuid NOT NULL,
        environment text NOT NULL,
        position bigint NOT NULL,
        id uuid NOT NULL UNIQUE,
        type text NOT NULL,
        integration_id uuid,
        provider text,
        occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        data jsonb NOT NULL CHECK (octet_length(data::text) <= 16384),
        PRIMARY KEY (merchant_id, environment, position),
        FOREIGN KEY (merchant_id, environment) REFERENCES event_logs (merchant_id, environment) ON DELETE CASCADE
      )`,
      // what other modules read of them
      `CREATE OR REPLACE VIEW event_log_view AS SELECT merchant_id, environment, position FROM event_logs`,
      `CREATE INDEX IF NOT EXISTS events_by_age ON events (occurred_at)`,
      `CREATE INDEX IF NOT EXISTS events_by_integration ON events (integration_id) WHERE integration_id IS NOT NULL`,
      `ALTER TABLE sync_feeds ADD COLUMN IF NOT EXISTS announced_position bigint NOT NULL DEFAULT 0`,
      // what changed before there was anybody to tell is not announced
      `UPDATE sync_feeds SET announced_position = position WHERE announced_position = 0`,
      `ALTER TABLE sync_feeds ADD COLUMN IF NOT EXISTS unannounced boolean NOT NULL
         GENERATED ALWAYS AS (position > announced_position) STORED`,
    );
    // on what seldom changes: a feed that moves again and again is updated in place
    await createIndexOnline(runner, {
      name: 'sync_feeds_unannounced',
      table: 'sync_feeds',
      on: `(integration_id, resource_type) WHERE unannounced`,
    });
    await alterOnline(
      runner,
      `ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS expiry_told boolean NOT NULL DEFAULT false`,
    );
    // a key that lives is told about once
    await createIndexOnline(runner, {
      name: 'api_keys_expiry_to_tell',
      table: 'api_keys',
      on: `(expires_at) WHERE expires_at IS NOT NULL AND revoked_at IS NULL AND NOT expiry_told`,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexOnline(runner, 'api_keys_expiry_to_tell');
    await dropIndexOnline(runner, 'sync_feeds_unannounced');
    await alterOnline(
      runner,
      `ALTER TABLE api_keys DROP COLUMN IF EXISTS expiry_told`,
      `ALTER TABLE sync_feeds DROP COLUMN IF EXISTS unannounced, DROP COLUMN IF EXISTS announced_position`,
      `DROP VIEW IF EXISTS event_log_view`,
      `DROP TABLE IF EXISTS events`,
      `DROP TABLE IF EXISTS event_logs`,
    );
  }
}
