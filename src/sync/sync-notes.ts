/**
 * What a sync log says beside its counts: a closed list of codes, with the text that merchants and operators read. No
 * text holds a value of a row.
 */
export const SYNC_NOTES = {
  filter_ignored: 'The provider ignores its changed-since filter; the whole list was read and compared.',
  filter_refused: 'The provider refuses its changed-since filter; the whole list was read and compared.',
  filter_unproven: 'The changed-since filter did not return known changes; the whole list was read and compared.',
  order_ignored: 'The list is not in the requested order; it was read to its end.',
  range_ignored:
    'The provider does not take a filter by the date of creation; the whole list was read, and older rows were left out.',
  list_absent: 'The account has no list at this path.',
  list_empty: 'The list is empty although records of it are stored; an operator must approve their deletion.',
  count_short: 'The provider counts more rows than it lists; nothing was deleted.',
  scan_incomplete: 'The scan lost part of what it saw; nothing was deleted.',
  deletions_held: 'Many records are missing from the list; an operator must approve their deletion.',
  lookup_unproven:
    'The provider does not show listed rows by id; a missing record is deleted once two full scans in a row miss it.',
  rows_not_understood: 'Some rows could not be understood; they are in quarantine.',
} as const;

export type SyncNote = keyof typeof SYNC_NOTES;
export const SYNC_NOTE_CODES = Object.keys(SYNC_NOTES) as SyncNote[];
