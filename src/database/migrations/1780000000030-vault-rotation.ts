import type { MigrationInterface, QueryRunner } from 'typeorm';

export class VaultRotation1780000000030 implements MigrationInterface {
  readonly name = 'VaultRotation1780000000030';

  async up(runner: QueryRunner): Promise<void> {
    // re-encryption is "every row whose data key is older than the rotation"
    await runner.query(`ALTER TABLE sealed_secrets ADD COLUMN data_key_at timestamptz NOT NULL DEFAULT now()`);
    // a destroyed secret stays destroyed though its whole row is put back from a copy
    await runner.query(`
      CREATE TABLE destroyed_secrets (
        id uuid PRIMARY KEY,
        destroyed_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE FUNCTION vault_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'what was destroyed stays destroyed' USING ERRCODE = 'insufficient_privilege';
      END $$`);
    await runner.query(`
      CREATE TRIGGER destroyed_secrets_append_only BEFORE UPDATE OR DELETE ON destroyed_secrets
      FOR EACH ROW EXECUTE FUNCTION vault_refuse_change()`);
    await runner.query(`
      CREATE TRIGGER destroyed_secrets_no_truncate BEFORE TRUNCATE ON destroyed_secrets
      FOR EACH STATEMENT EXECUTE FUNCTION vault_refuse_change()`);
    await runner.query(`
      CREATE TABLE vault_rotations (
        id uuid PRIMARY KEY,
        mode text NOT NULL CHECK (mode IN ('rewrap', 'reencrypt')),
        state text NOT NULL DEFAULT 'moving' CHECK (state IN ('moving', 'verifying', 'done', 'failed')),
        target_key_id text NOT NULL,
        target_key_version integer NOT NULL,
        requested_by text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        total integer NOT NULL,
        moved integer NOT NULL DEFAULT 0,
        verified integer NOT NULL DEFAULT 0,
        remaining integer,
        cursor uuid,
        failures jsonb NOT NULL DEFAULT '[]',
        CONSTRAINT vault_rotations_finished CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'failed')))
      )`);
    // two rotations to different keys would undo each other
    await runner.query(`
      CREATE UNIQUE INDEX vault_rotations_one_running ON vault_rotations ((true)) WHERE finished_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE vault_rotations');
    await runner.query('DROP TABLE destroyed_secrets');
    await runner.query('DROP FUNCTION vault_refuse_change');
    await runner.query('ALTER TABLE sealed_secrets DROP COLUMN data_key_at');
  }
}
