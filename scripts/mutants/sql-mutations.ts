/** A replacement within a template literal. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

/** Where a condition or a list of assignments ends, outside brackets. */
const CLAUSE_END =
  /^(WHERE|ORDER BY|GROUP BY|LIMIT|FOR (NO KEY )?UPDATE|RETURNING|ON CONFLICT|FROM|JOIN|LEFT JOIN|CROSS JOIN|UNION|EXCEPT|SET|DO (UPDATE|NOTHING)|WHEN|THEN|ELSE|END)\b/;
/** The FROM behind it ends nothing. */
const IS_DISTINCT = /\bDISTINCT\s+$/;
/** Replaced wherever they stand. A bound that is the very moment of the statement decides nothing. */
const TOKENS: readonly [RegExp, string][] = [
  [/\s+FOR (NO KEY )?UPDATE( OF \w+)?( SKIP LOCKED)?/g, ''],
  [/\s+SKIP LOCKED/g, ''],
  [/(?<= )<=(?= (?!(?:now|clock_timestamp)\(\)))/g, '<'],
  [/(?<= )<(?= (?!(?:now|clock_timestamp)\(\)))/g, '<='],
  [/(?<= )>=(?= (?!(?:now|clock_timestamp)\(\)))/g, '>'],
  [/(?<= )>(?= (?!(?:now|clock_timestamp)\(\)))/g, '>='],
  [/(?<= )<>(?= )/g, '='],
  [/\bNOT EXISTS\b/g, 'EXISTS'],
  [/\bIS NOT NULL\b/g, 'IS NULL'],
  [/\bIS NULL\b/g, 'IS NOT NULL'],
  [/\bIS DISTINCT FROM\b/g, 'IS NOT DISTINCT FROM'],
  [/\bgreatest\(/g, 'least('],
  [/\bleast\(/g, 'greatest('],
  [/ DESC\b/g, ''],
  [/ \+ 1\b/g, ' + 0'],
];
/** A condition that holds always: `ON true`. Without it there is the same statement. */
const ALWAYS = /^true$/i;
/** Times of the last write decide nothing. */
const SAYS_WHEN = /^\s*updated_at\b/;

/**
 * What can go wrong in a statement and still be one: a predicate dropped or turned round, a lock missing, an assignment
 * left out.
 */
export function sqlEdits(sql: string): Edit[] {
  const edits: Edit[] = [];
  for (const [pattern, to] of TOKENS) {
    for (const match of sql.matchAll(pattern)) {
      edits.push({ start: match.index, end: match.index + match[0].length, to });
    }
  }
  for (const match of sql.matchAll(/\b(?:WHERE|ON(?! CONFLICT))\s/g)) {
    for (const part of partsOf(sql, match.index + match[0].length, /^(AND|OR)\b/)) {
      const condition = sql.slice(part.start, part.end).trim();
      // its parameters stay: the server refuses a statement with one that it does not use
      if (!ALWAYS.test(condition)) edits.push({ ...part, to: ` (true OR ${condition}) ` });
    }
  }
  for (const match of sql.matchAll(/\bSET\s/g)) {
    const parts = partsOf(sql, match.index + match[0].length, /^,/);
    parts.forEach((part, index) => {
      if (parts.length === 1 || SAYS_WHEN.test(sql.slice(part.start, part.end))) return;
      // with the comma that joins it to its neighbour
      const [start, end] = index === 0 ? [part.start, part.end + 1] : [part.start - 1, part.end];
      edits.push({ start, end, to: '' });
    });
  }
  return edits;
}

/** The parts of a clause between separators, up to its end. */
function partsOf(sql: string, from: number, separator: RegExp): { start: number; end: number }[] {
  const parts: { start: number; end: number }[] = [];
  let [depth, start, index] = [0, from, from];
  for (; index < sql.length; index++) {
    const char = sql[index]!;
    if (char === "'") {
      index = sql.indexOf("'", index + 1);
      if (index === -1) break;
      continue;
    }
    if ('({['.includes(char)) depth++;
    if (')}]'.includes(char) && --depth < 0) break;
    if (char === '`' && depth === 0) break;
    if (depth > 0 || (index > from && /\w/.test(char) && /\w/.test(sql[index - 1]!))) continue;
    const rest = sql.slice(index, index + 24);
    const separated = separator.exec(rest);
    if (separated) {
      parts.push({ start, end: index });
      start = index + separated[0].length;
    } else if (CLAUSE_END.test(rest) && !IS_DISTINCT.test(sql.slice(start, index))) break;
  }
  parts.push({ start, end: index });
  return parts.filter((part) => sql.slice(part.start, part.end).trim() !== '');
}
