import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** Which request holds a claim: a later try of it takes the claim over. */
export class ClaimsByRequest1796021210494 implements MigrationInterface {
  readonly name = 'ClaimsByRequest1796021210494';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `ALTER TABLE integration_claims ADD COLUMN IF NOT EXISTS request_id uuid`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `ALTER TABLE integration_claims DROP COLUMN IF EXISTS request_id`);
  }
}
