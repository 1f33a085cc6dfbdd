import type { ResourceType } from '../providers';

export interface IncomingRecord {
  readonly externalId: string;
  /** The record as canonical JSON in UTF-8: one line, since JSON writes a line break within a text as `\n`. */
  readonly json: Buffer;
  /** sha256 of `json`, hex. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly sourceUpdatedMs: number | null;
  /** Of its time stamp (`readingOf`). */
  readonly reading: number | null;
  /** What it was listed with (`Listing`); null: its stream has none. */
  readonly digest: string | null;
  readonly ifKnown: boolean;
}

export interface ChangeCounts {
  created: number;
  updated: number;
  unchanged: number;
  /** Of the created and updated: older than `lateBefore`, or of unknown age. */
  late: number;
  /** Of those that nothing was stored of: stamped from `changedFrom` on. */
  fresh: number;
  /** Of the new and updated: without a stamp. */
  undated: number;
}

export interface RecordKey {
  readonly integrationId: string;
  readonly resourceType: ResourceType;
}

export interface StreamKey extends RecordKey {
  readonly stream: string;
  readonly epoch: number;
}

/**
 * What becomes of an incoming record: `n` new, `c` created again after its deletion, `u` updated, `=` as stored, `~` as
 * stored but with a digest of another seed (or none), `-` left out (`if_known`, and not known).
 */
type Change = 'n' | 'c' | 'u' | '=' | '~' | '-';

/** A letter a row: its `Change`, and for invoices `d` or `o` where a draft or open one is stored. */
export interface RecordDiff {
  readonly changes: string;
  readonly statuses: string | null;
}

export interface ChangedRecord {
  readonly row: IncomingRecord;
  /** Nothing is stored under its id. */
  readonly isNew: boolean;
  readonly operation: 'created' | 'updated';
  /** The letter of the status that is kept. */
  readonly keptStatus: string | null;
}

/** The diff of records none of which is stored. */
export function allNew(rows: readonly IncomingRecord[]): RecordDiff {
  return { changes: 'n'.repeat(rows.length), statuses: null };
}

export interface Changes {
  readonly counts: ChangeCounts;
  readonly changed: ChangedRecord[];
  /** Whose content is as stored, and whose digest was made otherwise. */
  readonly relisted: IncomingRecord[];
}

/** The times that a scan counts its changes by; null: it does not. */
export interface ChangeBounds {
  readonly lateBefore: Date | null;
  readonly changedFrom: Date | null;
}

const UNBOUND: ChangeBounds = { lateBefore: null, changedFrom: null };

export function changesOf(
  rows: readonly IncomingRecord[],
  diff: RecordDiff,
  { lateBefore, changedFrom }: ChangeBounds = UNBOUND,
): Changes {
  const counts = { created: 0, updated: 0, unchanged: 0, late: 0, fresh: 0, undated: 0 };
  const freshMs = changedFrom?.getTime() ?? Infinity;
  const lateMs = lateBefore?.getTime() ?? -Infinity;
  const changed: ChangedRecord[] = [];
  const relisted: IncomingRecord[] = [];
  rows.forEach((row, index) => {
    const change = diff.changes[index] as Change;
    if (change === '=' || change === '~') counts.unchanged++;
    if (change === '~') relisted.push(row);
    if (change === '=' || change === '~' || change === '-') return;
    const operation = change === 'u' ? 'updated' : 'created';
    counts[operation]++;
    if (row.sourceUpdatedMs === null || row.sourceUpdatedMs < lateMs) counts.late++;
    if (change !== 'c' && row.sourceUpdatedMs === null) counts.undated++;
    if (change === 'n' && row.sourceUpdatedMs !== null && row.sourceUpdatedMs >= freshMs) counts.fresh++;
    changed.push({ row, isNew: change === 'n', operation, keptStatus: diff.statuses?.[index] ?? null });
  });
  return { counts, changed, relisted };
}
