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
  /** What is sent along; undefined: it is not written out. */
  readonly values?: SentValues;
  /** What a row is declared to be; undefined: nothing is, or the statement gives no rows. */
  readonly row?: ts.Type;
}

/** The types of values by their numbers, from 1 on, or by their names. */
export interface SentValues {
  readonly isNamed: boolean;
  readonly types: ReadonlyMap<string, ts.Type>;
  /** Sent in some calls only. */
  readonly optional: ReadonlySet<string>;
  /** More is sent than is written out. */
  readonly isOpen: boolean;
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
  const values = valuesOf(call.arguments[call.arguments.indexOf(text) + 1], checker);
  const place = {
    place: placeOf(call),
    file: path.relative(ROOT, source.fileName),
    line: source.getLineAndCharacterOfPosition(call.getStart()).line + 1,
    ...(values && { values }),
    ...rowOf(call, checker),
  };
  try {
    return { ...place, texts: constants.of(text) };
  } catch (error) {
    if (!(error instanceof NotConstant)) throw error;
    return { ...place, unknown: error.message };
  }
}

function valuesOf(values: ts.Expression | undefined, checker: ts.TypeChecker): SentValues | undefined {
  if (values === undefined) return { isNamed: false, types: new Map(), optional: new Set(), isOpen: false };
  if (ts.isArrayLiteralExpression(values)) return listed(values, checker);
  const type = checker.getTypeAtLocation(values);
  if (checker.isArrayLikeType(type)) return undefined;
  const members = checker.getPropertiesOfType(type);
  const isOptional = (member: ts.Symbol): boolean => Boolean(member.flags & ts.SymbolFlags.Optional);
  return {
    isNamed: true,
    types: new Map(members.map((member) => [member.name, checker.getTypeOfSymbol(member)])),
    optional: new Set(members.filter(isOptional).map((member) => member.name)),
    isOpen:
      ts.isObjectLiteralExpression(values) &&
      values.properties.some(
        (member) =>
          ts.isSpreadAssignment(member) &&
          checker.getPropertiesOfType(checker.getTypeAtLocation(member.expression)).length === 0,
      ),
  };
}

function listed(values: ts.ArrayLiteralExpression, checker: ts.TypeChecker): SentValues | undefined {
  const types = values.elements.flatMap((element): readonly (ts.Type | undefined)[] => {
    if (!ts.isSpreadElement(element)) return [checker.getTypeAtLocation(element)];
    const type = checker.getTypeAtLocation(element.expression);
    return checker.isTupleType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [undefined];
  });
  if (!types.every((type) => type !== undefined)) return undefined;
  const numbered = types.map((type, index) => [String(index + 1), type] as const);
  return { isNamed: false, types: new Map(numbered), optional: new Set(), isOpen: false };
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
