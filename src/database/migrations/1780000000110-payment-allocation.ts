import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PaymentAllocation1780000000110 implements MigrationInterface {
  readonly name = 'PaymentAllocation1780000000110';

  async up(runner: QueryRunner): Promise<void> {
    // an answer that was lost is found minutes later: a synced invoice that changed since the call was sent may show it
    // already
    await runner.query('ALTER TABLE outbound_payments ADD COLUMN allocation_begun_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbound_payments DROP COLUMN allocation_begun_at');
  }
}
