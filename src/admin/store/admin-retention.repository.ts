import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';

/** What the console lists keep for a while. */
@Injectable()
export class AdminRetentionRepository {
  constructor(private readonly database: Database) {}

  removeEvents(days: number, limit: number): Promise<number> {
    return this.remove('integration_events', 'occurred_at', days, limit);
  }

  /** One that is open still is kept, however old. */
  removeIncidents(days: number, limit: number): Promise<number> {
    return this.remove('provider_incidents', 'closed_at', days, limit);
  }

  /** With their steps. One that waits, or is being done, is kept, however old. */
  removeApprovals(days: number, limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM admin_approvals WHERE id = ANY (ARRAY(
         SELECT id FROM admin_approvals
         WHERE state NOT IN ('waiting', 'approved') AND requested_at < now() - make_interval(days => $1)
         ORDER BY requested_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [days, limit],
    );
  }

  removeBulkRetries(limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM admin_bulk_retries WHERE id = ANY (ARRAY(
         SELECT id FROM admin_bulk_retries WHERE begun_at < now() - interval '1 hour' ORDER BY begun_at LIMIT $1
         FOR UPDATE SKIP LOCKED))`,
      [limit],
    );
  }

  private remove(table: string, at: string, days: number, limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${at} < now() - make_interval(days => $1) ORDER BY ${at} LIMIT $2
         FOR UPDATE SKIP LOCKED))`,
      [days, limit],
    );
  }
}
