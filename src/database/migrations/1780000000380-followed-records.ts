import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, dropIndexOnline } from '../online-schema';

/**
 * Records that may be owed still, however old: each run asks for a few of them by their ids. Nearly all invoices are
 * settled.
 */
export class FollowedRecords1780000000380 implements MigrationInterface {
  readonly name = 'FollowedRecords1780000000380';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexOnline(runner, {
      name: 'records_followed',
      table: 'records',
      on: `(integration_id, stream, external_id)
        WHERE resource_type = 'invoices' AND data->>'status' IN ('draft', 'open', 'partial', 'overdue')`,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexOnline(runner, 'records_followed');
  }
}
