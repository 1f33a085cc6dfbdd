import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** How far each receiver of the audit chain is. */
export class AuditStreams1796000875832 implements MigrationInterface {
  readonly name = 'AuditStreams1796000875832';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE TABLE IF NOT EXISTS audit_streams (
        destination text PRIMARY KEY,
        position bigint NOT NULL DEFAULT 0,
        fence bigint NOT NULL DEFAULT 0,
        lease_owner text,
        lease_until timestamptz,
        retry_at timestamptz,
        last_error text
      ) WITH (fillfactor = 50)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP TABLE IF EXISTS audit_streams`);
  }
}
