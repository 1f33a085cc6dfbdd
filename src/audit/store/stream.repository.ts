import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';

/** A stream in the hands of one process. */
export interface LeasedStream {
  readonly position: number;
  readonly fence: number;
}

/** What one receiver has not taken yet. */
export interface StreamBacklog {
  readonly destination: string;
  readonly links: number;
  /** When the first of them was chained. */
  readonly since: Date;
  /** Why the last exchange failed; null: it did not. */
  readonly lastError: string | null;
}

@Injectable()
export class StreamRepository {
  constructor(private readonly database: Database) {}

  /** Whether there is something to send that may be sent now, and who holds the stream. */
  async look(destination: string): Promise<{ due: boolean; holder: string | null }> {
    const rows = await this.database.query<{ due: boolean; holder: string | null }>(
      `SELECT (s.retry_at IS NULL OR s.retry_at <= now())
           AND EXISTS (SELECT 1 FROM audit_chain c WHERE c.sequence > coalesce(s.position, 0)) AS due,
         CASE WHEN s.lease_until > now() THEN s.lease_owner END AS holder
       FROM (SELECT) AS always LEFT JOIN audit_streams s ON s.destination = $1`,
      [destination],
    );
    return rows[0]!;
  }

  /** Takes the lease of a stream that nobody holds, or `from` alone; null: another process has it. */
  async claim(
    destination: string,
    owner: string,
    { leaseMs, from }: { readonly leaseMs: number; readonly from: string | null },
  ): Promise<LeasedStream | null> {
    const rows = await this.database.query<LeasedStream>(
      `INSERT INTO audit_streams AS s (destination, fence, lease_owner, lease_until)
       VALUES ($1, 1, $2, now() + $3 * interval '1 millisecond')
       ON CONFLICT (destination) DO UPDATE SET fence = s.fence + 1, lease_owner = excluded.lease_owner,
         lease_until = excluded.lease_until
       WHERE s.lease_until IS NULL OR s.lease_until <= now() OR s.lease_owner = $4
       RETURNING position, fence`,
      [destination, owner, leaseMs, from],
    );
    return rows[0] ?? null;
  }

  /** Moves the cursor and renews the lease. false: another process has it, and goes on from its own position. */
  async advance(destination: string, fence: number, position: number, leaseMs: number): Promise<boolean> {
    const rows = await this.database.query<{ position: number }>(
      `UPDATE audit_streams SET position = $3, lease_until = now() + $4 * interval '1 millisecond', retry_at = NULL,
         last_error = NULL
       WHERE destination = $1 AND fence = $2 RETURNING position`,
      [destination, fence, position, leaseMs],
    );
    return rows.length > 0;
  }

  /** Gives the lease back. With an error nobody tries before `retryMs`. */
  async release(destination: string, fence: number, failure: { error: string; retryMs: number } | null): Promise<void> {
    await this.database.query(
      `UPDATE audit_streams SET lease_until = NULL, lease_owner = NULL, last_error = coalesce($3, last_error),
         retry_at = now() + $4 * interval '1 millisecond'
       WHERE destination = $1 AND fence = $2 RETURNING destination`,
      [destination, fence, failure?.error ?? null, failure?.retryMs ?? null],
    );
  }

  /** Of those streams that have something to send. */
  async backlogs(destinations: readonly string[]): Promise<StreamBacklog[]> {
    return this.database.query<StreamBacklog>(
      `SELECT d.destination, last.sequence - coalesce(s.position, 0) AS links, first.chained_at AS since,
         s.last_error AS "lastError"
       FROM unnest($1::text[]) AS d (destination) LEFT JOIN audit_streams s ON s.destination = d.destination
       CROSS JOIN LATERAL (SELECT sequence FROM audit_chain ORDER BY sequence DESC LIMIT 1) last
       CROSS JOIN LATERAL (SELECT chained_at FROM audit_chain WHERE sequence > coalesce(s.position, 0)
                           ORDER BY sequence LIMIT 1) first`,
      [destinations],
    );
  }
}
