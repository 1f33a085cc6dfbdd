import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/**
 * Where the removal of a former account's records stands: a row for each resource type, until the last of them has left
 * the feed.
 */
export class FormerRecords1780000000370 implements MigrationInterface {
  readonly name = 'FormerRecords1780000000370';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE TABLE IF NOT EXISTS sync_former_records (
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        resource_type text NOT NULL,
        -- records up to here have been looked at; null: none
        done_to text,
        since timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (integration_id, resource_type)
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP TABLE IF EXISTS sync_former_records`);
  }
}
