import path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(__dirname, '..');
const OPEN = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive;

const CONVERT = ['String', 'Number', 'BigInt', 'parseFloat', 'parseInt'];

/** Where a value that may be an object becomes a text or a number, by its own `toString` or `valueOf`. */
function unsafeIn(program: ts.Program, isMeant: (file: string) => boolean): string[] {
  const checker = program.getTypeChecker();
  const mayBeForeign = (type: ts.Type): boolean => {
    if (type.isUnion()) return type.types.some(mayBeForeign);
    if ((type.flags & ts.TypeFlags.Object) === 0) return (type.flags & OPEN) !== 0;
    // what JSON is given as; an instance of a class of ours or of the platform has the `toString` that it declares
    return checker.getIndexInfosOfType(type).length > 0;
  };
  const found: string[] = [];
  const ask = (file: ts.SourceFile, value: ts.Expression | undefined, isList = false): void => {
    if (!value) return;
    const type = checker.getTypeAtLocation(value);
    if (!mayBeForeign(isList ? (checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? type) : type)) return;
    const { line } = file.getLineAndCharacterOfPosition(value.getStart(file));
    found.push(`${path.relative(ROOT, file.fileName)}:${line + 1} ${value.getText(file)}`);
  };
  for (const file of program.getSourceFiles().filter(({ fileName }) => isMeant(fileName))) {
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) {
        const called = node.expression.getText(file);
        if (CONVERT.includes(called)) ask(file, node.arguments[0]);
        const given = node.arguments.find((each) => CONVERT.includes(each.getText(file)));
        // of a list, whose entries are what becomes a text
        if (given && ts.isPropertyAccessExpression(node.expression)) ask(file, node.expression.expression, true);
      }
      if (ts.isTemplateSpan(node)) ask(file, node.expression);
      if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.PlusToken) ask(file, node.operand);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

describe('a value of foreign JSON', () => {
  const planted = path.join(ROOT, 'src/providers/planted.ts');
  const read = (source: string): string[] => {
    const host = ts.createCompilerHost({});
    const { getSourceFile } = host;
    host.getSourceFile = (name, ...rest) =>
      name === planted ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023, true) : getSourceFile(name, ...rest);
    const program = ts.createProgram([planted], { target: ts.ScriptTarget.ES2023, strict: true, types: [] }, host);
    return unsafeIn(program, (file) => file === planted).map((each) => each.replace(/^.*?:\d+ /, ''));
  };
  const row = 'declare const row: Record<string, unknown>; declare const text: string | null; declare const any: any;';

  it('is found where it becomes a text or a number', () => {
    const unsafe = "String(row['a']); Number(any); `${row['b']} ${text}`; +any; String(row); [row['c']].map(String);";
    expect(read(`${row} ${unsafe}`)).toEqual(["row['a']", 'any', "row['b']", 'any', 'row', "[row['c']]"]);
    expect(
      read(`${row} String(text); Number(1n); [1, 2].map(String); typeof any === 'number' && \`\${any}\`;`),
    ).toEqual([]);
  });

  it('becomes one by scalarText alone in all that reads answers of providers', () => {
    const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const folder = path.join(ROOT, 'src/providers/');
    const files = ts.sys.readDirectory(folder, ['.ts']).filter((file) => !file.endsWith('.spec.ts'));
    const program = ts.createProgram(files, { ...options, noEmit: true });
    expect(unsafeIn(program, (file) => files.includes(file))).toEqual([]);
  }, 300_000);
});
