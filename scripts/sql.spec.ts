import path from 'node:path';
import ts from 'typescript';
import { valueFaults, type Parameter } from './sql/parameter-types';
import { rowFaults, type Column } from './sql/row-types';
import { statementsOf, type Statements } from './sql/statements';

const FILE = path.join(__dirname, 'planted.ts');
/** Read once for all programs. */
const LIBRARY = new Map<string, ts.SourceFile | undefined>();

/** The statements of a class whose method has this body. */
function read(body: string): Statements {
  const source = `
    interface Sql { query<R = Record<string, unknown>>(text: string, values?: object): Promise<R[]>;
      execute(text: string, values?: object): Promise<number>; }
    const COLUMNS = \`a.id, \${times('made_at')}\`;
    const times = (column: string): string => \`a.\${column}\`;
    const MS = 2 * 1000;
    class Accounts { constructor(private readonly sql: Sql) {}
      async act(id: string, all: boolean, sent: string, pair: [string, string], list: string[]) { ${body} }
      private async remove(table: string, where: string) { return this.sql.execute(\`DELETE FROM \${table} WHERE \${where}\`); } }`;
  const host = ts.createCompilerHost({});
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) => {
    if (name === FILE) return ts.createSourceFile(name, source, ts.ScriptTarget.ES2023, true);
    if (!LIBRARY.has(name)) LIBRARY.set(name, getSourceFile(name, ...rest));
    return LIBRARY.get(name);
  };
  return statementsOf(ts.createProgram([FILE], { target: ts.ScriptTarget.ES2023, strict: true, types: [] }, host));
}

describe('the texts of statements', () => {
  it.each([
    ['a constant', '`SELECT 1`', ['SELECT 1']],
    ['a template of constants and functions', '`SELECT ${COLUMNS} FROM a`', ['SELECT a.id, a.made_at FROM a']],
    ['both ways of a condition', "`SELECT 1 ${all ? 'FROM a' : 'FROM b'}`", ['SELECT 1 FROM a', 'SELECT 1 FROM b']],
    ['a calculation', '`SELECT ${MS}`', ['SELECT 2000']],
    ['a joined list', "['a', 'b'].map((name) => `count(${name})`).join(', ')", ['count(a), count(b)']],
  ])('are known: %s', (_name, text, expected) => {
    expect(read(`await this.sql.query(${text});`).statements[0]).toMatchObject({
      place: 'Accounts.act',
      texts: expected,
    });
  });

  it('are known of a method whose calls give the parts, each call by itself', () => {
    const { statements } = read("await this.remove('a', 'x'); await this.remove('b', 'y');");
    expect(statements).toMatchObject([
      { texts: ['DELETE FROM a WHERE x', 'DELETE FROM b WHERE y'], place: 'Accounts.remove' },
    ]);
  });

  it.each([
    ['a parameter of a method that nobody calls', '`SELECT 1 FROM ${sent}`'],
    ['a variable', '(() => { let text = sent; return text; })()'],
  ])('are not known, and say so: %s', (_name, text) => {
    const [statement] = read(`await this.sql.query(${text});`).statements;
    expect(statement).toMatchObject({ unknown: expect.any(String) });
    expect(statement!.texts).toBeUndefined();
  });

  it.each([
    ['[id, all]', ['1', '2']],
    ['[id, ...pair]', ['1', '2', '3']],
    ['[id, ...list]', undefined],
    ['list', undefined],
    ['{ id, all }', ['id', 'all']],
    ['{ ...{ all, pair } }', ['all', 'pair']],
  ])('are sent with values that are known where they can be: %s', (values, names) => {
    const sent = read(`await this.sql.query('SELECT 1', ${values});`).statements[0]!.values;
    expect(sent && [...sent.types.keys()]).toEqual(names);
  });
});

describe('the values of statements', () => {
  const faults = (values: string, ...parameters: Parameter[]): string[] => {
    const { checker, statements } = read(`await this.sql.query('SELECT 1', ${values});`);
    return valueFaults(statements[0]!.values!, parameters, checker);
  };
  const one = (type: string): Parameter => ({ name: '1', type });

  it.each<[string, ...Parameter[]]>([
    ['[id]', one('uuid')],
    ['[null]', one('uuid')],
    ['[2]', one('int4')],
    ['[id]', one('int8')],
    ['[all]', one('bool')],
    ['[new Date()]', one('timestamptz')],
    ['[list]', one('_text')],
    ['[{ a: 1 }]', one('jsonb')],
    ['[id as unknown]', one('bool')],
    ['{ id }', { name: 'id', type: 'text' }],
    ['{ id, ...(all as object) }', { name: 'id', type: 'text' }, { name: 'more', type: 'text' }],
  ])('%s fits %j', (values, ...parameters) => {
    expect(faults(values, ...parameters)).toEqual([]);
  });

  it.each([
    ['[]', one('text'), '$1 is a parameter, and is not sent'],
    ['[id, id]', one('text'), '$2 is sent, and is no parameter'],
    ['{ all }', { name: 'id', type: 'text' }, '$all is sent, and is no parameter; $id is a parameter, and is not sent'],
    ['[all]', one('text'), '$1 is text, and boolean is sent'],
    ['[id]', one('int4'), '$1 is int4, and string is sent'],
    ['[list]', one('jsonb'), '$1 is jsonb, and string[] is sent'],
    ['[list]', one('_int4'), '$1 is _int4, and string[] is sent'],
    ['[id]', one('_text'), '$1 is _text, and string is sent'],
    ['[Math.random() > 1 ? id : 2]', one('text'), '$1 is text, and string | 2 is sent'],
  ])('%s does not fit %j', (values, parameter, fault) => {
    expect(faults(values, parameter)).toEqual(fault.split('; '));
  });
});

describe('the declared rows of statements', () => {
  const faults = (type: string, ...columns: Column[]): string[] => {
    const { checker, statements } = read(`await this.sql.query<${type}>('SELECT 1');`);
    return rowFaults(statements[0]!.row!, columns, checker);
  };
  const column = (type: string, nullable?: boolean): Column => ({ name: 'a', type, nullable });

  it.each([
    ['{ a: string }', column('text', false)],
    ['{ a: string | null }', column('uuid', true)],
    ["{ a: 'x' | 'y' }", column('text')],
    ['{ a: number }', column('int8')],
    ['{ a: Date | null }', column('timestamptz')],
    ['{ a: boolean }', column('bool', false)],
    ['{ a: readonly string[] }', column('_text')],
    ['{ a: unknown }', column('text', true)],
    ['{ a: { deep: number } }', column('jsonb', false)],
  ])('are right: %s', (type, given) => expect(faults(type, given)).toEqual([]));

  it.each([
    ['{ a: string; b: string }', column('text'), 'b is declared, and no column'],
    ['{ b: string }', column('text'), 'a is a column, and not declared'],
    ['{ a: string }', column('int4'), 'a is declared as string, and is int4'],
    ['{ a: number }', column('numeric'), 'a is declared as number, and is numeric'],
    ['{ a: string | number }', column('text'), 'a is declared as string | number, and is text'],
    ['{ a: Date }', column('date'), 'a is declared as Date, and is date'],
    ['{ a: number[] }', column('_text'), 'a is declared as number[], and is _text'],
    ['{ a: number[] }', column('_int8'), 'a is declared as number[], and is _int8'],
    ['{ a: string }', column('text', true), 'a is declared as string, and may be NULL'],
    ['{ a: string | null }', column('text', false), 'a is declared as string | null, and is never NULL'],
    ['{ a?: string }', column('text'), 'a is declared as string | undefined, and a column is never undefined'],
  ])('are wrong: %s', (type, given, fault) => expect(faults(type, given)).toContain(fault));

  it('are none where nobody reads the row', () => {
    expect(read("await this.sql.query('SELECT 1');").statements[0]!.row).toBeUndefined();
    expect(read("await this.sql.execute('DELETE FROM a');").statements[0]!.row).toBeUndefined();
  });
});
