import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** What became of each part of an approved act, and a second operator who is another person. */
export class ApprovalsOfPersons1796054559167 implements MigrationInterface {
  readonly name = 'ApprovalsOfPersons1796054559167';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE admin_approval_steps ADD COLUMN IF NOT EXISTS outcome jsonb`,
      // as personOf() of src/operators: with the prefix and without it is one person. What was decided before stands.
      `ALTER TABLE admin_approvals DROP CONSTRAINT IF EXISTS admin_approvals_two_persons,
         ADD CONSTRAINT admin_approvals_two_persons CHECK (
         state NOT IN ('approved', 'done', 'failed')
         OR regexp_replace(decided_by, '^oidc:', '') <> regexp_replace(requested_by, '^oidc:', '')) NOT VALID`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE admin_approvals DROP CONSTRAINT IF EXISTS admin_approvals_two_persons`,
      `ALTER TABLE admin_approval_steps DROP COLUMN IF EXISTS outcome`,
    );
  }
}
