import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators retry alone, so that those of an hour count together. */
export class BulkRetries1796007619699 implements MigrationInterface {
  readonly name = 'BulkRetries1796007619699';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE admin_bulk_retries (
        id uuid PRIMARY KEY,
        subject text NOT NULL,
        entries integer NOT NULL CHECK (entries > 0),
        begun_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX admin_bulk_retries_by_subject ON admin_bulk_retries (subject, begun_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE admin_bulk_retries`);
  }
}
