import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import { REFRESH_WINDOW_SECONDS } from '../session-rules';
import { CANDIDATE_COLUMNS, type ExchangeCandidate } from './node-integration.repository';

/** A refresh token, and everything that decides about its use. */
export interface RefreshCandidate extends ExchangeCandidate {
  readonly sessionId: string;
  /** Of the secret that opened the session. */
  readonly openedBySecret: number;
  readonly used: boolean;
  readonly expired: boolean;
  readonly revoked: boolean;
  /** Pairs that the session has had within the window of its budget. */
  readonly refreshes: number;
  readonly firstRefreshAgeSeconds: number | null;
}

export interface RefreshTokenRow {
  readonly tokenHash: Buffer;
  readonly sessionId: string;
  readonly accessJti: string;
  readonly ttlSeconds: number;
  /** It does not outlive this; null: no such end. */
  readonly endsAt: Date | null;
}

@Injectable()
export class NodeSessionRepository {
  constructor(private readonly database: Database) {}

  async open(tx: Tx, session: { id: string; integrationId: string; secretNumber: number }): Promise<void> {
    await sqlOf(tx).execute('INSERT INTO node_sessions (id, integration_id, secret_number) VALUES ($1, $2, $3)', [
      session.id,
      session.integrationId,
      session.secretNumber,
    ]);
  }

  async addToken(tx: Tx, token: RefreshTokenRow): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO node_refresh_tokens (token_hash, session_id, access_jti, expires_at)
       VALUES ($1, $2, $3, least(now() + make_interval(secs => $4), $5::timestamptz))`,
      [token.tokenHash, token.sessionId, token.accessJti, token.ttlSeconds, token.endsAt],
    );
  }

  async findByToken(tokenHash: Buffer): Promise<RefreshCandidate | null> {
    const rows = await this.database.query<RefreshCandidate>(
      `SELECT s.id AS "sessionId", s.secret_number AS "openedBySecret", t.used_at IS NOT NULL AS used,
         t.expires_at <= now() AS expired, s.revoked_at IS NOT NULL AS revoked, recent.refreshes,
         recent."firstRefreshAgeSeconds", ${CANDIDATE_COLUMNS}
       FROM node_refresh_tokens t JOIN node_sessions s ON s.id = t.session_id
       CROSS JOIN LATERAL (
         SELECT count(*) AS refreshes,
           extract(epoch FROM now() - min(one.used_at))::double precision AS "firstRefreshAgeSeconds"
         FROM node_refresh_tokens one
         WHERE one.session_id = s.id AND one.used_at > now() - make_interval(secs => $2)) recent
       JOIN node_integrations i ON i.id = s.integration_id JOIN nodes n ON n.id = i.node_id WHERE t.token_hash = $1`,
      [tokenHash, REFRESH_WINDOW_SECONDS],
    );
    return rows[0] ?? null;
  }

  /** Whether the session was good; if so it stays so until the transaction ends. */
  async hold(tx: Tx, sessionId: string): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      'SELECT 1 FROM node_sessions WHERE id = $1 AND revoked_at IS NULL FOR NO KEY UPDATE',
      [sessionId],
    );
    return rows.length > 0;
  }

  /** True for one caller only, however many try at once. */
  async useToken(tx: Tx, tokenHash: Buffer): Promise<boolean> {
    const used = await sqlOf(tx).execute(
      'UPDATE node_refresh_tokens SET used_at = now() WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()',
      [tokenHash],
    );
    return used > 0;
  }

  /** False: somebody else was first. */
  async revoke(tx: Tx, sessionId: string): Promise<boolean> {
    const revoked = await sqlOf(tx).execute(
      'UPDATE node_sessions SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL',
      [sessionId],
    );
    return revoked > 0;
  }

  /** The access tokens of sessions revoked within the last seconds: older ones have expired by themselves. */
  async listRevokedJtis(withinSeconds: number): Promise<string[]> {
    const rows = await this.database.query<{ jti: string }>(
      `SELECT t.access_jti AS jti FROM node_sessions s JOIN node_refresh_tokens t ON t.session_id = s.id
       WHERE s.revoked_at > now() - make_interval(secs => $1) AND t.issued_at > now() - make_interval(secs => $1)`,
      [withinSeconds],
    );
    return rows.map((row) => row.jti);
  }

  /**
   * Used ones are kept until they would have expired: their reuse is to be recognised. Returns how many tokens were
   * removed.
   */
  async removeExpired(limit: number): Promise<number> {
    const rows = await this.database.query<{ removed: number }>(
      `WITH gone AS (
         DELETE FROM node_refresh_tokens WHERE token_hash IN (
           SELECT token_hash FROM node_refresh_tokens WHERE expires_at < now() - interval '1 day'
           ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING token_hash, session_id),
       emptied AS (
       DELETE FROM node_sessions s USING (SELECT DISTINCT session_id FROM gone) past
       WHERE s.id = past.session_id AND NOT EXISTS (
         SELECT 1 FROM node_refresh_tokens t WHERE t.session_id = s.id
           AND NOT EXISTS (SELECT 1 FROM gone WHERE gone.token_hash = t.token_hash)))
       SELECT count(*) AS removed FROM gone`,
      [limit],
    );
    return rows[0]!.removed;
  }

  /**
   * Sessions that nothing can open again, with their tokens: revoked, or of a key that was deleted, as soon as the last
   * of their access tokens has expired by itself. Returns how many.
   */
  async removeEnded(afterSeconds: number, limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM node_sessions WHERE id IN (
         SELECT s.id FROM node_sessions s WHERE s.revoked_at < now() - make_interval(secs => $1)
         UNION ALL
         SELECT s.id FROM node_integrations i JOIN node_sessions s ON s.integration_id = i.id
         WHERE i.deleted_at < now() - make_interval(secs => $1)
         LIMIT $2)`,
      [afterSeconds, limit],
    );
  }
}
