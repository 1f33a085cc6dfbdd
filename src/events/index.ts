export { aboutIntegration, EventLog } from './event-log';
export type { EventScope } from './event-scope';
export { EVENT_CATALOGUE, EVENT_TYPES, exampleData } from './event-catalogue';
export type { EventData, EventField, EventType } from './event-catalogue';
export { EVENT_DAYS, EventsModule } from './events.module';
export { EventRepository, EVENTS_CHANNEL } from './store/event.repository';
export type { EventFilter, LoggedEvent, LogExtract } from './store/event.repository';
