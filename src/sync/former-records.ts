import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { RunFence, type FenceTarget } from './run-fence';
import type { RunContext } from './run-handler';
import { FormerRecordRepository } from './store/former-record.repository';
import { RecordRepository } from './store/record.repository';

const BATCH = 1_000;

/**
 * After a change of account, the old account's records leave the feed before the new one's come: a tombstone each, in
 * bounded batches that go on where the last one committed, whoever was killed in between.
 */
@Injectable()
export class FormerRecords {
  constructor(
    private readonly fence: RunFence,
    private readonly former: FormerRecordRepository,
    private readonly records: RecordRepository,
  ) {}

  async leave(context: RunContext, target: FenceTarget): Promise<'done' | 'yielded'> {
    let pending = await this.former.isPending(target.integration.id);
    while (pending) {
      pending = await this.fence.run(target, (tx, { current }) => this.removeBatch(tx, current.id, current.epoch));
      context.countPage();
      if (pending && context.shouldYield()) return 'yielded';
    }
    return 'done';
  }

  /** Whether there may be more. */
  private async removeBatch(tx: Tx, integrationId: string, epoch: number): Promise<boolean> {
    const place = await this.former.next(tx, integrationId);
    if (place === null) return false;
    const { resourceType } = place;
    const key = { integrationId, resourceType, epoch };
    const doneTo = await this.records.markFormerDeleted(tx, key, place.doneTo ?? '', BATCH);
    await this.former.advance(tx, integrationId, { resourceType, doneTo });
    return true;
  }
}
