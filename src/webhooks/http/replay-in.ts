import { InterlockError } from '../../platform/errors';
import { parseTimestamp } from '../../platform/http';
import type { ReplayRequest } from '../endpoint-actions.service';

export interface ReplaySelection {
  readonly eventId?: string | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

/** What a body, or a query, asks to be sent once more; 400 where it is neither one event nor a time. */
export function replayIn({ eventId, from, to }: ReplaySelection): ReplayRequest {
  if (eventId !== undefined) {
    if ((from ?? to ?? null) !== null) throw InterlockError.invalidField('eventId', 'stands alone');
    return { eventId: eventId.toLowerCase() };
  }
  if (!from) throw InterlockError.invalidField('from', 'is required where there is no eventId');
  return { from: parseTimestamp(from)!, to: to ? parseTimestamp(to)! : null };
}
