import {
  isBadRow,
  isListedRow,
  understood,
  type BadRow,
  type FetchedRow,
  type GoodRow,
  type ListedRow,
  type NormalisedRecord,
} from '../providers';
import { canonicalRecord, sha256 } from './content-hash';
import type { IncomingRecord } from './record-changes';
import { readingOf, type StampReading } from './version-order';

/**
 * Of a record's canonical JSON, in bytes. A larger one is quarantined: readers of the feed would have to take it whole.
 */
const MAX_RECORD_BYTES = 256 * 1024;

/** A row that is understood, in what a commit needs of it: the provider's row need not be kept until then. */
export type CommitRow = IncomingRecord | BadRow;

/** The rows of a commit, by what becomes of them. */
export interface PageRows {
  /** Each record once. */
  readonly incoming: readonly IncomingRecord[];
  readonly bad: readonly BadRow[];
  /** External ids of rows that were not parsed, because their digest is stored. */
  readonly unchanged: readonly string[];
}

/** How the rows of a scan are taken in. */
export interface RowReading {
  readonly stamps: StampReading;
  /** Rows that are dated before it only update records that are known (`if_known`); null: there is no such limit. */
  readonly knownBefore: Date | null;
}

export function commitRow(row: FetchedRow | ListedRow, reading: RowReading): CommitRow {
  const read = understood(row);
  return isBadRow(read) ? read : toIncoming(read, reading);
}

/** `isStored`: of the listed rows. Those that are not stored are understood here. */
export function pageRows(
  rows: readonly (CommitRow | ListedRow)[],
  reading: RowReading,
  isStored: ReadonlySet<CommitRow | ListedRow> = new Set(),
): PageRows {
  const unchanged: string[] = [];
  const bad: BadRow[] = [];
  const incoming: IncomingRecord[] = [];
  const repeated = repeatedIds(rows);
  for (const row of rows) {
    // of a row that came twice the later one counts, which may be the one that is stored: both are compared
    if (isListedRow(row) && isStored.has(row) && !repeated.has(row.externalId)) {
      unchanged.push(row.externalId);
      continue;
    }
    const read = isListedRow(row) ? commitRow(row, reading) : row;
    if (isBadRow(read)) bad.push(read);
    else incoming.push(read);
  }
  return { incoming: lastOfEach(incoming), bad, unchanged };
}

function toIncoming(row: GoodRow, { stamps, knownBefore }: RowReading): CommitRow {
  const json = Buffer.from(canonicalRecord(row.record));
  if (json.length > MAX_RECORD_BYTES) {
    return { externalId: row.externalId, reason: 'record too large', path: '$', rowDigest: sha256(json) };
  }
  const sourceUpdatedMs = row.sourceUpdatedAt?.getTime() ?? null;
  return {
    externalId: row.externalId,
    json,
    hash: sha256(json),
    sourceUpdatedMs,
    reading: readingOf(sourceUpdatedMs, stamps),
    digest: row.digest,
    ifKnown: row.store === 'if_known' || (knownBefore !== null && isDatedBefore(row.record, knownBefore)),
  };
}

function isDatedBefore(record: NormalisedRecord, limit: Date): boolean {
  const date = 'issuedAt' in record ? record.issuedAt : 'paidAt' in record ? record.paidAt : null;
  return date !== null && Date.parse(date) < limit.getTime();
}

function repeatedIds(rows: readonly (CommitRow | ListedRow)[]): ReadonlySet<string | null> {
  const seen = new Set<string | null>();
  const repeated = new Set<string | null>();
  for (const { externalId } of rows) {
    if (seen.has(externalId)) repeated.add(externalId);
    seen.add(externalId);
  }
  return repeated;
}

/** Pages that drift can hold a row twice; the one read later is the newer. */
function lastOfEach(rows: readonly IncomingRecord[]): readonly IncomingRecord[] {
  const byId = new Map<string, IncomingRecord>();
  for (const row of rows) {
    byId.delete(row.externalId);
    byId.set(row.externalId, row);
  }
  return byId.size === rows.length ? rows : [...byId.values()];
}
