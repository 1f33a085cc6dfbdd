import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline, createIndexOnline, dropIndexOnline } from '../online-schema';

/** Events that endpoints were given up for, which nothing sends again by itself. */
export class ParkedEvents1796097629088 implements MigrationInterface {
  readonly name = 'ParkedEvents1796097629088';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexOnline(runner, {
      name: 'webhook_held_parked',
      table: 'webhook_held',
      on: '(endpoint_id, position) WHERE parked',
    });
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW webhook_parked_view AS
       SELECT h.endpoint_id, h.event_id, h.held_at, e.merchant_id, e.environment
       FROM webhook_held h JOIN webhook_endpoints e ON e.id = h.endpoint_id WHERE h.parked`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP VIEW IF EXISTS webhook_parked_view`);
    await dropIndexOnline(runner, 'webhook_held_parked');
  }
}
