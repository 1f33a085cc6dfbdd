import { Injectable } from '@nestjs/common';
import { EventRepository, type EventFilter, type EventScope, type LoggedEvent } from '../events';
import { InterlockError } from '../platform/errors';

export interface EventPage {
  readonly events: LoggedEvent[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
}

const CURSOR = /^e1\.([1-9]\d{0,15})\.(0|[1-9]\d{0,15})$/;

/** The log as its merchant reads it: what endpoints are sent, in the same order. */
@Injectable()
export class EventReads {
  constructor(private readonly events: EventRepository) {}

  /**
   * 410 `cursor_expired` when events may have been removed that the reader has not seen, or when the database was
   * restored. Without a cursor: from the oldest that is kept.
   */
  async page(
    scope: EventScope,
    options: { readonly cursor: string | null; readonly limit: number; readonly filter: EventFilter },
  ): Promise<EventPage> {
    const from = options.cursor === null ? null : decode(options.cursor);
    const { limit, filter } = options;
    const extract = await this.events.after(scope, { position: from?.position ?? 0 }, filter, limit + 1);
    const { generation, head, trimmed } = extract;
    if (from && (from.generation !== generation || from.position > head || from.position < trimmed)) {
      throw new InterlockError('cursor_expired');
    }
    const events = extract.events.slice(0, limit);
    const hasMore = extract.events.length > limit;
    const position = hasMore ? events.at(-1)!.position : head;
    return { events, nextCursor: encode(generation, position), hasMore };
  }

  async one(scope: EventScope, id: string): Promise<LoggedEvent> {
    const [event] = await this.events.find(scope, [id]);
    if (!event) throw new InterlockError('not_found', { message: 'Event not found.' });
    return event;
  }
}

function encode(generation: number, position: number): string {
  return Buffer.from(`e1.${generation}.${position}`, 'utf8').toString('base64url');
}

function decode(cursor: string): { generation: number; position: number } {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const found = CURSOR.exec(text);
  if (!found || Buffer.from(text, 'utf8').toString('base64url') !== cursor) {
    throw InterlockError.invalidField('cursor', 'must be a cursor that this endpoint returned');
  }
  return { generation: Number(found[1]), position: Number(found[2]) };
}
