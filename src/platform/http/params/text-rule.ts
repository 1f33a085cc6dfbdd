/**
 * PostgreSQL stores no NUL, and no half of a surrogate pair; of the other control characters only tab and line breaks
 * have a meaning in a text.
 */
// oxlint-disable-next-line no-control-regex
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\p{Cs}]/u;

export const TEXT_RULE = 'must not contain control characters or half a surrogate pair';

/** The one rule for a text from outside. */
export function isFitText(text: string): boolean {
  return !UNFIT.test(text);
}

/** The form in which an error may repeat a name that the caller sent. */
export function fitText(text: string): string {
  return text.replace(new RegExp(UNFIT, 'gu'), '\u{fffd}');
}
