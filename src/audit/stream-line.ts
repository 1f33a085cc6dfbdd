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
const MAX_ID_LENGTH = 64;
/**
 * Of JSON; one that does not end goes to the end. What follows a backslash may be anything, so that it always fits and
 * no text is read twice.
 */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)/gs;

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

export interface ReadLine {
  /** null: the line holds none that ends. */
  readonly link: InspectedLink | null;
  /** The line is a header and the link, and nothing else. */
  readonly isWhole: boolean;
}

/**
 * The link at the end of a line, exactly as `streamLineOf` writes it: a line that says the same otherwise, or more,
 * could show its readers something else. Before it stands a header, of which nothing is proven, and perhaps the
 * beginning of another line, where a receiver was killed while it wrote.
 */
export function linkOfLine(line: string): ReadLine {
  const begin = line.lastIndexOf(BEGIN);
  const link = begin < 0 || holdsObject(line.slice(0, begin)) ? null : linkOfText(line.slice(begin));
  return { link, isWhole: link !== null && line.indexOf('{') === begin };
}

/** An object that ends: a brace that closes, outside the strings of what `streamLineOf` began. */
function holdsObject(text: string): boolean {
  const [header, ...begun] = text.split(BEGIN);
  return header!.includes('}') || begun.some((part) => part.replace(STRING, '').includes('}'));
}

function linkOfText(text: string): InspectedLink | null {
  const value = parsed(text);
  const link = value === null ? null : linkOf(value);
  return link !== null && streamLineOf(link).text === text ? link : null;
}

function linkOf(value: Readonly<Record<string, unknown>>): InspectedLink | null {
  const { sequence, hash, entryHash, id } = value;
  if (!Number.isSafeInteger(sequence) || Number(sequence) < 1 || !isId(id)) return null;
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

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** Of what is kept of a link only its id has a length of its own. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_ID_LENGTH;
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}

function inAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
