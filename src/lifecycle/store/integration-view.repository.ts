import { Injectable } from '@nestjs/common';
import type { IntegrationConfiguration } from '../../integrations';
import { Database } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { ProviderId } from '../../providers';
import type { SYNC_WORDS } from '../../sync';

/** Everything that the Integration object of the contract shows, read in one statement. */
export interface IntegrationViewRow {
  readonly id: string;
  readonly provider: ProviderId;
  readonly environment: Environment;
  readonly state: 'active' | 'inactive';
  readonly syncEnabled: boolean;
  readonly configuration: IntegrationConfiguration;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: (typeof SYNC_WORDS.statuses)[number];
  readonly health: (typeof SYNC_WORDS.healths)[number];
  readonly consecutiveErrors: number;
  readonly lastSyncAt: Date | null;
  readonly lastErrorAt: Date | null;
  readonly lastError: string | null;
  readonly intervalMs: number | null;
  readonly nextDueAt: Date | null;
  readonly fires: boolean;
  readonly filters: readonly FilterFindingRow[];
}

/** What was found of a changed-since filter on this account. */
export interface FilterFindingRow {
  readonly stream: string;
  readonly state: (typeof SYNC_WORDS.filterStates)[number];
  /** ISO-8601. */
  readonly checkedAt: string;
}

const SELECT = `
  SELECT i.id, i.provider, i.environment, i.state, i.sync_enabled AS "syncEnabled", i.configuration, i.status, i.health,
    i.created_at AS "createdAt", i.updated_at AS "updatedAt", i.consecutive_errors AS "consecutiveErrors",
    i.last_sync_at AS "lastSyncAt", i.last_error_at AS "lastErrorAt", i.last_error AS "lastError", i.interval_ms AS "intervalMs",
    i.next_due_at AS "nextDueAt", i.fires, i.filters
  FROM integration_status_view i`;

export const INTEGRATION_BY_KEY = `${SELECT} WHERE i.merchant_id = $1 AND i.environment = $2 AND i.provider = $3`;

@Injectable()
export class IntegrationViewRepository {
  constructor(private readonly database: Database) {}

  async find(merchantId: string, environment: Environment, provider: ProviderId): Promise<IntegrationViewRow | null> {
    const rows = await this.database.query<IntegrationViewRow>(INTEGRATION_BY_KEY, [merchantId, environment, provider]);
    return rows[0] ?? null;
  }

  async list(
    merchantId: string,
    environment: Environment,
    page: { limit: number; offset: number },
  ): Promise<{ rows: IntegrationViewRow[]; total: number }> {
    const rows = await this.database.query<IntegrationViewRow>(
      `${SELECT} WHERE i.merchant_id = $1 AND i.environment = $2 ORDER BY i.created_at, i.id LIMIT $3 OFFSET $4`,
      [merchantId, environment, page.limit, page.offset],
    );
    const [counted] = await this.database.query<{ total: number }>(
      `SELECT count(*) AS total FROM integration_view WHERE merchant_id = $1 AND environment = $2`,
      [merchantId, environment],
    );
    return { rows, total: counted!.total };
  }
}
