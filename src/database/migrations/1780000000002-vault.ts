import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Vault1780000000002 implements MigrationInterface {
  readonly name = 'Vault1780000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sealed_secrets (
        id uuid PRIMARY KEY,
        purpose text NOT NULL,
        owner_id text NOT NULL,
        context jsonb NOT NULL,
        algorithm text NOT NULL,
        aad_version smallint NOT NULL,
        nonce bytea NOT NULL,
        tag bytea NOT NULL,
        ciphertext bytea NOT NULL,
        wrapped_key bytea,
        key_id text NOT NULL,
        key_version integer NOT NULL,
        generation integer NOT NULL DEFAULT 1,
        fingerprint text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        destroyed_at timestamptz,
        -- shredded means: the wrapped key is gone; one without the other would be half a shredding
        CONSTRAINT sealed_secrets_shredded CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
      )`);
    // rotation walks what is still under another key, by id
    await runner.query(`
      CREATE INDEX sealed_secrets_by_key ON sealed_secrets (key_id, key_version, id) WHERE destroyed_at IS NULL`);
    await runner.query(`CREATE INDEX sealed_secrets_by_owner ON sealed_secrets (purpose, owner_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sealed_secrets');
  }
}
