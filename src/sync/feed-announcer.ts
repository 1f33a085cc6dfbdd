import { Injectable } from '@nestjs/common';
import { EventLog } from '../events';
import { Daemon } from '../platform/daemon';
import { UnitOfWork } from '../platform/database';
import { feedCursorAt } from './record-feed';
import { AnnouncementRepository } from './store/announcement.repository';

const BATCH = 100;

/**
 * Appends `records.changed` for feeds that moved: one event for all that changed since the last one, whoever changed
 * it. The mark moves in the transaction of the event, from where it was: of several workers one announces, and a crash
 * announces nothing twice.
 */
@Injectable()
export class FeedAnnouncer extends Daemon {
  protected readonly name = 'feed announcer';
  /** What changes within it is one event. */
  protected readonly intervalMs = 1_000;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly announcements: AnnouncementRepository,
    private readonly events: EventLog,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    const feeds = await this.announcements.unannounced(BATCH);
    for (const feed of feeds) {
      if (this.stopped) return false;
      await this.unitOfWork.run(async (tx) => {
        if (!(await this.announcements.mark(tx, feed))) return;
        const { integrationId, provider, resourceType, from, to, created, updated, deleted, generation } = feed;
        // of what was erased nothing is left to be read
        if (created + updated + deleted === 0) return;
        this.events.append(tx, feed, 'records.changed', {
          ...{ integrationId, provider, resourceType, from, to, created, updated, deleted },
          cursor: feedCursorAt({ integrationId, resourceType }, from, generation),
        });
      });
    }
    return feeds.length === BATCH;
  }
}
