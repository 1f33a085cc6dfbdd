import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** Endpoints take turns: when each had its last one. */
export class EndpointTurns1796096085049 implements MigrationInterface {
  readonly name = 'EndpointTurns1796096085049';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `ALTER TABLE webhook_cursors ADD COLUMN IF NOT EXISTS turn_begun_at timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `ALTER TABLE webhook_cursors DROP COLUMN IF EXISTS turn_begun_at`);
  }
}
