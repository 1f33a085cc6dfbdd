import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

const ENDPOINTS = `SELECT e.id, e.merchant_id, e.environment, e.disabled_reason, e.disabled_at, c.failing_since`;
const OF_ENDPOINTS = `FROM webhook_endpoints e JOIN webhook_cursors c ON c.endpoint_id = e.id`;
const PARKED = `SELECT h.endpoint_id, h.event_id, h.held_at, e.merchant_id, e.environment`;
const OF_PARKED = `FROM webhook_held h JOIN webhook_endpoints e ON e.id = h.endpoint_id WHERE h.parked`;
/** What its page is titled by: what the merchant calls it, else its host. A path or a query may hold a secret. */
const NAME = `coalesce(nullif(e.description, ''), lower(substring(e.url from '^[^:]+://(?:[^/?#@]*@)?([^/?#]+)')), 'unnamed') AS name`;

/** What operators call the endpoints that are found to fail. */
export class WebhookEndpointNames1796127722652 implements MigrationInterface {
  readonly name = 'WebhookEndpointNames1796127722652';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `CREATE OR REPLACE VIEW webhook_endpoint_view AS ${ENDPOINTS}, ${NAME} ${OF_ENDPOINTS}`);
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW webhook_parked_view AS ${PARKED}, e.disabled_reason, ${NAME} ${OF_PARKED}`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS webhook_endpoint_view, webhook_parked_view`,
      `CREATE OR REPLACE VIEW webhook_endpoint_view AS ${ENDPOINTS} ${OF_ENDPOINTS}`,
      `CREATE OR REPLACE VIEW webhook_parked_view AS ${PARKED} ${OF_PARKED}`,
    );
  }
}
