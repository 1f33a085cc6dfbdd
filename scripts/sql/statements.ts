import path from 'node:path';
import ts from 'typescript';
import { ConstantTexts, NotConstant } from './constant-texts';

const ROOT = path.resolve(__dirname, '../..');
/** Types whose `query` and `execute` send SQL to the server. */
const CONNECTIONS = new Set([
  'Sql',
  'Database',
  'Pool',
  'PoolClient',
  'Client',
  'ClientBase',
  'QueryRunner',
  'DataSource',
]);
const SENDERS = new Set(['query', 'execute']);

export interface Statement {
  /** The class and method that send it, or the function; one may send several. */
  readonly place: string;
  /** From the root of the checkout. */
  readonly file: string;
  readonly line: number;
  /** Every variant of its text; undefined: not known before the program runs, and `unknown` says why. */
  readonly texts?: readonly string[];
  readonly unknown?: string;
  /** How many values are sent along; undefined: a list that is not written out. */
  readonly values?: number;
  /** What a row is declared to be; undefined: nothing is, or the statement gives no rows. */
  readonly row?: ts.Type;
}

export interface Statements {
  readonly checker: ts.TypeChecker;
  readonly statements: readonly Statement[];
}

/** Every statement that src/ sends, but for those that make the schema. */
export function readStatements(): Statements {
  const config = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file)).config as object;
  const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: ['src'] }, ts.sys, ROOT);
  return statementsOf(ts.createProgram(fileNames.filter(isSource), options));
}

export function statementsOf(program: ts.Program): Statements {
  const checker = program.getTypeChecker();
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile && isSource(file.fileName));
  const constants = new ConstantTexts(checker, files);
  const statements: Statement[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const text = textSent(node, checker);
      if (text) statements.push(describe(node, text, checker, constants));
    }
    ts.forEachChild(node, visit);
  };
  files.forEach(visit);
  return { checker, statements };
}

function isSource(file: string): boolean {
  return !/\.spec\.ts$|\/src\/database\//.test(file);
}

/** The argument that is the statement's text, where the call sends one. */
function textSent(call: ts.CallExpression, checker: ts.TypeChecker): ts.Expression | undefined {
  const callee = call.expression;
  if (ts.isIdentifier(callee)) return callee.text === 'boundedQuery' ? call.arguments[1] : undefined;
  if (!ts.isPropertyAccessExpression(callee) || !SENDERS.has(callee.name.text)) return undefined;
  const connection = checker.getTypeAtLocation(callee.expression).getNonNullableType();
  if (!CONNECTIONS.has(connection.symbol?.name ?? '')) return undefined;
  // a connection that hands a text on to another one
  const within = ts.findAncestor(call, ts.isMethodDeclaration);
  const owner = within && ts.isClassDeclaration(within.parent) ? within.parent.name?.text : undefined;
  return owner !== undefined && CONNECTIONS.has(owner) ? undefined : call.arguments[0];
}

function describe(
  call: ts.CallExpression,
  text: ts.Expression,
  checker: ts.TypeChecker,
  constants: ConstantTexts,
): Statement {
  const source = call.getSourceFile();
  const count = countOf(call.arguments[call.arguments.indexOf(text) + 1], checker);
  const place = {
    place: placeOf(call),
    file: path.relative(ROOT, source.fileName),
    line: source.getLineAndCharacterOfPosition(call.getStart()).line + 1,
    ...(count === undefined ? {} : { values: count }),
    ...rowOf(call, checker),
  };
  try {
    return { ...place, texts: constants.of(text) };
  } catch (error) {
    if (!(error instanceof NotConstant)) throw error;
    return { ...place, unknown: error.message };
  }
}

function countOf(values: ts.Expression | undefined, checker: ts.TypeChecker): number | undefined {
  if (values === undefined) return 0;
  if (!ts.isArrayLiteralExpression(values)) return undefined;
  return values.elements.reduce<number | undefined>((count, element) => {
    if (count === undefined || !ts.isSpreadElement(element)) return count === undefined ? count : count + 1;
    const type = checker.getTypeAtLocation(element.expression);
    return checker.isTupleType(type) ? count + checker.getTypeArguments(type as ts.TypeReference).length : undefined;
  }, 0);
}

/** Of `Promise<R[]>` and of `Promise<BoundedRows<R>>` the R, when it names columns. */
function rowOf(call: ts.CallExpression, checker: ts.TypeChecker): { row?: ts.Type } {
  const signature = checker.getResolvedSignature(call);
  if (!signature) return {};
  const result = checker.getAwaitedType(signature.getReturnType());
  const [given] = result?.aliasTypeArguments ?? (result ? checker.getTypeArguments(result as ts.TypeReference) : []);
  if (!given || given.flags & ts.TypeFlags.TypeParameter || checker.getPropertiesOfType(given).length === 0) return {};
  return checker.getIndexTypeOfType(given, ts.IndexKind.String) ? {} : { row: given };
}

function placeOf(call: ts.CallExpression): string {
  const method = ts.findAncestor(call, (node) => ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node));
  const name = method && (method as ts.MethodDeclaration).name?.getText();
  const owner = method && ts.isClassDeclaration(method.parent) ? method.parent.name?.text : undefined;
  return [owner, name ?? 'top level'].filter(Boolean).join('.');
}
