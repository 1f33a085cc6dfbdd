import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Audit1780000000001 implements MigrationInterface {
  readonly name = 'Audit1780000000001';

  async up(runner: QueryRunner): Promise<void> {
    // no foreign keys: the log outlives what it speaks of
    await runner.query(`
      CREATE TABLE audit_entries (
        id uuid PRIMARY KEY,
        occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        action text NOT NULL,
        merchant_id uuid,
        environment text,
        actor_kind text NOT NULL,
        actor_id text NOT NULL,
        request_id text,
        subject_type text NOT NULL,
        subject_id text NOT NULL,
        reason text,
        details jsonb NOT NULL DEFAULT '{}'
      )`);
    await runner.query(`CREATE INDEX audit_entries_by_merchant ON audit_entries (merchant_id, occurred_at DESC)`);
    await runner.query(
      `CREATE INDEX audit_entries_by_subject ON audit_entries (subject_type, subject_id, occurred_at DESC)`,
    );
    // the chain is insert-only and written by one chainer; an entry's place in it is what makes tampering visible
    await runner.query(`
      CREATE TABLE audit_chain (
        sequence bigint PRIMARY KEY,
        entry_id uuid NOT NULL UNIQUE,
        hash bytea NOT NULL,
        chained_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query(`
      CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
      END $$`);
    for (const table of ['audit_entries', 'audit_chain']) {
      await runner.query(`
        CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE ON ${table}
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()`);
      await runner.query(`
        CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_chain');
    await runner.query('DROP TABLE audit_entries');
    await runner.query('DROP FUNCTION audit_refuse_change');
  }
}
