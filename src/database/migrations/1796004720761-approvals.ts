import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** What one operator asks for and another one decides. */
export class Approvals1796004720761 implements MigrationInterface {
  readonly name = 'Approvals1796004720761';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      // whoever asked approves nothing of their own, whatever the code above does
      `CREATE TABLE IF NOT EXISTS admin_approvals (
        id uuid PRIMARY KEY,
        act text NOT NULL,
        target text,
        summary text NOT NULL,
        parameters jsonb NOT NULL,
        state text NOT NULL DEFAULT 'waiting'
          CHECK (state IN ('waiting', 'approved', 'done', 'failed', 'refused', 'expired')),
        requested_by text NOT NULL,
        reason text NOT NULL,
        requested_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        decided_by text,
        decision_reason text,
        decided_at timestamptz,
        error text,
        lease_until timestamptz,
        CHECK (state NOT IN ('approved', 'done', 'failed') OR (decided_by IS NOT NULL AND decided_by <> requested_by))
      )`,
      `CREATE UNIQUE INDEX IF NOT EXISTS admin_approvals_open ON admin_approvals (act, target)
         WHERE state IN ('waiting', 'approved')`,
      `CREATE INDEX IF NOT EXISTS admin_approvals_by_time ON admin_approvals (requested_at DESC, id DESC)`,
      `CREATE TABLE IF NOT EXISTS admin_approval_steps (
        approval_id uuid NOT NULL REFERENCES admin_approvals (id) ON DELETE CASCADE,
        step text NOT NULL,
        PRIMARY KEY (approval_id, step)
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(runner, `DROP TABLE IF EXISTS admin_approval_steps`, `DROP TABLE IF EXISTS admin_approvals`);
  }
}
