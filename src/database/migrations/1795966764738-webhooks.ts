import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** Endpoints, where each stands in the event log, what is held for it, and what became of its deliveries. */
export class Webhooks1795966764738 implements MigrationInterface {
  readonly name = 'Webhooks1795966764738';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE TABLE IF NOT EXISTS webhook_endpoints (
        id uuid PRIMARY KEY,
        merchant_id uuid NOT NULL REFERENCES merchants (id) ON DELETE CASCADE,
        environment text NOT NULL,
        url text NOT NULL,
        description text,
        event_types text[],
        providers text[],
        integration_ids uuid[],
        include_data boolean NOT NULL,
        ordering text NOT NULL CHECK (ordering IN ('parallel', 'strict')),
        rate_per_second integer,
        mirrored_signature boolean NOT NULL,
        disabled_reason text CHECK (disabled_reason IN ('switched_off', 'failing', 'gone')),
        disabled_at timestamptz CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
        secret_id uuid NOT NULL,
        public_key text NOT NULL,
        previous_secret_id uuid,
        previous_until timestamptz CHECK ((previous_until IS NULL) = (previous_secret_id IS NULL)),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`,
      `CREATE INDEX IF NOT EXISTS webhook_endpoints_by_merchant ON webhook_endpoints (merchant_id, environment)`,
      `CREATE TABLE IF NOT EXISTS webhook_cursors (
        endpoint_id uuid PRIMARY KEY REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
        position bigint NOT NULL,
        missed bigint NOT NULL DEFAULT 0,
        takes_new boolean NOT NULL DEFAULT true,
        concurrency smallint NOT NULL DEFAULT 1,
        failures integer NOT NULL DEFAULT 0,
        failing_since timestamptz,
        last_failure_at timestamptz,
        last_success_at timestamptz,
        warned smallint NOT NULL DEFAULT 0,
        not_before timestamptz,
        wake_at timestamptz,
        fence bigint NOT NULL DEFAULT 0,
        lease_owner text,
        lease_until timestamptz
      ) WITH (fillfactor = 50)`,
      `CREATE TABLE IF NOT EXISTS webhook_held (
        endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
        event_id uuid NOT NULL,
        position bigint NOT NULL,
        integration_id uuid,
        attempts smallint NOT NULL,
        due_at timestamptz NOT NULL,
        parked boolean NOT NULL DEFAULT false,
        held_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (endpoint_id, event_id)
      )`,
      `CREATE INDEX IF NOT EXISTS webhook_held_by_age ON webhook_held (held_at)`,
      `CREATE TABLE IF NOT EXISTS webhook_replays (
        id uuid PRIMARY KEY,
        endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
        position bigint NOT NULL,
        until_position bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`,
      `CREATE INDEX IF NOT EXISTS webhook_replays_by_endpoint ON webhook_replays (endpoint_id)`,
      `CREATE TABLE IF NOT EXISTS webhook_attempts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
        event_id uuid NOT NULL,
        event_type text NOT NULL,
        integration_id uuid,
        attempt smallint NOT NULL,
        attempted_at timestamptz NOT NULL,
        duration_ms integer NOT NULL,
        status smallint,
        error text,
        answer text,
        next_action text NOT NULL CHECK (next_action IN ('none', 'retry', 'parked', 'disabled')),
        next_attempt_at timestamptz
      )`,
      `CREATE INDEX IF NOT EXISTS webhook_attempts_by_endpoint ON webhook_attempts (endpoint_id, id)`,
      `CREATE INDEX IF NOT EXISTS webhook_attempts_by_age ON webhook_attempts (attempted_at)`,
      `CREATE INDEX IF NOT EXISTS webhook_attempts_by_integration ON webhook_attempts (integration_id)
         WHERE integration_id IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `DROP TABLE IF EXISTS webhook_attempts`,
      `DROP TABLE IF EXISTS webhook_replays`,
      `DROP TABLE IF EXISTS webhook_held`,
      `DROP TABLE IF EXISTS webhook_cursors`,
      `DROP TABLE IF EXISTS webhook_endpoints`,
    );
  }
}
