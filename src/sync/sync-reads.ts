import { Injectable } from '@nestjs/common';
import { IntegrationAccess, type IntegrationKey } from '../integrations';
import { InterlockError } from '../platform/errors';
import type { PageQuery } from '../platform/http';
import type { ResourceType } from '../providers';
import { decodeCursor, emptyFeedCursor, RecordFeed, type FeedPage } from './record-feed';
import { CursorRepository, type SyncStateRow } from './store/cursor.repository';
import type { StoredRecord } from './store/feed.repository';
import { LogQueryRepository, type LogFilter, type SyncLog } from './store/log-query.repository';
import { StatsRepository, type SyncStats, type SyncStatsOfType } from './store/stats.repository';

/** What a merchant may see of the syncs of one integration. Never configured: lists are empty. */
@Injectable()
export class SyncReads {
  constructor(
    private readonly access: IntegrationAccess,
    private readonly cursors: CursorRepository,
    private readonly logQueries: LogQueryRepository,
    private readonly statistics: StatsRepository,
    private readonly feed: RecordFeed,
  ) {}

  async states(key: IntegrationKey): Promise<SyncStateRow[]> {
    const integration = await this.access.find(key);
    return integration ? this.cursors.states(integration.id) : [];
  }

  /** A filter by an integration of another merchant finds nothing. */
  async logs(
    key: IntegrationKey,
    filter: LogFilter & { readonly integrationId?: string },
    page: PageQuery,
  ): Promise<{ logs: SyncLog[]; total: number }> {
    const integration = await this.access.find(key);
    const wanted = filter.integrationId?.toLowerCase();
    if (!integration || (wanted !== undefined && wanted !== integration.id)) return { logs: [], total: 0 };
    return this.logQueries.page(integration.id, filter, page);
  }

  async log(key: IntegrationKey, logId: string): Promise<SyncLog> {
    const integration = await this.access.find(key);
    const log = integration && (await this.logQueries.find(integration.id, logId));
    if (!log) throw new InterlockError('not_found');
    return log;
  }

  async stats(key: IntegrationKey, integrationId: string, days: number): Promise<SyncStats> {
    return this.statistics.ofIntegration(await this.own(key, integrationId), days);
  }

  async statsByType(key: IntegrationKey, integrationId: string, days: number): Promise<SyncStatsOfType[]> {
    return this.statistics.byType(await this.own(key, integrationId), days);
  }

  async records(
    key: IntegrationKey,
    resourceType: ResourceType,
    options: { cursor: string | null; limit: number; includeDeleted: boolean },
  ): Promise<FeedPage> {
    const integration = await this.access.find(key);
    if (integration) return this.feed.page(integration.id, resourceType, options);
    if (options.cursor !== null) decodeCursor(options.cursor);
    return { data: [], nextCursor: options.cursor ?? emptyFeedCursor(), hasMore: false };
  }

  async record(key: IntegrationKey, resourceType: ResourceType, externalId: string): Promise<StoredRecord> {
    const integration = await this.access.find(key);
    if (!integration) throw new InterlockError('not_found');
    return this.feed.one(integration.id, resourceType, externalId);
  }

  /** 404 for another merchant, environment or provider. A provider that was never configured has empty stats. */
  private async own(key: IntegrationKey, integrationId: string): Promise<string> {
    const id = integrationId.toLowerCase();
    const integration = await this.access.find(key);
    const isSomebodyElses = integration ? integration.id !== id : await this.access.exists(id);
    if (isSomebodyElses) throw new InterlockError('not_found');
    return id;
  }
}
