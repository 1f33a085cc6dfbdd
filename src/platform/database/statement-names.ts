import { createHash } from 'node:crypto';

/** Far more than this application has texts: a text that is made for each call must not fill the server's memory. */
const MOST_NAMES = 1_000;
/** A filter that may be absent: planned for its values, because the planner then leaves it out. */
const OPTIONAL_FILTER = /\$\d+(::[a-z]+(\[\])?)? IS NULL OR /;

const names = new Map<string, string | undefined>();

/**
 * The name under which a connection keeps the plan of this text, so that the server parses and plans it once per
 * connection; undefined where it is better planned for each call.
 */
export function statementName(text: string): string | undefined {
  if (names.has(text)) return names.get(text);
  if (names.size >= MOST_NAMES) return undefined;
  const name = OPTIONAL_FILTER.test(text)
    ? undefined
    : createHash('sha256').update(text).digest('base64url').slice(0, 22);
  names.set(text, name);
  return name;
}
