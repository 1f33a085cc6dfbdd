import { randomUUID } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { parseJsonBody } from './json-body';
import {
  isTooDeep,
  JsonTooLarge,
  MAX_ANSWER_DEPTH,
  MAX_ANSWER_VALUES,
  MAX_LIST_ELEMENTS,
  scanJson,
  skipBlanks,
} from './json-shape';

const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a];
const [BRACKET, BRACKET_END, BRACE] = [0x5b, 0x5d, 0x7b];

/** Stands for the elements while what is around them is parsed; no body holds it. */
const PLACE = randomUUID();

/** Looked through in a few milliseconds. */
const PART_BYTES = 512 * 1024;

/** An element of a list, unparsed. */
export interface JsonElement {
  /** As it came: JSON, if it can be parsed. */
  readonly bytes: Buffer;
  /** Deeper than `MAX_DEPTH`: whatever walks its value must not recurse. */
  readonly tooDeep: boolean;
}

export interface JsonList {
  /** The body's value; where `elements` are given, their array in it is empty. */
  readonly body: unknown;
  /** Of `body`: deeper than `MAX_DEPTH`. */
  readonly tooDeep: boolean;
  /** null: the body has no such array, or in a form that cannot be told apart, and `body` is all of it. */
  readonly elements: readonly JsonElement[] | null;
}

/**
 * `parseJsonBody` that leaves the elements of one array unparsed, which stands at a path of members (`data.rows`) or is
 * the body itself (`$`): a list of a hundred rows of which ninety-nine are known by their bytes need not be understood
 * again. Throws SyntaxError for what stands around the elements, and JsonTooLarge for more than `MAX_LIST_ELEMENTS` of
 * them or `MAX_VALUES` values in all. Between parts of a long list others have the event loop.
 */
export async function parseJsonList(body: Buffer, place: string): Promise<JsonList> {
  const parts = partsOfList(body, place === '$' ? [] : place.split('.'));
  for (;;) {
    const part = parts.next();
    if (part.done) return part.value;
    await othersTurn();
  }
}

function* partsOfList(body: Buffer, path: readonly string[]): Generator<void, JsonList> {
  const found = yield* findArray(
    body,
    path.map((name) => Buffer.from(JSON.stringify(name))),
  );
  if (found !== null) {
    const place = Buffer.from(JSON.stringify(PLACE));
    const rest = Buffer.concat([body.subarray(0, found.start), place, body.subarray(found.end)]);
    const tooDeep = isTooDeep(rest);
    const around = parseJsonBody(rest);
    const list = valueAt(around, path);
    // else a member came twice, perhaps spelt with escapes, and the last one counts
    if (Array.isArray(list) && list[0] === PLACE) {
      list.length = 0;
      return { body: around, tooDeep, elements: found.elements };
    }
  }
  return { tooDeep: isTooDeep(body), body: parseJsonBody(body), elements: null };
}

interface FoundArray {
  /** Behind its opening bracket. */
  readonly start: number;
  /** Of its closing bracket. */
  readonly end: number;
  readonly elements: JsonElement[];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = (found as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return found;
}

/** Whatever is out of the ordinary ends the search: the parser decides then what the text is. */
function* findArray(body: Buffer, path: readonly Buffer[]): Generator<void, FoundArray | null> {
  let begin: number | null = skipBlanks(body, 0);
  for (const name of path) {
    begin = memberAt(body, begin, name);
    if (begin === null) return null;
  }
  return body[begin] === BRACKET ? yield* splitArray(body, begin + 1) : null;
}

/** Where the value of an object's member begins; null: it is no object, or has none. */
function memberAt(body: Buffer, begin: number, name: Buffer): number | null {
  let at = begin;
  if (body[at] !== BRACE) return null;
  do {
    at = skipBlanks(body, at + 1);
    if (body[at] !== QUOTE) return null;
    const keyEnd = scanJson(body, at).end;
    const isIt = body.subarray(at, keyEnd).equals(name);
    at = skipBlanks(body, keyEnd);
    if (body[at] !== COLON) return null;
    at = skipBlanks(body, at + 1);
    if (isIt) return at;
    at = skipBlanks(body, scanJson(body, at).end);
  } while (body[at] === COMMA);
  return null;
}

function* splitArray(body: Buffer, start: number): Generator<void, FoundArray | null> {
  const elements: JsonElement[] = [];
  let values = 0;
  let at = skipBlanks(body, start);
  let partEnd = start + PART_BYTES;
  if (body[at] === BRACKET_END) return { start, end: at, elements };
  for (;;) {
    if (at >= partEnd) {
      yield;
      partEnd = at + PART_BYTES;
    }
    const scan = scanJson(body, at);
    const { end } = scan;
    if (end === at) return null;
    values += scan.values;
    if (elements.length === MAX_LIST_ELEMENTS) throw new JsonTooLarge(`more than ${MAX_LIST_ELEMENTS} rows`);
    if (values > MAX_ANSWER_VALUES) throw new JsonTooLarge(`more than ${MAX_ANSWER_VALUES} values`);
    elements.push({ bytes: body.subarray(at, end), tooDeep: scan.depth > MAX_ANSWER_DEPTH });
    at = skipBlanks(body, end);
    if (body[at] === BRACKET_END) return { start, end: at, elements };
    if (body[at] !== COMMA) return null;
    at = skipBlanks(body, at + 1);
  }
}
