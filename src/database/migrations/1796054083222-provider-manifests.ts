import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Providers that operators tell as data: each change is a row of its own, so that one can go back. */
export class ProviderManifests1796054083222 implements MigrationInterface {
  readonly name = 'ProviderManifests1796054083222';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE provider_manifests (
        provider text NOT NULL,
        -- grows by one, also over a deletion: a version stands for one text for ever
        version integer NOT NULL CHECK (version > 0),
        -- NULL: with this version it was deleted
        manifest text,
        stored_at timestamptz NOT NULL DEFAULT now(),
        stored_by text NOT NULL,
        PRIMARY KEY (provider, version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE provider_manifests`);
  }
}
