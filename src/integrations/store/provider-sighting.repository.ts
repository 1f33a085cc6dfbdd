import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { ProviderId, Sighting } from '../../providers';

/** What providers have been seen to send: a bounded number of names of each list and kind, and nothing else. */
@Injectable()
export class ProviderSightingRepository {
  constructor(private readonly database: Database) {}

  /** Keeps those that are new, up to 200 fields, 400 forms and 200 words of a list; answers with them. */
  async add(
    provider: ProviderId,
    environment: Environment,
    sightings: readonly Sighting[],
  ): Promise<Pick<Sighting, 'stream' | 'kind' | 'name' | 'known'>[]> {
    return this.database.query(
      `INSERT INTO provider_sightings (provider, environment, stream, kind, name, known, rows)
       SELECT $1, $2, s.stream, s.kind, s.name, s.known, s.rows
       FROM (SELECT n.*, row_number() OVER (PARTITION BY n.stream, n.kind ORDER BY n.name) AS place
             FROM jsonb_to_recordset($3::jsonb) AS n(stream text, kind text, name text, known boolean, rows integer)) s
       WHERE s.place + (SELECT count(*) FROM provider_sightings p WHERE p.provider = $1 AND p.environment = $2
               AND p.stream = s.stream AND p.kind = s.kind) <= CASE s.kind WHEN 'form' THEN 400 ELSE 200 END
       ON CONFLICT DO NOTHING
       RETURNING stream, kind, name, known`,
      [provider, environment, JSON.stringify(sightings)],
    );
  }
}
