import { Module, Optional, type OnModuleInit } from '@nestjs/common';
import { RetentionTasks } from '../platform/retention';
import { EventLog } from './event-log';
import { EventRepository } from './store/event.repository';

/** A promise of the API: a reader, or an endpoint, that comes back within this time misses nothing. */
export const EVENT_DAYS = 30;

@Module({ providers: [EventLog, EventRepository], exports: [EventLog, EventRepository] })
export class EventsModule implements OnModuleInit {
  constructor(
    private readonly events: EventRepository,
    @Optional() private readonly retention?: RetentionTasks,
  ) {}

  onModuleInit(): void {
    this.retention?.register({ name: 'events', trim: (limit) => this.events.removeOld(EVENT_DAYS, limit) });
  }
}
