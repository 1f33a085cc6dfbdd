import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** What other modules read of the keys of nodes. */
export class NodeKeyView1796005141391 implements MigrationInterface {
  readonly name = 'NodeKeyView1796005141391';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW node_integration_view AS SELECT id, name, expires_at, created_at, deleted_at FROM node_integrations`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP VIEW IF EXISTS node_integration_view`);
  }
}
