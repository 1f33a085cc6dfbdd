import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who uses the admin API, and which of their sessions the OpenID provider has ended. */
export class Operators1796005701417 implements MigrationInterface {
  readonly name = 'Operators1796005701417';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE operators (
        subject text PRIMARY KEY,
        name text,
        roles text[] NOT NULL,
        sign_in_method text CHECK (sign_in_method IN ('openid_connect', 'pasted_token')),
        first_seen_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        disabled_at timestamptz,
        disabled_by text CHECK ((disabled_at IS NULL) = (disabled_by IS NULL))
      )`);
    await runner.query(`
      CREATE TABLE operator_session_ends (
        token_id text PRIMARY KEY,
        session_id text,
        subject text CHECK ((subject IS NULL) <> (session_id IS NULL)),
        ended_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX operator_session_ends_by_time ON operator_session_ends (ended_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE operator_session_ends, operators`);
  }
}
