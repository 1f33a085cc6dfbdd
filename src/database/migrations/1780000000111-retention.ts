import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the retention job finds old rows by. */
export class Retention1780000000111 implements MigrationInterface {
  readonly name = 'Retention1780000000111';

  async up(runner: QueryRunner): Promise<void> {
    // partial: live records pay nothing for it
    await runner.query(`CREATE INDEX records_tombstones ON records (synced_at) WHERE operation = 'deleted'`);
    await runner.query(`CREATE INDEX sync_quarantine_by_age ON sync_quarantine (last_seen_at)`);
    await runner.query(`CREATE INDEX integration_events_by_age ON integration_events (occurred_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX integration_events_by_age, sync_quarantine_by_age, records_tombstones');
  }
}
