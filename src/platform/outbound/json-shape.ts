const [SPACE, TAB, NEWLINE, RETURN] = [0x20, 0x09, 0x0a, 0x0d];
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Levels of a body, or of one element of its list: whatever recurses into a value stays far from the end of the stack.
 */
export const MAX_ANSWER_DEPTH = 64;
/** Rows of one page. Pages are asked for by the hundred. */
export const MAX_LIST_ELEMENTS = 10_000;
/** Values of one body: parsed, ten megabytes of `{},` would be half a gigabyte. */
export const MAX_ANSWER_VALUES = 500_000;

/** A body that would cost too much to parse. The message completes „the answer holds …“. */
export class JsonTooLarge extends Error {}

/** What a JSON value would be, told from its brackets and commas. */
export interface JsonScan {
  /** Behind the value; behind the text, if it never ends. */
  readonly end: number;
  /** Nested arrays and objects, one within the other. */
  readonly depth: number;
  /** Itself, and everything within. An upper bound. */
  readonly values: number;
}

/** The value that begins here. Bytes beyond ASCII stand within strings, and none of them looks like ASCII. */
export function scanJson(body: Buffer, from: number): JsonScan {
  const { length } = body;
  let depth = 0;
  let deepest = 0;
  let values = 1;
  const scanned = (end: number): JsonScan => ({ end, depth: deepest, values });
  for (let at = from; at < length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      // a string behind another value, without a comma between
      if (depth === 0 && at > from) return scanned(at);
      // nearly all bytes are in strings
      for (at++; at < length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
      if (depth === 0) return scanned(Math.min(at + 1, length));
    } else if (byte === BRACE || byte === BRACKET) {
      if (depth === 0 && at > from) return scanned(at);
      values++;
      if (++depth > deepest) deepest = depth;
    } else if (byte === BRACE_END || byte === BRACKET_END) {
      if (depth === 0) return scanned(at);
      if (--depth === 0) return scanned(at + 1);
    } else if (byte === COMMA) {
      if (depth === 0) return scanned(at);
      values++;
    } else if (depth === 0 && isBlank(byte)) return scanned(at);
  }
  return scanned(length);
}

/** Whether a body is deeper than `MAX_DEPTH`. Throws JsonTooLarge for one of more than `MAX_VALUES` values. */
export function isTooDeep(body: Buffer): boolean {
  const { depth, values } = scanJson(body, skipBlanks(body, 0));
  if (values > MAX_ANSWER_VALUES) throw new JsonTooLarge(`more than ${MAX_ANSWER_VALUES} values`);
  return depth > MAX_ANSWER_DEPTH;
}

export function skipBlanks(body: Buffer, from: number): number {
  let at = from;
  while (isBlank(body[at])) at++;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
}
