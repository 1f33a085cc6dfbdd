import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** Endpoints that answer late have a share of the places, as those that fail have. */
export class SlowEndpoints1796072052608 implements MigrationInterface {
  readonly name = 'SlowEndpoints1796072052608';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE webhook_cursors ADD COLUMN IF NOT EXISTS slow boolean NOT NULL DEFAULT false`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `ALTER TABLE webhook_cursors DROP COLUMN IF EXISTS slow`);
  }
}
