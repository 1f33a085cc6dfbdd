import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditChain1780000000031 implements MigrationInterface {
  readonly name = 'AuditChain1780000000031';

  async up(runner: QueryRunner): Promise<void> {
    // tells an altered entry from a link that was moved, dropped or put in
    await runner.query(`ALTER TABLE audit_chain ADD COLUMN entry_hash bytea NOT NULL`);
    // what waits for the chainer, written with the entry: entries that commit late are chained late, and none is missed
    await runner.query(`CREATE TABLE audit_unchained (entry_id uuid PRIMARY KEY)`);
    await runner.query(`
      CREATE FUNCTION audit_mark_unchained() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO audit_unchained (entry_id) SELECT id FROM fresh;
        RETURN NULL;
      END $$`);
    await runner.query(`
      CREATE TRIGGER audit_entries_mark_unchained AFTER INSERT ON audit_entries
      REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit_mark_unchained()`);
    await runner.query(`INSERT INTO audit_unchained (entry_id) SELECT id FROM audit_entries`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER audit_entries_mark_unchained ON audit_entries');
    await runner.query('DROP FUNCTION audit_mark_unchained');
    await runner.query('DROP TABLE audit_unchained');
    await runner.query('ALTER TABLE audit_chain DROP COLUMN entry_hash');
  }
}
