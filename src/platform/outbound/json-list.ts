import { randomUUID } from 'node:crypto';
import { parseJsonBody } from './json-body';

const [SPACE, TAB, NEWLINE, RETURN] = [0x20, 0x09, 0x0a, 0x0d];
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Stands for the elements while what is around them is parsed; no body holds it. */
const PLACE = randomUUID();

export interface JsonList {
  /** The body's value; where `elements` are given, their array in it is empty. */
  readonly body: unknown;
  /**
   * The array's elements as they came, each a text that is JSON if it can be parsed; null: the body has no such array, or in a form
   * that cannot be told apart, and `body` is all of it.
   */
  readonly elements: readonly Buffer[] | null;
}

/**
 * `parseJsonBody` that leaves the elements of one array, a member of the outermost object, unparsed: a list of a hundred rows of which
 * ninety-nine are known by their bytes need not be understood again. Throws SyntaxError for what stands around the elements.
 */
export function parseJsonList(body: Buffer, member: string): JsonList {
  const found = findArray(body, Buffer.from(JSON.stringify(member)));
  if (found !== null) {
    const place = Buffer.from(JSON.stringify(PLACE));
    const parsed = parseJsonBody(Buffer.concat([body.subarray(0, found.start), place, body.subarray(found.end)]));
    const around = parsed as Record<string, unknown>;
    const list = around[member];
    // else the same member came twice, perhaps spelt with escapes, and the last one counts
    if (Array.isArray(list) && list[0] === PLACE)
      return { body: { ...around, [member]: [] }, elements: found.elements };
  }
  return { body: parseJsonBody(body), elements: null };
}

interface FoundArray {
  /** Behind its opening bracket. */
  readonly start: number;
  /** Of its closing bracket. */
  readonly end: number;
  readonly elements: Buffer[];
}

/** Whatever is out of the ordinary ends the search: the parser decides then what the text is. */
function findArray(body: Buffer, name: Buffer): FoundArray | null {
  let at = skipBlanks(body, 0);
  if (body[at] !== BRACE) return null;
  do {
    at = skipBlanks(body, at + 1);
    if (body[at] !== QUOTE) return null;
    const keyEnd = skipValue(body, at);
    const isIt = body.subarray(at, keyEnd).equals(name);
    at = skipBlanks(body, keyEnd);
    if (body[at] !== COLON) return null;
    at = skipBlanks(body, at + 1);
    if (isIt) return body[at] === BRACKET ? splitArray(body, at + 1) : null;
    at = skipBlanks(body, skipValue(body, at));
  } while (body[at] === COMMA);
  return null;
}

function splitArray(body: Buffer, start: number): FoundArray | null {
  const elements: Buffer[] = [];
  let at = skipBlanks(body, start);
  if (body[at] === BRACKET_END) return { start, end: at, elements };
  for (;;) {
    const end = skipValue(body, at);
    if (end === at) return null;
    elements.push(body.subarray(at, end));
    at = skipBlanks(body, end);
    if (body[at] === BRACKET_END) return { start, end: at, elements };
    if (body[at] !== COMMA) return null;
    at = skipBlanks(body, at + 1);
  }
}

function skipBlanks(body: Buffer, from: number): number {
  let at = from;
  while (isBlank(body[at])) at++;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
}

/** Behind the value that begins here; behind the text, if it never ends. Bytes beyond ASCII stand within strings, and none of them looks like ASCII. */
function skipValue(body: Buffer, from: number): number {
  const { length } = body;
  let depth = 0;
  for (let at = from; at < length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      // a string behind another value, without a comma between
      if (depth === 0 && at > from) return at;
      // nearly all bytes are in strings
      for (at++; at < length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
      if (depth === 0) return Math.min(at + 1, length);
    } else if (byte === BRACE || byte === BRACKET) {
      if (depth === 0 && at > from) return at;
      depth++;
    } else if (byte === BRACE_END || byte === BRACKET_END) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || isBlank(byte))) return at;
  }
  return length;
}
