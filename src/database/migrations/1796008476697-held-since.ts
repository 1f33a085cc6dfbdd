import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

const COLUMNS = `id, integration_id, reference, provider_reference, external_invoice_id, external_customer_id, amount_minor,
  currency, created_at`;

/** Since when a payment is held, also after a search of an operator, and whether one is under way. */
export class HeldSince1796008476697 implements MigrationInterface {
  readonly name = 'HeldSince1796008476697';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `ALTER TABLE outbound_payments ADD COLUMN IF NOT EXISTS held_at timestamptz`);
    // the version before holds payments without the time; a payment in doubt has been called for and not been found yet
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW payment_review_view AS
       SELECT ${COLUMNS}, coalesce(held_at, updated_at) AS held_at, status = 'queued' AS is_searched
       FROM outbound_payments
       WHERE status = 'needs_review' OR status = 'queued' AND step = 'creating' AND held_at IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS payment_review_view`,
      `CREATE OR REPLACE VIEW payment_review_view AS SELECT ${COLUMNS}, updated_at AS held_at
       FROM outbound_payments WHERE status = 'needs_review'`,
      `ALTER TABLE outbound_payments DROP COLUMN IF EXISTS held_at`,
    );
  }
}
