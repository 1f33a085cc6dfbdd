import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What tells an outage from some merchants' trouble, and what keeps failed runs from coming back all at once. */
export class NoNeighbour1780000000340 implements MigrationInterface {
  readonly name = 'NoNeighbour1780000000340';

  async up(runner: QueryRunner): Promise<void> {
    // by whom: one host that is dead is no outage, nor are merchants who have not succeeded lately (`counts`)
    await runner.query(`
      ALTER TABLE provider_failures ADD COLUMN host text NOT NULL DEFAULT '', ADD COLUMN counts boolean NOT NULL DEFAULT true`);
    // with many runs a judgement looks at thousands of them: it is made once in a while
    await runner.query(`ALTER TABLE provider_breakers ADD COLUMN judge_after timestamptz`);
    // of whatever verdict: how soon the next run comes goes by it
    await runner.query(`ALTER TABLE sync_health ADD COLUMN failed_runs integer NOT NULL DEFAULT 0`);
    // a person asked for the run: it asks the provider once whatever the budget's block; and how many workers died of
    // it in a row
    await runner.query(`
      ALTER TABLE sync_runs ADD COLUMN insists boolean NOT NULL DEFAULT false, ADD COLUMN deaths smallint NOT NULL DEFAULT 0`);
    // one row while key management fails, none while it works
    await runner.query(`
      CREATE TABLE key_management_gate (
        id boolean PRIMARY KEY DEFAULT true CHECK (id),
        retry_at timestamptz NOT NULL,
        failures integer NOT NULL,
        probe_run_id uuid,
        probe_until timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE key_management_gate`);
    await runner.query(`ALTER TABLE sync_runs DROP COLUMN deaths, DROP COLUMN insists`);
    await runner.query(`ALTER TABLE sync_health DROP COLUMN failed_runs`);
    await runner.query(`ALTER TABLE provider_breakers DROP COLUMN judge_after`);
    await runner.query(`ALTER TABLE provider_failures DROP COLUMN counts, DROP COLUMN host`);
  }
}
