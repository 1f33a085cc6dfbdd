import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a record's time stamp was read by, so that only stamps of one reading are compared. What is stored has none: of
 * it the row that comes next counts. Notes of a log entry become a list of codes.
 */
export class SourceReading1780000000360 implements MigrationInterface {
  readonly name = 'SourceReading1780000000360';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE records ADD COLUMN source_reading integer`);
    await runner.query(`ALTER TABLE sync_logs ADD COLUMN notes text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE sync_logs DROP COLUMN notes`);
    await runner.query(`ALTER TABLE records DROP COLUMN source_reading`);
  }
}
