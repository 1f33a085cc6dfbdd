import { Injectable } from '@nestjs/common';
import type { EventData, LoggedEvent } from '../events';
import { InterlockError } from '../platform/errors';
import type { ResourceType } from '../providers';
import { SyncedRecords } from '../sync';

/** Of the less than 20 kB that Standard Webhooks asks for. */
const MAX_RECORD_BYTES = 16_000;
const MAX_RECORDS = 100;

/** What is sent of an event. */
@Injectable()
export class EventBody {
  constructor(private readonly synced: SyncedRecords) {}

  /** `includeData`: with the newest version of the records that changed, as many as fit. */
  async of(event: Pick<LoggedEvent, 'type' | 'occurredAt' | 'data'>, includeData: boolean): Promise<string> {
    const records = includeData && event.type === 'records.changed' ? await this.records(event.data) : {};
    return JSON.stringify({
      type: event.type,
      timestamp: event.occurredAt.toISOString(),
      data: { ...event.data, ...records },
    });
  }

  private async records(data: LoggedEvent['data']): Promise<{ records: unknown[]; hasMoreRecords: boolean }> {
    const { integrationId, resourceType, cursor, to } = data as unknown as EventData<'records.changed'> & {
      readonly resourceType: ResourceType;
    };
    const records: unknown[] = [];
    try {
      const options = { cursor, limit: MAX_RECORDS, includeDeleted: true };
      const page = await this.synced.changes(integrationId, resourceType, options);
      let bytes = 0;
      for (const entry of page.data) {
        if (entry.position > to) return { records, hasMoreRecords: false };
        const { id, externalId, version, operation, data: stored, sourceUpdatedAt, syncedAt } = entry;
        const record = { id, externalId, resourceType, version, operation, data: stored, sourceUpdatedAt, syncedAt };
        bytes += Buffer.byteLength(JSON.stringify(record)) + 1;
        if (bytes > MAX_RECORD_BYTES) return { records, hasMoreRecords: true };
        records.push(record);
      }
      return { records, hasMoreRecords: page.hasMore };
    } catch (error) {
      // its tombstones are gone, or the database was restored: the cursor in the event tells the reader the same
      if (error instanceof InterlockError && error.code === 'cursor_expired') return { records, hasMoreRecords: true };
      throw error;
    }
  }
}
