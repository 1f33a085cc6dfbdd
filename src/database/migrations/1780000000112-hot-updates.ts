import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Room on the page for the next version of rows that are updated while they live: such an update touches no index. */
const FILLFACTORS = { sync_runs: 85, api_keys: 90, idempotency_records: 85 };

export class HotUpdates1780000000112 implements MigrationInterface {
  readonly name = 'HotUpdates1780000000112';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, percent] of Object.entries(FILLFACTORS)) {
      await runner.query(`ALTER TABLE ${table} SET (fillfactor = ${percent})`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(FILLFACTORS)) await runner.query(`ALTER TABLE ${table} RESET (fillfactor)`);
  }
}
