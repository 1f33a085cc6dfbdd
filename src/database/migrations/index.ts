import { Audit1780000000001 } from './1780000000001-audit';

/** The explicit list, in order. A migration that has landed is never edited: a later one changes what it made. */
export const MIGRATIONS = [Audit1780000000001];
