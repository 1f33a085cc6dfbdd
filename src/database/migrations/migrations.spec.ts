import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Those up to here were written before the rule, and meet empty tables where they are still to be run. */
const BEFORE_THE_RULE = 1780000000369;

/**
 * A table that another migration made may be large and in use. Whatever locks it goes through `online-schema`, and rows
 * are changed in batches elsewhere; what a migration makes itself is nobody's yet.
 */
function breaches(source: string): string[] {
  const own = new Set(tablesIn(source, /CREATE TABLE (?:IF NOT EXISTS )?(\w+)/g));
  const direct = [...source.matchAll(/\.query\(\s*(`[^`]*`|'[^']*'|"[^"]*")/g)].map(([, text]) =>
    text!.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, 'any_of_several'),
  );
  const found = direct.flatMap((statement) =>
    touchedBy(statement)
      .filter((table) => !own.has(table))
      .map((table) => `${table}: ${statement.trim().split('\n')[0]}`),
  );
  const online = /\b(alterOnline|createIndexOnline|dropIndexOnline)\(/.test(source);
  if (online && !/readonly transaction = false;/.test(source)) found.push('transaction = false is missing');
  // a statement that is not written where it is run could be any
  if (/\.query\(\s*[^`'"\s]/.test(source)) found.push('a statement is not written where it is run');
  return found;
}

function touchedBy(statement: string): string[] {
  // an index is named, not its table: it is somebody else's unless proven otherwise
  if (/\b(DROP|ALTER) INDEX\b|\bREINDEX\b/.test(statement)) return ['an index'];
  if (/\bVALIDATE CONSTRAINT\b/.test(statement)) return [];
  return [
    ...tablesIn(statement, /\bALTER TABLE (?:IF EXISTS )?(?:ONLY )?(\w+)/g),
    ...tablesIn(statement, /\bINDEX\b[^(]*\bON (?:ONLY )?(\w+)/g),
    ...tablesIn(statement, /\bREFERENCES (?!NEW\b|OLD\b)(\w+)/g),
    ...tablesIn(statement, /\b(?:CREATE|DROP) TRIGGER\b[^;]*?\bON (\w+)/g),
    ...tablesIn(statement, /\b(?:DROP TABLE(?: IF EXISTS)?|TRUNCATE(?: TABLE)?|LOCK TABLE) (\w+)/g),
    ...tablesIn(statement, /^\s*(?:UPDATE|DELETE FROM) (?:ONLY )?(\w+)/g),
    ...tablesIn(statement, /\bPARTITION OF (\w+)/g),
  ];
}

const tablesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, table]) => table!);

const files = readdirSync(__dirname).filter((name) => /^\d+-.*\.ts$/.test(name));
const ruled = files.filter((name) => Number(name.split('-')[0]) > BEFORE_THE_RULE);

/**
 * The last number that was counted; every later one is the time at which the migration was written, in milliseconds.
 */
const LAST_COUNTED = 1780000000390;
const FIRST_TIMED = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;

/** Null: the number is a time that a clock showed. */
function numberProblem(number: number, now = Date.now()): string | null {
  if (number <= LAST_COUNTED) return null;
  if (number < FIRST_TIMED) return 'is counted on: take the time, `date +%s%3N`';
  if (number > now + DAY_MS) return 'is a time that has not come';
  return number % 1000 === 0 ? 'is a rounded time' : null;
}

describe('the number of a migration', () => {
  it.each(files)('%s is the time of its writing', (name) => {
    expect(numberProblem(Number(name.split('-')[0]))).toBeNull();
  });

  it.each([
    [LAST_COUNTED + 10, 'is counted on: take the time, `date +%s%3N`'],
    [FIRST_TIMED + 7 * DAY_MS, 'is a rounded time'],
    [FIRST_TIMED + 7 * DAY_MS + 123, null],
    [FIRST_TIMED + 9 * DAY_MS + 1, 'is a time that has not come'],
  ])('%i %s', (number, problem) => {
    expect(numberProblem(number, FIRST_TIMED + 8 * DAY_MS)).toBe(problem);
  });
});

describe('a migration holds nobody up', () => {
  it('is a rule for every one from now on', () => expect(ruled.length).toBeGreaterThan(0));

  it.each(ruled)('%s changes tables in use by online-schema alone', (name) => {
    expect(breaches(readFileSync(path.join(__dirname, name), 'utf8'))).toEqual([]);
  });

  it.each([
    'CREATE INDEX records_by_age ON records (synced_at)',
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS once ON ONLY audit_chain (entry_id)',
    'DROP INDEX records_feed',
    'ALTER INDEX records_feed RENAME TO old',
    'ALTER TABLE records ADD COLUMN more text',
    'ALTER TABLE sync_runs DROP COLUMN deaths',
    'CREATE TABLE fresh (id uuid REFERENCES integrations (id))',
    'CREATE TRIGGER t BEFORE UPDATE ON audit_entries FOR EACH ROW EXECUTE FUNCTION f()',
    'UPDATE records SET source_reading = 0',
    'DROP TABLE sync_logs',
    'LOCK TABLE records',
    'ALTER TABLE ${table} ADD COLUMN more text',
  ])('the rule refuses a plain %s', (statement) => {
    expect(breaches(`await runner.query(\`\n  ${statement}\`);`)).toHaveLength(1);
    expect(breaches(`await runner.query('${statement}');`)).toHaveLength(1);
  });

  it('the rule refuses what it cannot read, and a transaction around a change that needs none', () => {
    expect(breaches('await runner.query(statement);')).toHaveLength(1);
    expect(breaches('await alterOnline(runner, `ALTER TABLE records ADD COLUMN IF NOT EXISTS a text`);')).toHaveLength(
      1,
    );
  });

  it('the rule lets pass what concerns a table of the migration itself', () => {
    const own =
      'await runner.query(`CREATE TABLE fresh (id uuid)`); await runner.query(`CREATE INDEX i ON fresh (id)`);';
    expect(breaches(own)).toEqual([]);
    expect(breaches('await runner.query(`ALTER TABLE records VALIDATE CONSTRAINT c`);')).toEqual([]);
  });
});
