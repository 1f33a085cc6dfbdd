import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IdempotentEffects1780000000130 implements MigrationInterface {
  readonly name = 'IdempotentEffects1780000000130';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE idempotency_records
        -- JSON, committed with the act itself: what a repetition answers when the process was killed before it stored its answer
        ADD COLUMN effect text,
        ADD COLUMN effect_secret_id uuid REFERENCES sealed_secrets (id) ON DELETE RESTRICT,
        ADD CONSTRAINT idempotency_records_secret_of_effect CHECK (effect IS NOT NULL OR effect_secret_id IS NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE idempotency_records DROP COLUMN effect_secret_id, DROP COLUMN effect');
  }
}
