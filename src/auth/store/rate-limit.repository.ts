import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';

/**
 * What the bucket holds now: what it held, and what flowed in since. The clock of a waiting statement may be behind the
 * row's.
 */
const AVAILABLE = `least($burst::double precision, r.tokens
  + greatest(extract(epoch FROM statement_timestamp() - r.refilled_at)::double precision, 0) * $perSecond::double precision)`;
const GRANTED = `least($want::integer, floor(${AVAILABLE} + 1e-9)::integer)`;

const LEASE = `INSERT INTO rate_limits AS r (bucket, tokens, granted, refilled_at)
    VALUES ($bucket, $burst::double precision - $want::integer, $want::integer, statement_timestamp())
    ON CONFLICT (bucket) DO UPDATE
      SET tokens = ${AVAILABLE} - ${GRANTED}, granted = ${GRANTED},
          refilled_at = greatest(r.refilled_at, statement_timestamp())
    RETURNING granted, tokens`;

@Injectable()
export class RateLimitRepository {
  constructor(private readonly database: Database) {}

  /** Takes up to `want` tokens out of the bucket in one statement; a bucket that is not there yet is full. */
  async lease(
    bucket: string,
    terms: { burst: number; perSecond: number; want: number },
  ): Promise<{ granted: number; tokens: number }> {
    const rows = await this.database.query<{ granted: number; tokens: number }>(LEASE, {
      bucket,
      burst: terms.burst,
      perSecond: terms.perSecond,
      want: terms.want,
    });
    return rows[0]!;
  }

  /**
   * Buckets that have long been full again: one that is not there counts as full. No index: it would make every request
   * dearer.
   */
  async removeIdle(seconds: number, limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM rate_limits WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM rate_limits WHERE refilled_at < now() - make_interval(secs => $1) LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [seconds, limit],
    );
  }
}
