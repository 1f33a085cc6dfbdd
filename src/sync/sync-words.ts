import { FILTER_STATES } from './cursor';
import { SYNC_NOTE_CODES, SYNC_NOTES } from './sync-notes';

/** The closed lists of words that other modules show. `integration_status_view` says what a status and a health are. */
export const SYNC_WORDS = {
  statuses: ['connected', 'error', 'syncing', 'idle'],
  healths: ['healthy', 'degraded', 'paused'],
  /** What was found of a changed-since filter. */
  filterStates: FILTER_STATES,
  /** What a sync log says beside its counts. */
  notes: SYNC_NOTE_CODES,
  noteTexts: SYNC_NOTES,
} as const;
