import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** What other modules read of webhook endpoints. */
export class WebhookEndpointView1795981963672 implements MigrationInterface {
  readonly name = 'WebhookEndpointView1795981963672';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW webhook_endpoint_view AS
         SELECT e.id, e.merchant_id, e.environment, e.disabled_reason, e.disabled_at, c.failing_since
         FROM webhook_endpoints e JOIN webhook_cursors c ON c.endpoint_id = e.id`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP VIEW IF EXISTS webhook_endpoint_view`);
  }
}
