import { isAscii, isUtf8 } from 'node:buffer';

/** As a text of two bytes a character this is still far from an object with memory pages of its own. */
const SHORT_BYTES = 16 * 1024;
/** Beyond a page of rows, one text of two bytes a character costs less than the escapes of all its characters. */
const LONG_BYTES = 2 * 1024 * 1024;

/** JSON is UTF-8: other bytes are refused, not replaced, or a name would become another. */
export class NotUtf8 extends SyntaxError {}

/**
 * The JSON value of a body; throws SyntaxError, for bytes that are no UTF-8 a NotUtf8. The same as
 * `JSON.parse(body.toString())`, which makes a text of two bytes a character as soon as one name has an accent: for a
 * page of a hundred rows, that is so long that it gets memory pages of its own. Here such characters are written as
 * JSON escapes, and the text stays one of one byte. Twice as fast (`docs/performance.md`).
 */
export function parseJsonBody(body: Buffer): unknown {
  if (isAscii(body)) return JSON.parse(body.toString('latin1')) as unknown;
  if (!isUtf8(body)) throw new NotUtf8('not UTF-8');
  return JSON.parse(
    body.length <= SHORT_BYTES || body.length > LONG_BYTES ? body.toString('utf8') : narrowText(body),
  ) as unknown;
}

function narrowText(body: Buffer): string {
  const bytes = body.toString('latin1');
  // a backslash would take the escape's own: whether that is valid JSON is not decided here
  if (/\\[\x80-\xff]/.test(bytes)) return body.toString('utf8');
  // outside of ASCII only strings may hold anything, and a run of such bytes holds whole characters
  return bytes.replace(/[\x80-\xff]+/g, (run) => escaped(Buffer.from(run, 'latin1').toString('utf8')));
}

function escaped(text: string): string {
  let escapes = '';
  for (let index = 0; index < text.length; index++) {
    escapes += `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escapes;
}
