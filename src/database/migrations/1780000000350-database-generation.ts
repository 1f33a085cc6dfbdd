import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DatabaseGeneration1780000000350 implements MigrationInterface {
  readonly name = 'DatabaseGeneration1780000000350';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE database_generation (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        -- counts the restores that an operator reported
        generation integer NOT NULL DEFAULT 1,
        -- the incarnation that was seen last, and since when
        incarnation text NOT NULL,
        since timestamptz NOT NULL
      )`);
    await runner.query(`INSERT INTO database_generation (incarnation, since) VALUES ('', '-infinity')`);
    // What is written under one incarnation is lost or older under another: a promoted standby has another timeline, a
    // cluster that was made anew another identifier, tables that were restored from a dump other oids; for the rest
    // there is the counter.
    await runner.query(`
      CREATE FUNCTION database_incarnation() RETURNS text LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
      DECLARE
        cluster text := '-';
        timeline text := '-';
      BEGIN
        -- managed databases may keep these to themselves
        BEGIN
          cluster := (SELECT system_identifier FROM pg_control_system());
        EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN NULL;
        END;
        BEGIN
          timeline := left(pg_walfile_name(pg_current_wal_lsn()), 8);
        EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported
          OR object_not_in_prerequisite_state THEN NULL;
        END;
        RETURN concat_ws('/', cluster, timeline, 'database_generation'::regclass::oid,
                         (SELECT generation FROM database_generation));
      END $$`);
    await runner.query(`UPDATE database_generation SET incarnation = database_incarnation()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION database_incarnation()');
    await runner.query('DROP TABLE database_generation');
  }
}
