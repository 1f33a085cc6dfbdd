import { createHash } from 'node:crypto';

/** An entry as the chain sees it: text as the database writes it, so that no digit of a time or number is lost. */
export interface ChainedEntry {
  readonly id: string;
  /** Microseconds since 1970. */
  readonly occurredAt: string;
  readonly action: string;
  readonly merchantId: string | null;
  readonly environment: string | null;
  readonly actorKind: string;
  readonly actorId: string;
  readonly requestId: string | null;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly reason: string | null;
  /** The text of the jsonb value: sorted and without superfluous white space. */
  readonly details: string;
}

export interface ChainLink {
  readonly sequence: number;
  readonly entryId: string;
  readonly entryHash: Buffer;
  readonly hash: Buffer;
}

const FORMAT = 'interlock-audit-1';
/** What the first link follows. */
export const GENESIS = Buffer.alloc(32);

/** Precondition: the fields never change their order; another order would be another format. */
export function entryHashOf(entry: ChainedEntry): Buffer {
  const canonical = JSON.stringify([
    FORMAT,
    entry.id,
    entry.occurredAt,
    entry.action,
    entry.merchantId,
    entry.environment,
    entry.actorKind,
    entry.actorId,
    entry.requestId,
    entry.subjectType,
    entry.subjectId,
    entry.reason,
    entry.details,
  ]);
  return createHash('sha256').update(canonical).digest();
}

export function linkHashOf(previous: Buffer, entryHash: Buffer): Buffer {
  return createHash('sha256').update(previous).update(entryHash).digest();
}

/** The links of these entries behind the last one there is. */
export function chainOn(
  last: Pick<ChainLink, 'sequence' | 'hash'> | null,
  entries: readonly ChainedEntry[],
): ChainLink[] {
  let { sequence, hash } = last ?? { sequence: 0, hash: GENESIS };
  return entries.map((entry) => {
    const entryHash = entryHashOf(entry);
    hash = linkHashOf(hash, entryHash);
    return { sequence: ++sequence, entryId: entry.id, entryHash, hash };
  });
}

/** To the microsecond: with fewer digits nobody could recompute a hash from a copy. */
export function isoOf(microseconds: string): string {
  const milliseconds = new Date(Number(microseconds.slice(0, -3))).toISOString();
  return milliseconds.replace('Z', `${microseconds.slice(-3)}Z`);
}

/** The other way round; null for what `isoOf` does not write. */
export function microsecondsOf(iso: string): string | null {
  const [, milliseconds, micros] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(\d{3})Z$/.exec(iso) ?? [];
  const at = Date.parse(`${milliseconds}Z`);
  return Number.isNaN(at) ? null : `${at}${micros}`;
}
