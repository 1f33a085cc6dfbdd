import { sentPattern } from './sent-values';

const MAX_LENGTH = 200;
/** An answer can be megabytes; what is past this cannot reach the 200 characters that stay. */
const MAX_READ = 4_096;
/** No value that is sent is longer than this in any notation, so one that begins before that end is seen as a whole. */
const MAX_NOTATION = 32 * 1_024;
const EMAIL = /[^\s@<>"'(),;:=]+@[^\s@<>"'(),;:=]+/g;
/** Long runs that mix in digits, or are longer than any word: keys, tokens, digests. */
const TOKEN_LIKE = /(?=[A-Za-z0-9_\-+/=.]*\d)[A-Za-z0-9_\-+/=.]{20,}|[A-Za-z0-9_\-+/=]{32,}/g;
/** Nine digits and more, but for dates: telephone and card numbers. */
const LONG_NUMBER = /\+?\d(?:[ ().-]?\d){8,}/g;
const DATE = /^\d{4}-\d{2}-\d{2}(?!\d)/;

/**
 * The provider's words, fit for a merchant and a log: credentials that we sent, things that look like one, e-mail
 * addresses and long numbers are masked, and at most 200 characters remain. Masked before it is cut, so that no half of
 * a secret survives.
 */
export function maskProviderMessage(message: string | null | undefined, sentValues: Iterable<string>): string | null {
  if (message === null || message === undefined) return null;
  const line = oneLine(message, MAX_READ + MAX_NOTATION);
  const masked = withoutSent(line, sentValues, MAX_READ);
  // half of a word may be half of an address or a number, which nothing masks
  const text = withoutLookalikes(line.length > MAX_READ ? masked.replace(/\S*$/, '') : masked);
  if (text === '') return null;
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1).trimEnd()}…` : text;
}

/**
 * One line of foreign text, with everything masked that is or looks like a credential, an address or a person's number.
 */
export function maskText(message: string, sentValues: Iterable<string>): string {
  return withoutLookalikes(withoutSent(oneLine(message), sentValues));
}

function oneLine(text: string, maxLength = Infinity): string {
  let line = '';
  for (const [word] of text.matchAll(/[^\p{Cc}\s]+/gu)) {
    line += line === '' ? word : ` ${word}`;
    if (line.length >= maxLength) return line.slice(0, maxLength);
  }
  return line;
}

function withoutLookalikes(text: string): string {
  return text
    .replace(EMAIL, '[e-mail]')
    .replace(TOKEN_LIKE, '[redacted]')
    .replace(LONG_NUMBER, (run) => (DATE.test(run) ? run : '[number]'))
    .trim();
}

/** The first characters, without the values that were sent. One that begins there is found as a whole. */
function withoutSent(text: string, sentValues: Iterable<string>, maxLength = text.length): string {
  const values = [...sentValues];
  // `name=address` pairs come back in parts
  const parts = values.flatMap((value) => value.split(/[=\s]/)).filter(({ length }) => length >= 6);
  const pattern = sentPattern([...values, ...parts]);
  let masked = '';
  let at = 0;
  for (const { 0: found, index } of pattern === null ? [] : text.matchAll(pattern)) {
    if (index >= maxLength) break;
    masked += `${text.slice(at, index)}[redacted]`;
    at = index + found.length;
  }
  return masked + text.slice(at, Math.max(at, maxLength));
}
