import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** How often in a row a run has met a closed gate: by that it waits longer, and not by how often it had its turn. */
export class GateWaits1796097123568 implements MigrationInterface {
  readonly name = 'GateWaits1796097123568';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `ALTER TABLE sync_runs ADD COLUMN IF NOT EXISTS gate_waits smallint NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `ALTER TABLE sync_runs DROP COLUMN IF EXISTS gate_waits`);
  }
}
