import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Idempotency1780000000005 implements MigrationInterface {
  readonly name = 'Idempotency1780000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_records (
        id uuid PRIMARY KEY,
        scope bytea NOT NULL UNIQUE,
        fingerprint bytea NOT NULL,
        state text NOT NULL CHECK (state IN ('running', 'done')),
        lease_token uuid NOT NULL,
        lease_until timestamptz NOT NULL,
        status smallint,
        headers jsonb,
        answer text,
        secret_id uuid REFERENCES sealed_secrets (id) ON DELETE RESTRICT,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        -- done means: there is an answer to give again, in clear or sealed, never both
        CONSTRAINT idempotency_records_done CHECK (
          (state = 'done') = (status IS NOT NULL) AND (state = 'done') = (num_nonnulls(answer, secret_id) = 1))
      )`);
    await runner.query(`CREATE INDEX idempotency_records_by_expiry ON idempotency_records (expires_at)`);
    await runner.query(`
      CREATE TABLE idempotency_digest_key (
        id smallint PRIMARY KEY CHECK (id = 1),
        secret_id uuid NOT NULL REFERENCES sealed_secrets (id) ON DELETE RESTRICT
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_digest_key');
    await runner.query('DROP TABLE idempotency_records');
  }
}
