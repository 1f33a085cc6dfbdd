import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The feed's index is for readers of the feed alone. Without statistics, which a table has none of while its first
 * account is imported, PostgreSQL took it for as good a way to a record as the primary key, and read every record of
 * the integration for each one that was looked up. As a partial index it can only serve a query that asks for
 * positions.
 */
export class FeedIndexForReadersOnly1780000000200 implements MigrationInterface {
  readonly name = 'FeedIndexForReadersOnly1780000000200';

  async up(runner: QueryRunner): Promise<void> {
    // the old one goes last: readers of the feed wait for a moment, and not while the new one is built
    await runner.query(`
      CREATE UNIQUE INDEX records_feed_positions ON records (integration_id, resource_type, feed_position)
      WHERE feed_position > 0`);
    await runner.query(`DROP INDEX records_feed`);
    await runner.query(`ALTER INDEX records_feed_positions RENAME TO records_feed`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX records_feed`);
    await runner.query(`CREATE UNIQUE INDEX records_feed ON records (integration_id, resource_type, feed_position)`);
  }
}
