import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** What the console and `explain` read of clocks of providers, names of operators, and payments that may go on. */
export class ClocksAndHeldPayments1796018762484 implements MigrationInterface {
  readonly name = 'ClocksAndHeldPayments1796018762484';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW provider_clock_view AS
       SELECT integration_id, min((cursor->'providerClock'->>'since')::timestamptz) AS since,
         (array_agg((cursor->'providerClock'->>'aheadMs')::bigint ORDER BY stream))[1] AS ahead_ms
       FROM sync_cursors WHERE cursor->>'providerClock' IS NOT NULL GROUP BY integration_id`,
      `CREATE OR REPLACE VIEW operator_view AS SELECT subject, name FROM operators`,
      `CREATE OR REPLACE VIEW open_payment_view AS
       SELECT run_id, integration_id FROM outbound_payments WHERE status IN ('queued', 'failed')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP VIEW IF EXISTS provider_clock_view, operator_view, open_payment_view`);
  }
}
