import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline, createIndexOnline, dropIndexOnline } from '../online-schema';

/** A run has ended, or else has begun, or else was asked for: the last of it is what a reader of runs looks for. */
const CHANGED_AT = 'coalesce(finished_at, started_at, created_at)';
const COLUMNS = `id, integration_id, kind, lane, trigger, state, full_resync, probe, attempt, wait_reason, not_before, error_code, error, created_at,
         started_at, finished_at, lease_until, due_at, deaths, calls, split_part(trace_parent, '-', 2) AS trace_id`;

/** Runs by the last that happened to them, of all merchants and of one integration. */
export class RunsByLastChange1796142685599 implements MigrationInterface {
  readonly name = 'RunsByLastChange1796142685599';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexOnline(runner, {
      name: 'sync_runs_changed',
      table: 'sync_runs',
      on: `((${CHANGED_AT}) DESC, id DESC)`,
    });
    await createIndexOnline(runner, {
      name: 'sync_runs_changed_by_integration',
      table: 'sync_runs',
      on: `(integration_id, (${CHANGED_AT}) DESC, id DESC)`,
    });
    await dropIndexOnline(runner, 'sync_runs_newest');
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW sync_run_view AS SELECT ${COLUMNS}, ${CHANGED_AT} AS changed_at FROM sync_runs`,
    );
  }

  /** Only a new view can leave a column out. */
  async down(runner: QueryRunner): Promise<void> {
    await createIndexOnline(runner, { name: 'sync_runs_newest', table: 'sync_runs', on: '(created_at DESC, id DESC)' });
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS sync_run_view`,
      `CREATE OR REPLACE VIEW sync_run_view AS SELECT ${COLUMNS} FROM sync_runs`,
    );
    await dropIndexOnline(runner, 'sync_runs_changed_by_integration');
    await dropIndexOnline(runner, 'sync_runs_changed');
  }
}
