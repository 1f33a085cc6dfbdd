import { CST, Lexer } from 'yaml';

/** A manifest has nine. */
const MAX_DEPTH = 16;

/** Tokens of one character that the text does not hold. */
const CONTROLS: ReadonlySet<string | null> = new Set(['byte-order-mark', 'doc-mode', 'flow-error-end', 'scalar']);
const BLANK: ReadonlySet<string | null> = new Set([...CONTROLS, 'space', 'newline', 'comment']);

/**
 * Whether values lie deeper in one another than those of any manifest, told before anything is parsed: what parses and
 * checks YAML calls itself for each level, in a time that grows faster than the text and to the end of the stack.
 */
export function isDeepYaml(text: string): boolean {
  /** Where the blocks begin that the line stands in. */
  const columns: number[] = [];
  let [flows, column, begins, isText] = [0, 0, true, false];
  for (const token of new Lexer().lex(text)) {
    // behind its mark a text may look like anything
    const type = isText ? null : CST.tokenType(token);
    isText = type === 'scalar';
    if (type === 'flow-seq-start' || type === 'flow-map-start') flows++;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') flows = Math.max(0, flows - 1);
    else if (begins && flows === 0 && !BLANK.has(type)) {
      while (columns.length > 0 && columns.at(-1)! >= column) columns.pop();
      columns.push(column);
      // what stands behind `- ` begins a block of its own
      begins = type === 'seq-item-ind' || type === 'explicit-key-ind';
    }
    if (flows + columns.length > MAX_DEPTH) return true;
    if (CONTROLS.has(type)) continue;
    const lines = token.lastIndexOf('\n');
    begins ||= lines >= 0;
    column = lines < 0 ? column + token.length : token.length - lines - 1;
  }
  return false;
}
