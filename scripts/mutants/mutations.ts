import ts from 'typescript';
import { sqlEdits } from './sql-mutations';

/** One change of a source file, which a test should notice. */
export interface Mutation {
  /** From 1. */
  readonly line: number;
  /** What was replaced, and by what. */
  readonly from: string;
  readonly to: string;
  /** The whole file with the change. */
  readonly source: string;
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
/** Calls that tell people and machines what goes on, and change nothing. */
const TELLS = /^(await )?(this\.)?(logger|metrics|span)\b/;
const IS_SQL = /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|ON CONFLICT)\b/;

/** The mutations of a file that works on the database: of its conditions, its calls, and the predicates, locks and assignments of its SQL. */
export function mutationsOf(text: string): Mutation[] {
  const file = ts.createSourceFile('mutated.ts', text, ts.ScriptTarget.Latest, true);
  const found: Mutation[] = [];
  const replace = (start: number, end: number, to: string): void => {
    found.push({
      line: file.getLineAndCharacterOfPosition(start).line + 1,
      from: shown(text.slice(start, end)),
      to: shown(to),
      source: text.slice(0, start) + to + text.slice(end),
    });
  };
  const replaceNode = (node: ts.Node, to: string): void => replace(node.getStart(file), node.getEnd(), to);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isDecorator(node)) return;
    if (ts.isIfStatement(node)) for (const to of ['true', 'false']) replaceNode(node.expression, to);
    if (ts.isConditionalExpression(node)) for (const to of ['true', 'false']) replaceNode(node.condition, to);
    if (ts.isBinaryExpression(node)) {
      const to = OPERATORS[node.operatorToken.getText(file)];
      if (to !== undefined) replaceNode(node.operatorToken, to);
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      replaceNode(node, node.operand.getText(file));
    }
    if (node.kind === ts.SyntaxKind.TrueKeyword) replaceNode(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) replaceNode(node, 'true');
    if (ts.isExpressionStatement(node) && isCall(node.expression) && !TELLS.test(node.getText(file))) {
      replaceNode(node, 'void 0;');
    }
    if (ts.isTemplateLiteral(node) && IS_SQL.test(node.getText(file))) {
      const at = node.getStart(file);
      for (const { start, end, to } of sqlEdits(node.getText(file))) replace(at + start, at + end, to);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isCall(expression: ts.Expression): boolean {
  const called = ts.isAwaitExpression(expression) ? expression.expression : expression;
  return ts.isCallExpression(called) && called.expression.kind !== ts.SyntaxKind.SuperKeyword;
}

function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
