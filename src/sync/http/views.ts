import type { RecordByResource, ResourceType } from '../../providers';
import type { SyncStateRow } from '../store/cursor.repository';
import type { StoredRecord } from '../store/feed.repository';
import type { SyncLog } from '../store/log-query.repository';
import type { SyncStats } from '../store/stats.repository';
import type { Watermark } from '../store/watermark.repository';
import { SYNC_NOTES } from '../sync-notes';
import type { SyncedRecordDto } from './dto/record.dto';
import type { SyncLogDto } from './dto/sync-log.dto';
import type { SyncStateDto } from './dto/sync-state.dto';
import type { SyncStatsDto } from './dto/sync-stats.dto';
import type { WatermarkDto } from './dto/watermark.dto';

/** What leaves the service of each record; a field that is stored for another purpose stays inside. */
const DATA_FIELDS = {
  customers: ['name', 'firstName', 'lastName', 'email', 'phone', 'address', 'externalReference', 'active'],
  products: [
    'name',
    'kind',
    'amountMinor',
    'currency',
    'interval',
    'visits',
    'active',
    'customerExternalId',
    'customerExternalIds',
  ],
  invoices: [
    'number',
    'customerExternalId',
    'status',
    'statusSource',
    'currency',
    'totalMinor',
    'balanceMinor',
    'refundedMinor',
    'issuedAt',
    'dueAt',
    'lines',
  ],
  payments: [
    'invoiceExternalId',
    'customerExternalId',
    'amountMinor',
    'refundedMinor',
    'currency',
    'method',
    'paidAt',
    'status',
    'origin',
    'cardLast4',
    'cardScheme',
  ],
  devices: ['name', 'serial', 'platform', 'status', 'lastSeenAt'],
} as const satisfies { [Type in ResourceType]: readonly (keyof RecordByResource[Type])[] };

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export function toRecordDto(record: StoredRecord): SyncedRecordDto {
  const fields: readonly string[] = DATA_FIELDS[record.resourceType];
  return {
    id: record.id,
    externalId: record.externalId,
    resourceType: record.resourceType,
    version: record.version,
    operation: record.operation,
    data: Object.fromEntries(Object.entries(record.data).filter(([field]) => fields.includes(field))),
    sourceUpdatedAt: iso(record.sourceUpdatedAt),
    syncedAt: record.syncedAt.toISOString(),
    // DATA_FIELDS is checked against the records of each type
  } as SyncedRecordDto;
}

export function toStateDto(state: SyncStateRow): SyncStateDto {
  return {
    resourceType: state.resourceType,
    lastSyncAt: iso(state.lastSyncAt),
    lastSyncStatus: state.lastSyncStatus,
    itemsProcessed: state.itemsProcessed,
    lastSyncError: state.lastSyncError,
    cursor: state.cursor,
  };
}

export function toLogDto(log: SyncLog): SyncLogDto {
  return {
    id: log.id,
    integrationId: log.integrationId,
    jobId: log.jobId,
    provider: log.provider,
    resourceType: log.resourceType,
    status: log.status,
    jobType: log.jobType,
    attempt: log.attempt,
    startedAt: iso(log.startedAt),
    finishedAt: iso(log.finishedAt),
    durationMs: log.durationMs,
    recordsFetched: log.recordsFetched,
    recordsCreated: log.recordsCreated,
    recordsUpdated: log.recordsUpdated,
    recordsUnchanged: log.recordsUnchanged,
    recordsDeleted: log.recordsDeleted,
    recordsQuarantined: log.recordsQuarantined,
    notes: log.notes.map((code) => ({ code, message: SYNC_NOTES[code] })),
    errorCode: log.errorCode,
    error: log.error,
    nextAction: log.nextAction,
    createdAt: log.createdAt.toISOString(),
  };
}

export function toStatsDto(stats: SyncStats): SyncStatsDto {
  return {
    runs: stats.runs,
    succeeded: stats.succeeded,
    failed: stats.failed,
    skipped: stats.skipped,
    recordsFetched: stats.recordsFetched,
    recordsCreated: stats.recordsCreated,
    recordsUpdated: stats.recordsUpdated,
    recordsUnchanged: stats.recordsUnchanged,
    recordsDeleted: stats.recordsDeleted,
    averageDurationMs: stats.averageDurationMs,
    lastRunAt: iso(stats.lastRunAt),
    window: { from: stats.window.from.toISOString(), to: stats.window.to.toISOString() },
  };
}

export function toWatermarkDto(watermark: Watermark): WatermarkDto {
  return {
    id: watermark.id,
    merchantId: watermark.merchantId,
    provider: watermark.provider,
    resourceType: watermark.resourceType,
    lastSyncAt: iso(watermark.lastSyncAt),
    lastSyncStatus: watermark.lastSyncStatus,
    lastSyncError: watermark.lastSyncError,
    cursor: watermark.cursor,
    itemsSynced: watermark.itemsSynced,
    createdAt: watermark.createdAt.toISOString(),
    updatedAt: watermark.updatedAt.toISOString(),
  };
}
