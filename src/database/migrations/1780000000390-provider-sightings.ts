import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each provider has been seen to send: names of fields, forms and words, since when. */
export class ProviderSightings1780000000390 implements MigrationInterface {
  readonly name = 'ProviderSightings1780000000390';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE provider_sightings (
        provider text NOT NULL,
        environment text NOT NULL,
        stream text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('field', 'form', 'word')),
        name text NOT NULL CHECK (length(name) <= 120),
        known boolean NOT NULL,
        rows integer NOT NULL,
        first_seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (provider, environment, stream, kind, name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE provider_sightings`);
  }
}
