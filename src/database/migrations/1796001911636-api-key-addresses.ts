import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

const COLUMNS =
  'id, merchant_id, environment, name, display_prefix, scopes, rotated_from, created_at, expires_at, revoked_at, last_used_at';

/** Where a key may be used from. */
export class ApiKeyAddresses1796001911636 implements MigrationInterface {
  readonly name = 'ApiKeyAddresses1796001911636';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS allowed_cidrs text[]`,
      `CREATE OR REPLACE VIEW api_key_view AS SELECT ${COLUMNS}, allowed_cidrs FROM api_keys`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS api_key_view`,
      `CREATE OR REPLACE VIEW api_key_view AS SELECT ${COLUMNS} FROM api_keys`,
      `ALTER TABLE api_keys DROP COLUMN IF EXISTS allowed_cidrs`,
    );
  }
}
