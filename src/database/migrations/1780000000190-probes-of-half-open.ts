import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A probe that was cancelled leaves its breaker half-open: the next one must find it. */
export class ProbesOfHalfOpen1780000000190 implements MigrationInterface {
  readonly name = 'ProbesOfHalfOpen1780000000190';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX sync_health_probes`);
    await runner.query(`CREATE INDEX sync_health_probes ON sync_health (probe_at) WHERE breaker <> 'closed'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX sync_health_probes`);
    await runner.query(`CREATE INDEX sync_health_probes ON sync_health (probe_at) WHERE breaker = 'open'`);
  }
}
