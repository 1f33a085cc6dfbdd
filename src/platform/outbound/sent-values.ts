/** Shorter ones are words of any text. */
const SHORTEST = 4;
/** A pattern of every notation is long itself; what is longer than this comes back as it is, or encoded as a whole. */
const LONGEST_IN_ANY_NOTATION = 1_000;

/**
 * Finds values that were sent wherever they come back: as they are, in base64, and with each of their characters
 * written as addresses, forms, JSON (also JSON in JSON) or HTML write it. null: nothing was sent.
 */
export function sentPattern(values: Iterable<string>): RegExp | null {
  const forms = new Set([...values].filter(({ length }) => length >= SHORTEST).flatMap(formsOf));
  if (forms.size === 0) return null;
  const longestFirst = [...forms].toSorted((left, right) => right.length - left.length);
  return new RegExp(longestFirst.join('|'), 'g');
}

/** Whether a text shows one of the values, also where it is encoded once more than needed. */
export function showsSent(text: string, values: Iterable<string>): boolean {
  const pattern = sentPattern(values);
  return pattern !== null && [text, decoded(text)].some((each) => each.search(pattern) >= 0);
}

function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const [base64, base64url] = [bytes.toString('base64'), bytes.toString('base64url')];
  if (value.length > LONGEST_IN_ANY_NOTATION) {
    const oneLine = value.replace(/\s+/g, ' ').trim();
    return [value, oneLine, encodeURIComponent(value), base64, base64url].map(literal);
  }
  return [value.trim(), base64, base64url].map(inAnyNotation);
}

/** Runs, so that no two neighbours of the pattern match the same character, and its time stays that of the text. */
const TOKENS = /(?<blanks>[\s+]+)|(?<backslashes>\\+)|(?<plain>[A-Za-z0-9]+)|./gsu;
/** JSON three times within JSON doubles each backslash three times. */
const NESTED = 8;
const ESCAPES = `\\\\{0,${NESTED}}`;
const PERCENT = '%(?:25){0,3}';
const AND = '&(?:amp;){0,3}';
/** A blank is a plus in a form, so neither can be told from the other. */
const BLANK_IN_ADDRESS = `${PERCENT}(?:20|2[bB]|0[9aAdD])`;
const BLANK_IN_HTML = `${AND}#(?:43|[xX]2[bB]|32|[xX]20|9|1[03]|[xX][9aAdD]);`;

function inAnyNotation(value: string): string {
  let pattern = '';
  let escapes = ESCAPES;
  for (const { 0: token, groups } of value.matchAll(TOKENS)) {
    // with the backslashes of what comes behind
    const most = (token.length + 1) * NESTED;
    if (groups!['plain']) pattern += token;
    else if (groups!['blanks'])
      pattern += `(?:[\\s+]|${BLANK_IN_ADDRESS}|${BLANK_IN_HTML}|${escapes}(?:[nrt]|u002[bB])){1,${most}}`;
    else if (groups!['backslashes']) pattern += `(?:\\\\|${PERCENT}5[cC]|${AND}#(?:92|[xX]5[cC]);){1,${most}}`;
    else pattern += characterInAnyNotation(token, escapes);
    // behind a run of backslashes none is left
    escapes = groups!['backslashes'] ? '' : ESCAPES;
  }
  return pattern;
}

const NAMED: Readonly<Record<string, string>> = { '&': '|amp', '<': '|lt', '>': '|gt', '"': '|quot', "'": '|apos' };

function characterInAnyNotation(character: string, escapes: string): string {
  const code = character.codePointAt(0)!;
  const inAddress = [...Buffer.from(character)].map((byte) => PERCENT + hex(byte, 2)).join('');
  const inJson = Array.from({ length: character.length }, (_, at) => `u${hex(character.charCodeAt(at), 4)}`);
  const inHtml = `${AND}(?:#0{0,4}${code}|#[xX]0{0,4}${hex(code, 1)}${NAMED[character] ?? ''});`;
  return `(?:${inHtml}|${inAddress}|${escapes}(?:${literal(character)}|${inJson.join(ESCAPES)}))`;
}

/** In either letter case. */
function hex(number: number, digits: number): string {
  const text = number.toString(16).padStart(digits, '0');
  return text.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
