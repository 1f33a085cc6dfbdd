import { isoOf, microsecondsOf, type ChainedEntry } from './chain';
import type { InspectedLink } from './chain-inspection';

/** A link as a stream sends it, with its place among the others. */
export interface StreamLine {
  readonly sequence: number;
  /** null: the entry is gone. */
  readonly entry: ChainedEntry | null;
  /** One line of JSON in ASCII, without its end: a receiver that escapes or counts characters changes nothing. */
  readonly text: string;
}

/** Of each text. */
const BEGIN = '{"sequence":';
const HASH = /^[0-9a-f]{64}$/;

/**
 * `details` is the text that the entry's hash covers, and not an object: what reads JSON and writes it again would
 * change its digits and its order.
 */
export function streamLineOf(link: InspectedLink): StreamLine {
  const { sequence, entryId, entry } = link;
  const text = JSON.stringify({
    sequence,
    hash: link.hash.toString('hex'),
    entryHash: link.entryHash.toString('hex'),
    id: entryId,
    ...(entry === null ? {} : { ...entry, id: entryId, occurredAt: isoOf(entry.occurredAt) }),
  });
  return { sequence, entry, text: inAscii(text) };
}

/**
 * What `streamLineOf` made of a link, however it was written again, behind whatever stands in the line before it: the
 * header of syslog, or the half of a line that a receiver wrote before it was killed.
 */
export function linkOfLine(line: string): InspectedLink | null {
  const value = parsed(line, line.indexOf('{')) ?? parsed(line, line.lastIndexOf(BEGIN));
  if (value === null) return null;
  const { sequence, hash, entryHash, id } = value;
  if (!Number.isSafeInteger(sequence) || Number(sequence) < 1 || typeof id !== 'string') return null;
  if (!isHash(hash) || !isHash(entryHash)) return null;
  const entry = value['action'] === undefined ? null : entryOf(value);
  if (entry === undefined) return null;
  return {
    sequence: Number(sequence),
    entryId: id,
    hash: Buffer.from(hash, 'hex'),
    entryHash: Buffer.from(entryHash, 'hex'),
    entry,
  };
}

/** undefined: it is none. */
function entryOf(value: Readonly<Record<string, unknown>>): ChainedEntry | undefined {
  const text = (name: string): string => String(value[name]);
  const textOrNull = (name: string): string | null => (value[name] === null ? null : text(name));
  const occurredAt = microsecondsOf(text('occurredAt'));
  if (occurredAt === null) return undefined;
  return {
    id: text('id'),
    occurredAt,
    action: text('action'),
    merchantId: textOrNull('merchantId'),
    environment: textOrNull('environment'),
    actorKind: text('actorKind'),
    actorId: text('actorId'),
    requestId: textOrNull('requestId'),
    subjectType: text('subjectType'),
    subjectId: text('subjectId'),
    reason: textOrNull('reason'),
    details: text('details'),
  };
}

function parsed(line: string, begin: number): Readonly<Record<string, unknown>> | null {
  if (begin < 0) return null;
  try {
    const value: unknown = JSON.parse(line.slice(begin));
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}

function inAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
