import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PaymentsSearchedFirst1780000000351 implements MigrationInterface {
  readonly name = 'PaymentsSearchedFirst1780000000351';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE outbound_payments
        -- where and when it came to rest before its next call, and whether that call was ever begun since
        ADD COLUMN rested_in text NOT NULL DEFAULT 'unknown',
        ADD COLUMN rested_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN tried boolean NOT NULL DEFAULT false,
        -- it is searched for before it is sent: how likely it is that a call was made of which nothing is known here
        ADD COLUMN doubt text CHECK (doubt IN ('slight', 'grave')),
        ADD CONSTRAINT outbound_payments_doubt_is_searched
          CHECK (doubt IS NULL OR step IN ('creating', 'allocating', 'logging'))`);
    await runner.query(`ALTER TABLE outbound_payments ALTER COLUMN rested_in SET DEFAULT database_incarnation()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE outbound_payments DROP COLUMN rested_in, DROP COLUMN rested_at, DROP COLUMN tried, DROP COLUMN doubt`);
  }
}
