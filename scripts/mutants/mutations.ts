import ts from 'typescript';
import { sqlEdits } from './sql-mutations';

/** One change of a source file, which a test should notice. */
export interface Mutation {
  /** From 1. */
  readonly line: number;
  /** What was replaced, and by what: as it is shown. */
  readonly from: string;
  readonly to: string;
  /** The expression that the change is in, and what it becomes. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
};
/** Calls that tell people and machines what goes on, and change nothing; nor does what they are given. */
const TELLS = /^(await )?(this\.)?(logger|metrics|span|logFailure)\b/;
const IS_SQL = /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|ON CONFLICT)\b/;

/**
 * The mutations of a file that works on the database: of its conditions, its calls, and the predicates, locks and
 * assignments of its SQL.
 */
export function mutationsOf(text: string): Mutation[] {
  const file = ts.createSourceFile('mutated.ts', text, ts.ScriptTarget.Latest, true);
  const found: Mutation[] = [];
  const add = (whole: ts.Node, start: number, end: number, to: string): void => {
    const [from, until] = [whole.getStart(file), whole.getEnd()];
    found.push({
      line: file.getLineAndCharacterOfPosition(start).line + 1,
      from: shown(text.slice(start, end)),
      to: shown(to),
      start: from,
      end: until,
      text: text.slice(from, start) + to + text.slice(end, until),
    });
  };
  const replaceNode = (node: ts.Node, to: string): void => add(node, node.getStart(file), node.getEnd(), to);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isDecorator(node)) return;
    if (ts.isExpressionStatement(node) && TELLS.test(node.getText(file))) return;
    if (ts.isIfStatement(node)) for (const to of ['true', 'false']) replaceNode(node.expression, to);
    if (ts.isConditionalExpression(node)) for (const to of ['true', 'false']) replaceNode(node.condition, to);
    if (ts.isBinaryExpression(node)) {
      const to = OPERATORS[node.operatorToken.getText(file)];
      const { operatorToken: token } = node;
      if (to !== undefined) add(node, token.getStart(file), token.getEnd(), to);
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      replaceNode(node, node.operand.getText(file));
    }
    if (node.kind === ts.SyntaxKind.TrueKeyword) replaceNode(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) replaceNode(node, 'true');
    if (ts.isExpressionStatement(node) && isCall(node.expression)) {
      replaceNode(node.expression, 'void 0');
    }
    if (ts.isTemplateLiteral(node) && IS_SQL.test(node.getText(file))) {
      const at = node.getStart(file);
      const whole = ts.isTaggedTemplateExpression(node.parent) ? node.parent : node;
      for (const { start, end, to } of sqlEdits(node.getText(file))) add(whole, at + start, at + end, to);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The whole file with the change. */
export function mutated(source: string, { start, end, text }: Pick<Mutation, 'start' | 'end' | 'text'>): string {
  return source.slice(0, start) + text + source.slice(end);
}

function isCall(expression: ts.Expression): boolean {
  const called = ts.isAwaitExpression(expression) ? expression.expression : expression;
  return ts.isCallExpression(called) && called.expression.kind !== ts.SyntaxKind.SuperKeyword;
}

/** One line of it. */
export function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
