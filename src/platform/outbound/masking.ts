const MAX_LENGTH = 200;
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
  // an answer can be megabytes; what is past this cannot reach the 200 characters that stay
  const text = maskText(message.slice(0, 4096), sentValues);
  if (text === '') return null;
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1).trimEnd()}…` : text;
}

/**
 * One line of foreign text, with everything masked that is or looks like a credential, an address or a person's number.
 */
export function maskText(message: string, sentValues: Iterable<string>): string {
  let text = message.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  for (const value of sentForms(sentValues)) text = text.replaceAll(value, '[redacted]');
  return text
    .replace(EMAIL, '[e-mail]')
    .replace(TOKEN_LIKE, '[redacted]')
    .replace(LONG_NUMBER, (run) => (DATE.test(run) ? run : '[number]'))
    .trim();
}

function sentForms(values: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const value of values) {
    if (value.length < 4) continue;
    for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64')]) forms.add(form);
    // `name=address` pairs come back in parts
    for (const part of value.split(/[=\s]/)) if (part.length >= 6) forms.add(part);
  }
  return [...forms].sort((left, right) => right.length - left.length);
}
