import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** Since when the events of an endpoint cannot be signed, and whether its key is missing or key management is away. */
export class UnsignedDeliveries1796141827932 implements MigrationInterface {
  readonly name = 'UnsignedDeliveries1796141827932';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE webhook_cursors ADD COLUMN IF NOT EXISTS unsigned_since timestamptz,
         ADD COLUMN IF NOT EXISTS lacks_key boolean NOT NULL DEFAULT false`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE webhook_cursors DROP COLUMN IF EXISTS unsigned_since, DROP COLUMN IF EXISTS lacks_key`,
    );
  }
}
