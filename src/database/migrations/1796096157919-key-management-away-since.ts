import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** Since when key management fails, which every process is told by the gate. */
export class KeyManagementAwaySince1796096157919 implements MigrationInterface {
  readonly name = 'KeyManagementAwaySince1796096157919';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE key_management_gate ADD COLUMN IF NOT EXISTS since timestamptz NOT NULL DEFAULT now()`,
      `CREATE OR REPLACE VIEW key_management_gate_view AS SELECT since FROM key_management_gate`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS key_management_gate_view`,
      `ALTER TABLE key_management_gate DROP COLUMN IF EXISTS since`,
    );
  }
}
