import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** Who refreshes the tokens of a stored grant: one process at a time, over all processes. */
export class GrantRefreshes1796144001919 implements MigrationInterface {
  readonly name = 'GrantRefreshes1796144001919';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE TABLE IF NOT EXISTS grant_refreshes (
        credential_id uuid PRIMARY KEY REFERENCES sealed_secrets (id) ON DELETE CASCADE,
        fence bigint NOT NULL,
        lease_owner text,
        lease_until timestamptz,
        asked_at timestamptz)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP TABLE IF EXISTS grant_refreshes`);
  }
}
