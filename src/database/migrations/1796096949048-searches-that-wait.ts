import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

const VIEW = `SELECT id, integration_id, reference, provider_reference, external_invoice_id, external_customer_id,
  amount_minor, currency, created_at, coalesce(held_at, updated_at) AS held_at, status = 'queued' AS is_searched`;
const HELD = `FROM outbound_payments
  WHERE status = 'needs_review' OR status = 'queued' AND step = 'creating' AND held_at IS NOT NULL`;

/** Which run searches for a held payment, and when it may. */
export class SearchesThatWait1796096949048 implements MigrationInterface {
  readonly name = 'SearchesThatWait1796096949048';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `CREATE OR REPLACE VIEW payment_review_view AS ${VIEW}, run_id, next_attempt_at ${HELD}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS payment_review_view`,
      `CREATE OR REPLACE VIEW payment_review_view AS ${VIEW} ${HELD}`,
    );
  }
}
