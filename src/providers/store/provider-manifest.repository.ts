import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';

const MANIFESTS_LOCK = 4_711_041;

export interface ManifestVersion {
  readonly version: number;
  readonly storedAt: Date;
  /** The operator. */
  readonly storedBy: string;
  /** With this version it was deleted. */
  readonly isDeletion: boolean;
}

export interface StoredManifest {
  readonly provider: string;
  readonly version: number;
  /** null: deleted. */
  readonly manifest: string | null;
}

/** What is stored now; `manifest` null: the caller has this version. */
export interface CurrentManifest {
  readonly provider: string;
  readonly version: number;
  readonly manifest: string | null;
}

@Injectable()
export class ProviderManifestRepository {
  constructor(private readonly database: Database) {}

  /** All that are not deleted, with the text of those whose version differs from the one that the caller knows. */
  async current(known: ReadonlyMap<string, number>): Promise<CurrentManifest[]> {
    return this.database.query<CurrentManifest>(
      `SELECT m.provider, m.version, CASE WHEN k.version IS DISTINCT FROM m.version THEN m.manifest END AS manifest
       FROM (SELECT DISTINCT ON (provider) provider, version, manifest FROM provider_manifests
             ORDER BY provider, version DESC) m
       LEFT JOIN unnest($1::text[], $2::integer[]) AS k (provider, version) ON k.provider = m.provider
       WHERE m.manifest IS NOT NULL ORDER BY m.provider`,
      [[...known.keys()], [...known.values()]],
    );
  }

  /** The newest first. */
  async versions(provider: string): Promise<ManifestVersion[]> {
    return this.database.query<ManifestVersion>(
      `SELECT version, stored_at AS "storedAt", stored_by AS "storedBy", manifest IS NULL AS "isDeletion"
       FROM provider_manifests WHERE provider = $1 ORDER BY version DESC`,
      [provider],
    );
  }

  /** `version` null: the newest. */
  async find(provider: string, version: number | null): Promise<StoredManifest | null> {
    const rows = await this.database.query<StoredManifest>(
      `SELECT provider, version, manifest FROM provider_manifests
       WHERE provider = $1 AND ($2::integer IS NULL OR version = $2) ORDER BY version DESC LIMIT 1`,
      [provider, version],
    );
    return rows[0] ?? null;
  }

  /** Changes come one after the other. */
  async lock(tx: Tx): Promise<void> {
    await sqlOf(tx).query('SELECT pg_advisory_xact_lock($1)', [MANIFESTS_LOCK]);
  }

  /** Precondition: `lock`. How many there are beside this one, and its newest version. */
  async standing(tx: Tx, provider: string): Promise<{ others: number; newest: StoredManifest | null }> {
    const newest = await sqlOf(tx).query<StoredManifest>(
      `SELECT provider, version, manifest FROM provider_manifests WHERE provider = $1 ORDER BY version DESC LIMIT 1`,
      [provider],
    );
    const others = await sqlOf(tx).query<{ count: number }>(
      `SELECT count(*) AS count FROM (SELECT DISTINCT ON (provider) provider, manifest FROM provider_manifests
         WHERE provider <> $1 ORDER BY provider, version DESC) m WHERE m.manifest IS NOT NULL`,
      [provider],
    );
    return { others: others[0]!.count, newest: newest[0] ?? null };
  }

  /** Precondition: `lock`. Keeps the newest versions, so many. */
  async add(tx: Tx, { provider, version, manifest }: StoredManifest, by: string, keptVersions: number): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO provider_manifests (provider, version, manifest, stored_by) VALUES ($1, $2, $3, $4)`,
      [provider, version, manifest, by],
    );
    await sqlOf(tx).execute(`DELETE FROM provider_manifests WHERE provider = $1 AND version <= $2`, [
      provider,
      version - keptVersions,
    ]);
  }
}
