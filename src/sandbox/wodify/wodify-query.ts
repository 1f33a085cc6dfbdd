/** Why Wodify refuses a question. */
export class WodifyQueryError extends Error {}

/** A value of a condition; texts stand in single quotes. */
export interface WodifyValue {
  text: string;
  quoted: boolean;
}

/** One `field|op|value` of a search. */
export interface WodifyCondition {
  field: string;
  operation: string;
  values: WodifyValue[];
}

/**
 * Reads `q=field|op|value;…`, with `a|b` for `between` and `{a,b}` for `in`. `' | ;` are reserved: no text contains a
 * quote.
 */
export function parseWodifyQuery(query: string): WodifyCondition[] {
  return splitOutsideQuotes(query, ';').map((part) => {
    const [field = '', operation = '', ...rest] = splitOutsideQuotes(part, '|');
    if (!/^\w+$/.test(field)) throw new WodifyQueryError(`cannot read condition ${part}`);
    return { field, operation, values: valuesOf(part, operation, rest) };
  });
}

function valuesOf(part: string, operation: string, rest: string[]): WodifyValue[] {
  if (operation === 'between') return rest.map(valueOf);
  if (rest.length > 1) throw new WodifyQueryError(`cannot read condition ${part}`);
  const [text] = rest;
  if (text === undefined) return [];
  if (operation !== 'in' && operation !== 'not_in') return [valueOf(text)];
  const inner = /^\{(.*)\}$/s.exec(text)?.[1];
  if (inner === undefined) throw new WodifyQueryError(`${operation} takes a list in braces`);
  return splitOutsideQuotes(inner, ',').map(valueOf);
}

function valueOf(piece: string): WodifyValue {
  const value = piece.trim();
  if (!value.includes("'")) return { text: value, quoted: false };
  const inner = /^'([^']*)'$/s.exec(value)?.[1];
  if (inner === undefined) throw new WodifyQueryError(`quotes do not match in ${value}`);
  return { text: inner, quoted: true };
}

function splitOutsideQuotes(text: string, mark: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const letter of text) {
    if (letter === "'") quoted = !quoted;
    if (letter === mark && !quoted) {
      parts.push(part);
      part = '';
    } else {
      part += letter;
    }
  }
  if (quoted) throw new WodifyQueryError('a quote is not closed');
  parts.push(part);
  return parts;
}
