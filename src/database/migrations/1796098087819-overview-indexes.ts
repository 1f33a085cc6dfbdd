import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline, createIndexOnline, dropIndexOnline } from '../online-schema';

/** What the overview looks for again and again are few rows of large tables. */
export class OverviewIndexes1796098087819 implements MigrationInterface {
  readonly name = 'OverviewIndexes1796098087819';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // the condition of payment_review_view, word for word
    await createIndexOnline(runner, {
      name: 'outbound_payments_held',
      table: 'outbound_payments',
      on: `(integration_id) WHERE status = 'needs_review' OR status = 'queued' AND step = 'creating' AND held_at IS NOT NULL`,
    });
    await createIndexOnline(runner, {
      name: 'sync_runs_failed',
      table: 'sync_runs',
      on: `(finished_at) WHERE state = 'failed'`,
    });
    // no index on what a cursor holds: with one, no page could be committed as a HOT update
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW unproven_filter_view AS
       SELECT integration_id, min((cursor->'filter'->>'checkedAt')::timestamptz) AS since
       FROM sync_cursors WHERE cursor->'filter'->>'state' IN ('unproven', 'refused') GROUP BY integration_id`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP VIEW IF EXISTS unproven_filter_view`);
    await dropIndexOnline(runner, 'sync_runs_failed');
    await dropIndexOnline(runner, 'outbound_payments_held');
  }
}
