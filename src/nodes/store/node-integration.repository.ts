import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { KeyRights } from '../delegation';
import type { Reach } from '../node-access';
import { listed, subtree, withinReach, type Listed, type NodePage } from './node.repository';

/** An integration as it may be shown: never its secret, nor the secret's hash. */
export interface NodeIntegration {
  readonly id: string;
  readonly nodeId: string;
  readonly name: string;
  readonly apiKey: string;
  readonly permissions: readonly string[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** What the key of a caller allows, and until when each of its secrets does. */
export interface HeldKey extends KeyRights {
  readonly deleted: boolean;
  readonly secretNumber: number;
  readonly previousSecretUntil: Date | null;
  /** Of the secret that opened the session of the caller's token; null: the token is of no session. */
  readonly openedBySecret: number | null;
}

/** What an exchange is decided by; read together with the database's time. */
export interface ExchangeCandidate extends NodeIntegration {
  readonly secretHash: string;
  readonly secretNumber: number;
  /** null: no other secret is good any more. */
  readonly previousSecretHash: string | null;
  readonly previousSecretUntil: Date | null;
  /** Neither deleted nor expired. */
  readonly live: boolean;
  readonly tokensEndedAt: Date | null;
  readonly merchantId: string | null;
  readonly environment: Environment | null;
  /** Changes with every change of the row. */
  readonly version: number;
  readonly now: Date;
}

const COLUMNS = `i.id, i.node_id AS "nodeId", i.name, i.api_key AS "apiKey", i.permissions, i.expires_at AS "expiresAt",
  i.created_at AS "createdAt"`;
const IS_LIVE = `i.deleted_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > now())`;
const VERSION = `(extract(epoch FROM i.updated_at) * 1000000)::bigint`;
/** Tokens count whole seconds, so two ends in one second are told apart by moving the second one on. */
const END_TOKENS = `greatest(clock_timestamp(), tokens_ended_at + interval '1 second')`;
/** With `node_integrations i JOIN nodes n`. */
export const CANDIDATE_COLUMNS = `${COLUMNS}, i.secret_hash AS "secretHash", i.secret_number AS "secretNumber",
  CASE WHEN i.previous_secret_until > now() THEN i.previous_secret_hash END AS "previousSecretHash",
  CASE WHEN i.previous_secret_until > now() THEN i.previous_secret_until END AS "previousSecretUntil",
  ${IS_LIVE} AS live, i.tokens_ended_at AS "tokensEndedAt", n.merchant_id AS "merchantId", n.environment,
  ${VERSION} AS version, now() AS now`;

@Injectable()
export class NodeIntegrationRepository {
  constructor(private readonly database: Database) {}

  /** Tells whether it was written: not when another one has that API key. */
  async insert(
    tx: Tx,
    row: Omit<NodeIntegration, 'createdAt'> & { secretHash: string },
  ): Promise<NodeIntegration | null> {
    const rows = await sqlOf(tx).query<NodeIntegration>(
      `INSERT INTO node_integrations AS i (id, node_id, name, api_key, secret_hash, permissions, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (api_key) DO NOTHING RETURNING ${COLUMNS}`,
      [row.id, row.nodeId, row.name, row.apiKey, row.secretHash, row.permissions, row.expiresAt],
    );
    return rows[0] ?? null;
  }

  /** null: there is no such node within reach. */
  async list(reach: Reach, nodeId: string, page: NodePage): Promise<Listed<NodeIntegration> | null> {
    const rows = await this.database.query<NodeIntegration & { total: number }>(
      `SELECT counted.total, page.* FROM nodes n
       CROSS JOIN LATERAL (SELECT count(*) AS total FROM node_integrations i
                           WHERE i.node_id = n.id AND i.deleted_at IS NULL) counted
       LEFT JOIN LATERAL (SELECT ${COLUMNS} FROM node_integrations i WHERE i.node_id = n.id AND i.deleted_at IS NULL
                          ORDER BY i.created_at, i.id LIMIT $3 OFFSET $4) page ON true
       WHERE n.id = $1 AND ${withinReach('n.path', '$2')} ORDER BY page."createdAt", page.id`,
      [nodeId, reach, page.limit, page.offset],
    );
    return rows.length === 0 ? null : listed(rows);
  }

  async find(reach: Reach, id: string): Promise<NodeIntegration | null> {
    const rows = await this.database.query<NodeIntegration>(
      `SELECT ${COLUMNS} FROM node_integrations i JOIN nodes n ON n.id = i.node_id
       WHERE i.id = $1 AND i.deleted_at IS NULL AND ${withinReach('n.path', '$2')}`,
      [id, reach],
    );
    return rows[0] ?? null;
  }

  async nameIsTaken(nodeId: string, name: string): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM node_integrations i WHERE i.node_id = $1 AND i.name = $2 AND ${IS_LIVE}`,
      [nodeId, name],
    );
    return rows.length > 0;
  }

  /** Precondition: the node's row is locked, so that two of one name cannot be written at once. */
  async othersHaveName(tx: Tx, nodeId: string, name: string, id: string | null): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      `SELECT 1 FROM node_integrations i WHERE i.node_id = $1 AND i.name = $2 AND i.id IS DISTINCT FROM $3 AND ${IS_LIVE}`,
      [nodeId, name, id],
    );
    return rows.length > 0;
  }

  async lock(tx: Tx, id: string): Promise<NodeIntegration | null> {
    const rows = await sqlOf(tx).query<NodeIntegration>(
      `SELECT ${COLUMNS} FROM node_integrations i WHERE i.id = $1 AND i.deleted_at IS NULL FOR UPDATE`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** What a key may, deleted or not; it stays so until the transaction ends. null: there is no such key. */
  async holdRights(tx: Tx, id: string, tokenId: string | null): Promise<HeldKey | null> {
    const rows = await sqlOf(tx).query<HeldKey>(
      `SELECT i.permissions, i.expires_at AS "expiresAt", i.deleted_at IS NOT NULL AS deleted,
         i.secret_number AS "secretNumber", i.previous_secret_until AS "previousSecretUntil",
         (SELECT s.secret_number FROM node_sessions s JOIN node_refresh_tokens t ON t.session_id = s.id
          WHERE s.integration_id = i.id AND t.access_jti = $2) AS "openedBySecret"
       FROM node_integrations i WHERE i.id = $1 FOR SHARE OF i`,
      [id, tokenId],
    );
    return rows[0] ?? null;
  }

  /**
   * All that the live keys allow together whose reach a move changes, as one key would: those of the subtree, and those
   * of the nodes above it, before or after, but not both. null: there are none. Precondition: the paths are locked.
   */
  async rightsMovedBy(tx: Tx, from: string, to: string): Promise<KeyRights | null> {
    const rows = await sqlOf(tx).query<{ keys: number; permissions: string[]; forEver: boolean; last: Date | null }>(
      `WITH above AS (
         SELECT string_to_array(trim(both '/' from $1), '/')::uuid[] AS before,
                string_to_array(trim(both '/' from $2), '/')::uuid[] AS after),
       moved AS (
         SELECT i.permissions, i.expires_at FROM nodes n JOIN node_integrations i ON i.node_id = n.id
         WHERE ${subtree('n.path', '$1::text')} AND ${IS_LIVE}
         UNION ALL
         SELECT i.permissions, i.expires_at FROM above JOIN node_integrations i ON i.node_id = ANY (before || after)
         WHERE NOT (i.node_id = ANY (before) AND i.node_id = ANY (after)) AND ${IS_LIVE})
       SELECT count(*) AS keys, coalesce(bool_or(expires_at IS NULL), false) AS "forEver", max(expires_at) AS last,
         ARRAY(SELECT DISTINCT unnest(permissions) FROM moved) AS permissions FROM moved`,
      [from, to],
    );
    const { keys, permissions, forEver, last } = rows[0]!;
    return keys === 0 ? null : { permissions, expiresAt: forEver ? null : last };
  }

  /**
   * Precondition of this and what follows: the row is locked. The clock is read now, not at the start of the
   * transaction.
   */
  async update(
    tx: Tx,
    id: string,
    values: { name: string; permissions: readonly string[]; expiresAt: Date | null },
    options: { endTokens: boolean },
  ): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE node_integrations SET name = $2, permissions = $3, expires_at = $4, updated_at = clock_timestamp(),
         tokens_ended_at = CASE WHEN $5 THEN ${END_TOKENS} ELSE tokens_ended_at END
       WHERE id = $1`,
      [id, values.name, values.permissions, values.expiresAt, options.endTokens],
    );
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE node_integrations SET deleted_at = clock_timestamp(), tokens_ended_at = ${END_TOKENS},
         updated_at = clock_timestamp() WHERE id = $1`,
      [id],
    );
  }

  /** Without an overlap everything that came from the old secret ends with it. */
  async replaceSecret(tx: Tx, id: string, secretHash: string, overlapSeconds: number): Promise<Date | null> {
    const rows = await sqlOf(tx).query<{ until: Date | null }>(
      `UPDATE node_integrations SET secret_hash = $2, secret_number = secret_number + 1, updated_at = clock_timestamp(),
         previous_secret_hash = CASE WHEN $3 > 0 THEN secret_hash END,
         previous_secret_until = CASE WHEN $3 > 0 THEN clock_timestamp() + make_interval(secs => $3) END,
         tokens_ended_at = CASE WHEN $3 > 0 THEN tokens_ended_at ELSE ${END_TOKENS} END
       WHERE id = $1 RETURNING previous_secret_until AS until`,
      [id, secretHash, overlapSeconds],
    );
    return rows[0]!.until;
  }

  /** Deleted and expired ones too: the caller takes as long for them as for others. */
  async findByApiKey(apiKey: string): Promise<ExchangeCandidate | null> {
    const rows = await this.database.query<ExchangeCandidate>(
      `SELECT ${CANDIDATE_COLUMNS} FROM node_integrations i JOIN nodes n ON n.id = i.node_id WHERE i.api_key = $1`,
      [apiKey],
    );
    return rows[0] ?? null;
  }

  /** Whether the row is as it was read; if so it stays so until the transaction ends. */
  async holdUnchanged(tx: Tx, id: string, version: number): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      `SELECT 1 FROM node_integrations i WHERE i.id = $1 AND ${VERSION} = $2 AND ${IS_LIVE} FOR SHARE`,
      [id, version],
    );
    return rows.length > 0;
  }

  /** What ended within the last seconds, by deletion, expiry or otherwise: older tokens have expired by themselves. */
  listEnded(withinSeconds: number): Promise<{ id: string; forGood: boolean; endedAt: Date | null }[]> {
    return this.database.query(
      `SELECT i.id, NOT (${IS_LIVE}) AS "forGood", i.tokens_ended_at AS "endedAt" FROM node_integrations i
       WHERE i.tokens_ended_at > now() - make_interval(secs => $1)
          OR i.expires_at <= now() AND i.expires_at > now() - make_interval(secs => $1)`,
      [withinSeconds],
    );
  }
}
