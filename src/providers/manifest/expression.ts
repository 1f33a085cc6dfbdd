import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { RowProblem, type Row } from '../row';
import { callIn, costOf, isNode, walksIn, type ExpressionCost, type StepsOfPage } from './expression-cost';

/** What would take steps that nothing of the expression tells. */
const REFUSED: Readonly<Record<string, string>> = {
  matches: 'regular expressions are not taken',
  bind: 'names for values are not taken',
  json: 'JSON within a text is not taken',
};
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
 * A CEL expression over `row`. It ends, and soon: it has no loop but the walk of a list, one walk does not hold
 * another, and what it costs is known before it is evaluated.
 */
export class Expression {
  private readonly evaluate: ParseResult;
  private readonly cost: ExpressionCost;

  /** Throws an ExpressionProblem. */
  constructor(text: string) {
    if (text.length > MAX_LENGTH) throw new ExpressionProblem(`is longer than ${MAX_LENGTH} characters`);
    try {
      this.evaluate = environment.parse(text);
    } catch (error) {
      throw new ExpressionProblem(firstLine(error));
    }
    const { ast } = this.evaluate;
    refuseCalls(ast);
    if (walksIn(ast) > 1) throw new ExpressionProblem('a walk of a list may not hold another');
    this.cost = costOf(ast);
    const { valid, error } = this.evaluate.check();
    if (!valid) throw new ExpressionProblem(firstLine(error));
  }

  /** Throws a RowProblem: nothing of the row is said. */
  of(row: Row, path: string, steps: StepsOfPage): unknown {
    steps.take(this.cost, row, path);
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

/** Throws an ExpressionProblem for what may not be called. */
function refuseCalls(node: unknown): void {
  if (Array.isArray(node)) node.forEach(refuseCalls);
  if (!isNode(node)) return;
  const name = callIn(node)?.name ?? '';
  if (Object.hasOwn(REFUSED, name)) throw new ExpressionProblem(`${name}: ${REFUSED[name]}`);
  refuseCalls(node.args);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : 'is no expression').split('\n')[0]!;
}
