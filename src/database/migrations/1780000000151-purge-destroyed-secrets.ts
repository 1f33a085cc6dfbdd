import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PurgeDestroyedSecrets1780000000151 implements MigrationInterface {
  readonly name = 'PurgeDestroyedSecrets1780000000151';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX sealed_secrets_by_destruction ON sealed_secrets (destroyed_at) WHERE destroyed_at IS NOT NULL`);
    // a signing key outlives its private part, for as long as it verifies: the row of that part may go before it
    await runner.query(`
      ALTER TABLE signing_keys
        ALTER COLUMN secret_id DROP NOT NULL,
        DROP CONSTRAINT signing_keys_secret_id_fkey,
        ADD CONSTRAINT signing_keys_secret_id_fkey FOREIGN KEY (secret_id)
          REFERENCES sealed_secrets (id) ON DELETE SET NULL,
        ADD CONSTRAINT signing_keys_active_has_secret CHECK (status <> 'active' OR secret_id IS NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM signing_keys WHERE secret_id IS NULL`);
    await runner.query(`
      ALTER TABLE signing_keys
        DROP CONSTRAINT signing_keys_active_has_secret,
        DROP CONSTRAINT signing_keys_secret_id_fkey,
        ADD CONSTRAINT signing_keys_secret_id_fkey FOREIGN KEY (secret_id)
          REFERENCES sealed_secrets (id) ON DELETE RESTRICT,
        ALTER COLUMN secret_id SET NOT NULL`);
    await runner.query('DROP INDEX sealed_secrets_by_destruction');
  }
}
