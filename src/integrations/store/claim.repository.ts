import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';
import type { IntegrationKey } from '../integration';

const CLAIM_LEASE_SECONDS = 60;

/**
 * A claim keeps an integration key for the one activate call that may go on, while it asks the provider with no
 * connection held. It is a lease: a process that dies frees the key after a minute.
 */
@Injectable()
export class ClaimRepository {
  /**
   * The claim's token, or null when another live claim holds the key. What an earlier try of the same request has left
   * is taken over, with another token: that try may still be alive, and writes nothing any more.
   */
  async claim(tx: Tx, key: IntegrationKey, requestId: string | null): Promise<string | null> {
    const token = randomUUID();
    const rows = await sqlOf(tx).query(
      `INSERT INTO integration_claims AS c (merchant_id, environment, provider, token, expires_at, request_id)
       VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second', $6)
       ON CONFLICT (merchant_id, environment, provider) DO UPDATE
         SET token = excluded.token, expires_at = excluded.expires_at, request_id = excluded.request_id
       WHERE c.expires_at <= now() OR c.request_id = excluded.request_id
       RETURNING token`,
      [key.merchantId, key.environment, key.provider, token, CLAIM_LEASE_SECONDS, requestId],
    );
    return rows.length > 0 ? token : null;
  }

  /** Ends the claim. False: it lapsed and another call has claimed the key, so nothing may be written under it. */
  async release(tx: Tx, key: IntegrationKey, token: string): Promise<boolean> {
    const count = await sqlOf(tx).execute(
      `DELETE FROM integration_claims WHERE merchant_id = $1 AND environment = $2 AND provider = $3 AND token = $4`,
      [key.merchantId, key.environment, key.provider, token],
    );
    return count === 1;
  }

  async isHeld(tx: Tx, key: IntegrationKey): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      `SELECT 1 FROM integration_claims WHERE merchant_id = $1 AND environment = $2 AND provider = $3 AND expires_at > now()`,
      [key.merchantId, key.environment, key.provider],
    );
    return rows.length > 0;
  }
}
