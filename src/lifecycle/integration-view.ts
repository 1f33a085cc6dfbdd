import type { SYNC_WORDS } from '../sync';
import type { FilterFindingRow, IntegrationViewRow } from './store/integration-view.repository';

export type IntegrationStatus = (typeof SYNC_WORDS.statuses)[number];
export type SyncHealth = (typeof SYNC_WORDS.healths)[number];

/** The Integration object of contract/v2-integrations.md, field by field. Nothing of a credential but its hint. */
export interface IntegrationView {
  readonly id: string;
  readonly provider: string;
  readonly isActive: boolean;
  readonly syncEnabled: boolean;
  readonly status: IntegrationStatus | null;
  readonly lastSyncAt: string | null;
  readonly lastSyncError: string | null;
  readonly syncHealth: SyncHealth;
  readonly providerState: {
    readonly consecutiveErrors: number;
    readonly lastErrorAt: string | null;
    readonly lastSyncAt: string | null;
    readonly mode: string;
  };
  readonly syncInterval: { readonly hasRepeatableJob: boolean; readonly intervalMs: number; readonly nextRun?: string };
  /** Additive: the changed-since filters that were tried on this account. */
  readonly filters: readonly FilterFindingRow[];
  readonly configuration: Record<string, unknown>;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function toIntegrationView(row: IntegrationViewRow): IntegrationView {
  const active = row.state === 'active';
  const fires = active && row.fires;
  const lastSyncAt = iso(row.lastSyncAt);
  const { configuration } = row;
  return {
    id: row.id,
    provider: row.provider,
    isActive: active,
    syncEnabled: row.syncEnabled,
    status: row.status,
    lastSyncAt,
    lastSyncError: row.lastError,
    syncHealth: row.health,
    providerState: {
      consecutiveErrors: row.consecutiveErrors,
      lastErrorAt: iso(row.lastErrorAt),
      lastSyncAt,
      mode: row.environment,
    },
    syncInterval: {
      hasRepeatableJob: fires,
      intervalMs: row.intervalMs ?? configuration.syncIntervalMinutes * 60_000,
      ...(fires && row.nextDueAt ? { nextRun: row.nextDueAt.toISOString() } : {}),
    },
    configuration: {
      autoSendInvoices: configuration.autoSendInvoices,
      invoiceLookbackDays: configuration.invoiceLookbackDays,
      currency: configuration.currency,
      timezone: configuration.timezone,
      syncIntervalMinutes: configuration.syncIntervalMinutes,
      syncPatients: configuration.syncPatients,
      syncProducts: configuration.syncProducts,
      syncPackages: configuration.syncPackages,
      syncInvoices: configuration.syncInvoices,
      pushPayments: configuration.pushPayments,
      baseUrl: configuration.baseUrl,
      credentialHint: configuration.credentialHint,
    },
    filters: row.filters.map(({ stream, state, checkedAt }) => ({ stream, state, checkedAt })),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function iso(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
