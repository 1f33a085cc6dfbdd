import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Records that may be owed still, however old: each run asks for a few of them by their ids. Nearly all invoices are settled. */
export class FollowedRecords1780000000380 implements MigrationInterface {
  name = 'FollowedRecords1780000000380';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX records_followed ON records (integration_id, stream, external_id)
        WHERE resource_type = 'invoices' AND data->>'status' IN ('draft', 'open', 'partial', 'overdue')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX records_followed');
  }
}
