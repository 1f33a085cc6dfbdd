import { Client } from 'pg';
import { valueFaults } from '../../scripts/sql/parameter-types';
import { rowFaults } from '../../scripts/sql/row-types';
import { readStatements } from '../../scripts/sql/statements';
import { numberedText } from '../../src/platform/database/named-values';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { describeStatement, type DescribedColumn } from '../support/describe-statement';

/** Statements whose text is known only while the program runs. */
const COMPOSED_LATER: Readonly<Record<string, string>> = {
  sqlOverClient: 'sends the text that it is given, which is looked at where it is given',
  boundedQuery: 'wraps a SELECT, which is looked at where it is written, and counts its parameters',
  'Notifications.subscribe': 'LISTEN takes a name, and no parameter',
  'Notifications.connect': 'LISTEN takes a name, and no parameter',
};

/** Columns that may be NULL by their table, and not in these answers. */
const NEVER_NULL_HERE: Readonly<Record<string, string>> = {
  'OutboundPaymentRepository.worstOf': 'the four columns of an error are written together',
  'RecordRepository.lastChanged': 'only a row with a source_updated_at has a source_reading',
};

describe('the statements of src/', () => {
  let database: TestDatabase;
  let client: Client;
  const typeNames = new Map<number, string>();
  const tableColumns = new Map<string, { readonly name: string; readonly notNull: boolean }>();
  const { checker, statements } = readStatements();
  beforeAll(async () => {
    database = await migratedDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await readCatalogue();
  }, 60_000);
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  it('are there, of all that the lists name', () => {
    const places = statements.map(({ place }) => place);
    expect(places).toEqual(expect.arrayContaining([...Object.keys(COMPOSED_LATER), ...Object.keys(NEVER_NULL_HERE)]));
  });

  it('are known before the program runs, but for a few that say why', () => {
    expect(statements.length).toBeGreaterThan(250);
    const unknown = statements.filter((each) => each.texts === undefined);
    expect([...new Set(unknown.map((each) => each.place))].sort()).toEqual(Object.keys(COMPOSED_LATER).sort());
  });

  it('are prepared by the migrated schema, with values of the types of their parameters, and give the rows that are declared', async () => {
    const faults: string[] = [];
    for (const { file, line, place, texts = [], values, row } of statements) {
      const at = `${file}:${line} ${place}`;
      for (const text of texts) {
        try {
          const sent = values?.isNamed ? numberedText(text) : { text, names: [] };
          const { parameters, columns } = await describeStatement(client, sent.text);
          const taken = parameters.map((type, index) => ({
            name: sent.names[index] ?? String(index + 1),
            type: typeNames.get(type) ?? String(type),
          }));
          if (values) faults.push(...valueFaults(values, taken, checker).map((fault) => `${at}: ${fault}`));
          const given = columns.map((column) => ({
            name: column.name,
            type: typeNames.get(column.dataTypeID) ?? String(column.dataTypeID),
            nullable: place in NEVER_NULL_HERE ? undefined : nullability(column, text),
          }));
          if (row) faults.push(...rowFaults(row, given, checker).map((fault) => `${at}: ${fault}`));
        } catch (error) {
          faults.push(`${at}: ${(error as Error).message}`);
        }
      }
    }
    expect([...new Set(faults)]).toEqual([]);
  }, 120_000);

  async function readCatalogue(): Promise<void> {
    const { rows: types } = await client.query<{ oid: number; name: string }>(
      'SELECT oid, typname AS name FROM pg_type',
    );
    for (const { oid, name } of types) typeNames.set(oid, name);
    const { rows: columns } = await client.query<{ key: string; name: string; notNull: boolean }>(
      `SELECT attrelid || '.' || attnum AS key, attname AS name, attnotnull AS "notNull"
       FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE c.relkind IN ('r', 'p')`,
    );
    for (const { key, ...column } of columns) tableColumns.set(key, column);
  }

  /** undefined: an expression, or a column of a table that an outer join may leave out. */
  function nullability(column: DescribedColumn, text: string): boolean | undefined {
    const known = tableColumns.get(`${column.tableID}.${column.columnID}`);
    if (known === undefined) return undefined;
    if (known.notNull) return /\b(LEFT|RIGHT|FULL)\b/.test(text) ? undefined : false;
    return new RegExp(`\\b${known.name} (IS NOT NULL|LIKE)\\b`).test(text) ? undefined : true;
  }
});
