import { Environment, type ASTNode, type ParseResult } from '@marcbachmann/cel-js';
import { RowProblem, type Row } from '../row';

/** Macros that walk a list. */
const WALKS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** A list that an expression may walk. */
const MAX_WALKED = 1_000;
const MAX_LENGTH = 500;

const environment = new Environment({
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 100, maxDepth: 12, maxListElements: 50, maxMapEntries: 50, maxCallArguments: 4 },
})
  .registerVariable('row', 'dyn')
  // CEL itself has no way to add up a list
  .registerFunction('sum(list): dyn', totalOf);

/** What is wrong with an expression, for whoever writes it. */
export class ExpressionProblem extends Error {}

/**
 * A CEL expression over `row`. It ends, and soon: it has no loop but the walk of a list of the row, one walk does not
 * hold another, and no regular expression.
 */
export class Expression {
  private readonly evaluate: ParseResult;
  private readonly walks: boolean;

  /** Throws an ExpressionProblem. */
  constructor(text: string) {
    if (text.length > MAX_LENGTH) throw new ExpressionProblem(`is longer than ${MAX_LENGTH} characters`);
    try {
      this.evaluate = environment.parse(text);
    } catch (error) {
      throw new ExpressionProblem(firstLine(error));
    }
    this.walks = walksIn(this.evaluate.ast) > 0;
    const { valid, error } = this.evaluate.check();
    if (!valid) throw new ExpressionProblem(firstLine(error));
  }

  /** Throws a RowProblem: nothing of the row is said. */
  of(row: Row, path: string): unknown {
    if (this.walks && hasLongList(row)) throw new RowProblem(path, 'has a list that is too long for an expression');
    let value: unknown;
    try {
      value = this.evaluate({ row });
    } catch {
      throw new RowProblem(path, 'cannot be told from the row');
    }
    return typeof value === 'bigint' ? Number(value) : value;
  }
}

/** Of whole numbers alone: money in minor units is exact, and a total of decimals is not. */
function totalOf(list: readonly unknown[]): number {
  let total = 0;
  for (const each of list) {
    total += typeof each === 'bigint' ? Number(each) : Number.isSafeInteger(each) ? (each as number) : NaN;
    if (!Number.isSafeInteger(total)) throw new ExpressionProblem('sum: takes whole numbers alone');
  }
  return total;
}

/** How deep walks lie in one another. Throws an ExpressionProblem for what may not be. */
function walksIn(node: unknown): number {
  if (Array.isArray(node)) return Math.max(0, ...node.map(walksIn));
  if (!isNode(node)) return 0;
  const { op, args } = node;
  const name = (op === 'rcall' || op === 'call') && Array.isArray(args) ? String(args[0]) : '';
  if (name === 'matches') throw new ExpressionProblem('matches: regular expressions are not taken');
  const inside = walksIn(args);
  if (!WALKS.has(name)) return inside;
  if (inside > 0) throw new ExpressionProblem(`${name}: a walk of a list may not hold another`);
  return 1;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value;
}

function hasLongList(value: unknown): boolean {
  if (Array.isArray(value) && value.length > MAX_WALKED) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLongList);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
