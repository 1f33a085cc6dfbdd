import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** A logout names a session, its subject, or both. */
export class SessionEndsByBoth1796006876590 implements MigrationInterface {
  readonly name = 'SessionEndsByBoth1796006876590';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE operator_session_ends DROP CONSTRAINT IF EXISTS operator_session_ends_check`,
      `ALTER TABLE operator_session_ends DROP CONSTRAINT IF EXISTS operator_session_ends_named,
         ADD CONSTRAINT operator_session_ends_named CHECK (subject IS NOT NULL OR session_id IS NOT NULL)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE operator_session_ends DROP CONSTRAINT IF EXISTS operator_session_ends_named`,
      `ALTER TABLE operator_session_ends DROP CONSTRAINT IF EXISTS operator_session_ends_check,
         ADD CONSTRAINT operator_session_ends_check CHECK ((subject IS NULL) <> (session_id IS NULL)) NOT VALID`,
    );
  }
}
