import { Injectable } from '@nestjs/common';
import type { IntegrationConfiguration } from '../../integrations';
import { Database } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { ProviderId } from '../../providers';

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
  readonly consecutiveErrors: number | null;
  readonly breaker: 'closed' | 'open' | 'half_open' | null;
  readonly lastSyncAt: Date | null;
  readonly lastErrorAt: Date | null;
  readonly lastError: string | null;
  readonly intervalMs: number | null;
  readonly nextDueAt: Date | null;
  readonly fires: boolean | null;
  readonly syncing: boolean;
  readonly filters: readonly FilterFindingRow[];
}

/** What was found of a changed-since filter on this account. */
export interface FilterFindingRow {
  readonly stream: string;
  readonly state: 'honoured' | 'ignored' | 'refused' | 'unproven';
  /** ISO-8601. */
  readonly checkedAt: string;
}

const SELECT = `
  SELECT i.id, i.provider, i.environment, i.state, i.sync_enabled AS "syncEnabled", i.configuration,
    i.created_at AS "createdAt", i.updated_at AS "updatedAt", h.consecutive_errors AS "consecutiveErrors", h.breaker,
    h.last_sync_at AS "lastSyncAt", h.last_error_at AS "lastErrorAt", h.last_error AS "lastError",
    s.interval_ms AS "intervalMs", s.next_due_at AS "nextDueAt", s.fires,
    i.state = 'active' AND (coalesce(h.outside_syncing_until > now(), false) OR EXISTS (
      SELECT 1 FROM sync_runs r WHERE r.integration_id = i.id AND r.lane = 'sync' AND r.state IN ('queued', 'running')
        AND r.lease_until > now())) AS syncing,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('stream', c.stream, 'state', c.cursor->'filter'->'state',
         'checkedAt', c.cursor->'filter'->'checkedAt') ORDER BY c.stream), '[]')
       FROM sync_cursors c WHERE c.integration_id = i.id AND c.cursor->'filter'->>'checkedAt' IS NOT NULL) AS filters
  FROM integrations i
  LEFT JOIN sync_health h ON h.integration_id = i.id
  LEFT JOIN sync_schedules s ON s.integration_id = i.id`;

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
      `SELECT count(*) AS total FROM integrations WHERE merchant_id = $1 AND environment = $2`,
      [merchantId, environment],
    );
    return { rows, total: counted!.total };
  }
}
