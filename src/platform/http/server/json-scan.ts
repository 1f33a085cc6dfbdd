const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA] = Buffer.from('"\\{}[],');

/**
 * How deep JSON is nested, how many members one object has, and how many members, items and containers there are in
 * all.
 */
export interface JsonSize {
  readonly depth: number;
  readonly members: number;
  readonly values: number;
}

/**
 * Which of the limits the JSON exceeds, if any. It looks at the bytes, once and without making anything of them: what
 * parses may be too deep for whoever walks it next, and a hundred thousand members take longer to parse than to count.
 */
export function exceeds(json: Buffer, limits: JsonSize): keyof JsonSize | null {
  /** Of each container that is open: the commas so far of an object; of a list, less than nothing. */
  const open = new Float64Array(limits.depth + 1);
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = endOfText(json, at + 1);
    } else if (byte === COMMA) {
      if (++values > limits.values) return 'values';
      if (++open[depth]! >= limits.members) return 'members';
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limits.depth) return 'depth';
      if (++values > limits.values) return 'values';
      open[depth] = byte === OPEN_BRACE ? 0 : -Infinity;
    } else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && depth > 0) depth--;
  }
  return null;
}

/** Where the closing quotation mark is; the end where there is none. */
function endOfText(json: Buffer, start: number): number {
  for (let at = start; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return json.length;
}
