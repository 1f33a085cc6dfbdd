/** Why Wodify refuses a question. */
export class WodifyQueryError extends Error {}

/** One `field|op|value` of a search, its value split at commas. */
export interface WodifyCondition {
  field: string;
  operation: string;
  values: { text: string; quoted: boolean }[];
}

/** Reads `q=field|op|value;…`. Within single quotes `|`, `;` and `,` are text; a quote is written twice there. */
export function parseWodifyQuery(query: string): WodifyCondition[] {
  return splitOutsideQuotes(query, ';').map((part) => {
    const [field = '', operation = '', value, more] = splitOutsideQuotes(part, '|');
    if (!/^\w+$/.test(field) || more !== undefined) throw new WodifyQueryError(`cannot read condition ${part}`);
    return { field, operation: operation.trim(), values: value === undefined ? [] : valuesOf(value) };
  });
}

function valuesOf(text: string): WodifyCondition['values'] {
  const bare = /^\((.*)\)$/s.exec(text.trim())?.[1] ?? text;
  return splitOutsideQuotes(bare, ',').map((piece) => {
    const value = piece.trim();
    if (!value.includes("'")) return { text: value, quoted: false };
    if (!/^'(?:[^']|'')*'$/s.test(value)) throw new WodifyQueryError(`quotes do not match in ${value}`);
    return { text: value.slice(1, -1).replaceAll("''", "'"), quoted: true };
  });
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
