import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RotationLease1780000000150 implements MigrationInterface {
  readonly name = 'RotationLease1780000000150';

  async up(runner: QueryRunner): Promise<void> {
    // who works on it, and until when that is believed without news; no lease: an operator stopped it
    await runner.query(`
      ALTER TABLE vault_rotations
        ADD COLUMN runner uuid,
        ADD COLUMN lease_until timestamptz,
        ADD COLUMN resumes integer NOT NULL DEFAULT 0,
        ADD CONSTRAINT vault_rotations_runner_has_lease CHECK (runner IS NULL OR lease_until IS NOT NULL)`);
    // one that is open now is free to be taken up
    await runner.query(`UPDATE vault_rotations SET lease_until = now() WHERE finished_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE vault_rotations DROP COLUMN runner, DROP COLUMN lease_until, DROP COLUMN resumes');
  }
}
