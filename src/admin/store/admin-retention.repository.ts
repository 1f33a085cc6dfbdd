import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';

/** What the timeline and the list of incidents keep for a while. */
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

  private remove(table: string, at: string, days: number, limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${at} < now() - make_interval(days => $1) ORDER BY ${at} LIMIT $2
         FOR UPDATE SKIP LOCKED))`,
      [days, limit],
    );
  }
}
