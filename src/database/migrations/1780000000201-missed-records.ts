import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The candidates of a deletion are found ten at a time: not by reading the whole account each time. Records in good
 * standing have no entry.
 */
export class MissedRecords1780000000201 implements MigrationInterface {
  readonly name = 'MissedRecords1780000000201';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX records_missed ON records (integration_id, resource_type, missed_scan, external_id) WHERE missed_scans > 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX records_missed`);
  }
}
