import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Auth1780000000004 implements MigrationInterface {
  readonly name = 'Auth1780000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_keys (
        id uuid PRIMARY KEY,
        -- a merchant that has keys is not to be deleted under them
        merchant_id uuid NOT NULL REFERENCES merchants (id) ON DELETE RESTRICT,
        environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
        name text NOT NULL,
        key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
        display_prefix text NOT NULL,
        scopes text[] NOT NULL,
        -- unique: a key is rotated once, so that two operators do not fork it
        rotated_from uuid UNIQUE REFERENCES api_keys (id) ON DELETE RESTRICT,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz
      )`);
    await runner.query(`CREATE INDEX api_keys_by_merchant ON api_keys (merchant_id, created_at)`);
    await runner.query(`
      CREATE TABLE signing_keys (
        kid uuid PRIMARY KEY,
        algorithm text NOT NULL CHECK (algorithm = 'ES256'),
        public_jwk jsonb NOT NULL CHECK (NOT public_jwk ? 'd'),
        secret_id uuid NOT NULL REFERENCES sealed_secrets (id) ON DELETE RESTRICT,
        status text NOT NULL CHECK (status IN ('active', 'retiring', 'retired')),
        created_at timestamptz NOT NULL DEFAULT now(),
        not_after timestamptz,
        retired_at timestamptz,
        CONSTRAINT signing_keys_retiring_ends CHECK (status <> 'retiring' OR not_after IS NOT NULL),
        CONSTRAINT signing_keys_retired CHECK ((status = 'retired') = (retired_at IS NOT NULL))
      )`);
    // one key signs at a time, however many processes make one at once
    await runner.query(`CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (status) WHERE status = 'active'`);
    // unlogged: the busiest table of all, and what a crash empties is a count that refills within two minutes anyway
    await runner.query(`
      CREATE UNLOGGED TABLE rate_limits (
        bucket text PRIMARY KEY,
        tokens double precision NOT NULL,
        granted integer NOT NULL,
        refilled_at timestamptz NOT NULL
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rate_limits');
    await runner.query('DROP TABLE signing_keys');
    await runner.query('DROP TABLE api_keys');
  }
}
