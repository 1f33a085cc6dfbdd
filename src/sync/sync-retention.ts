import { Injectable } from '@nestjs/common';
import { IntegrationRepository } from '../integrations';
import { AppConfig } from '../platform/config';
import { UnitOfWork } from '../platform/database';
import type { RetentionTask } from '../platform/retention';
import { RetentionRepository } from './store/retention.repository';

/** A promise of the API: a reader that comes back within this time learns of every deletion. */
export const TOMBSTONE_DAYS = 90;
/** Each run takes a log entry per resource with it. */
const RUNS_AT_ONCE = 150;

/** Which rows of the engine's tables are removed, and when. */
@Injectable()
export class SyncRetention {
  constructor(
    private readonly retention: RetentionRepository,
    private readonly integrations: IntegrationRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: AppConfig,
  ) {}

  tasks(): RetentionTask[] {
    const days = this.config.retentionLogDays;
    return [
      { name: 'tombstones', trim: (limit) => this.trimTombstones(limit) },
      { name: 'runs', batch: RUNS_AT_ONCE, trim: (limit) => this.retention.removeRuns(days, limit) },
      { name: 'quarantine', trim: (limit) => this.retention.removeQuarantined(days, limit) },
      { name: 'deletion_plans', trim: (limit) => this.retention.removeDecidedPlans(days, limit) },
      { name: 'provider_failures', trim: (limit) => this.retention.removeProviderFailures(1, limit) },
    ];
  }

  /**
   * One integration at a time, under the row lock that every writer of records takes: the feed is never seen half
   * trimmed.
   */
  private async trimTombstones(limit: number): Promise<number> {
    const expired = await this.retention.oldTombstones(TOMBSTONE_DAYS, limit);
    let removed = 0;
    for (const id of new Set(expired.map((each) => each.integrationId))) {
      removed += await this.unitOfWork.run(async (tx) => {
        await this.integrations.lock(tx, id);
        const own = expired.filter((each) => each.integrationId === id);
        return this.retention.removeTombstones(tx, id, TOMBSTONE_DAYS, own);
      });
    }
    return removed;
  }
}
