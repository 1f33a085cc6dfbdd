import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';

/** The tries that count still; the clock of a waiting statement may be behind the row's. */
const RECENT = `ARRAY(SELECT at FROM unnest(t.tries) AS at WHERE at > statement_timestamp() - make_interval(secs => $windowSeconds) ORDER BY at)`;

@Injectable()
export class ExchangeTriesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Counts a try in one statement, unless `limit` were made within the last `windowSeconds`: null, or seconds to wait.
   */
  async take(bucket: Buffer, limit: number, windowSeconds: number): Promise<number | null> {
    const rows = await this.database.query<{ allowed: boolean; waitSeconds: number }>(
      `INSERT INTO node_exchange_tries AS t (bucket, tries, allowed) VALUES ($bucket, ARRAY[statement_timestamp()], true)
       ON CONFLICT (bucket) DO UPDATE
         SET tries = CASE WHEN cardinality(${RECENT}) < $limit THEN ${RECENT} || statement_timestamp() ELSE ${RECENT} END,
             allowed = cardinality(${RECENT}) < $limit
       RETURNING allowed, ceil(extract(epoch FROM tries[1] - statement_timestamp()) + $windowSeconds)::float8 AS "waitSeconds"`,
      { bucket, limit, windowSeconds },
    );
    const { allowed, waitSeconds } = rows[0]!;
    return allowed ? null : Math.max(1, waitSeconds);
  }

  async removeOld(windowSeconds: number): Promise<void> {
    await this.database.execute(
      `DELETE FROM node_exchange_tries WHERE tries[cardinality(tries)] < now() - make_interval(secs => $1)`,
      [windowSeconds],
    );
  }
}
