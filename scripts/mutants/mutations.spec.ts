import { mutated as applied, mutationsOf } from './mutations';
import { sqlEdits } from './sql-mutations';

const changed = (text: string): string[] => mutationsOf(text).map((one) => applied(text, one));

describe('the mutations of a file', () => {
  it('turn its conditions round', () => {
    expect(changed('if (a < 1 && !b) c = 2;')).toEqual([
      'if (true) c = 2;',
      'if (false) c = 2;',
      'if (a < 1 || !b) c = 2;',
      'if (a <= 1 && !b) c = 2;',
      'if (a < 1 && b) c = 2;',
    ]);
    expect(changed('const a = b === 1 ? true : c;')).toEqual([
      'const a = true ? true : c;',
      'const a = false ? true : c;',
      'const a = b !== 1 ? true : c;',
      'const a = b === 1 ? false : c;',
    ]);
  });

  it('leave out its calls, but not those that only tell', () => {
    expect(changed('async () => { await save(1); this.logger.warn(2); super(); go(); };')).toEqual([
      'async () => { void 0; this.logger.warn(2); super(); go(); };',
      'async () => { await save(1); this.logger.warn(2); super(); void 0; };',
    ]);
    expect(changed('this.logFailure(run); this.logger.warn({ a: b === 1 ? c : undefined });')).toEqual([]);
  });

  it('say where they are, and leave types and imports alone', () => {
    expect(mutationsOf(`import { a } from 'a';\ntype T = true;\nconst b = true;`)).toMatchObject([
      { line: 3, from: 'true', to: 'false' },
    ]);
  });

  it('reach into statements of SQL, and into no other text', () => {
    expect(changed('const a = `SELECT 1 FROM t WHERE x = ${b}`;')).toEqual([
      'const a = `SELECT 1 FROM t WHERE  (true OR x = ${b}) `;',
    ]);
    expect(changed('const a = `x AND y < 1`;')).toEqual([]);
  });
});

describe('the mutations of a statement', () => {
  const mutated = (sql: string): string[] =>
    sqlEdits(sql).map(({ start, end, to }) => (sql.slice(0, start) + to + sql.slice(end)).replace(/\s+/g, ' ').trim());

  it('drop each of its conditions', () => {
    expect(mutated('SELECT 1 FROM t WHERE a = 1 AND (b = 2 OR c) AND d = $1 ORDER BY e')).toEqual([
      'SELECT 1 FROM t WHERE (true OR a = 1) AND (b = 2 OR c) AND d = $1 ORDER BY e',
      'SELECT 1 FROM t WHERE a = 1 AND (true OR (b = 2 OR c)) AND d = $1 ORDER BY e',
      'SELECT 1 FROM t WHERE a = 1 AND (b = 2 OR c) AND (true OR d = $1) ORDER BY e',
    ]);
  });

  it('are none of a condition that holds always', () => {
    expect(mutated('SELECT 1 FROM t LEFT JOIN u ON true LEFT JOIN v ON v.trueish WHERE a')).toEqual([
      'SELECT 1 FROM t LEFT JOIN u ON true LEFT JOIN v ON (true OR v.trueish) WHERE a',
      'SELECT 1 FROM t LEFT JOIN u ON true LEFT JOIN v ON v.trueish WHERE (true OR a)',
    ]);
  });

  it('drop a condition as a whole', () => {
    expect(mutated('SELECT 1 FROM t JOIN u ON a = 1 CROSS JOIN v WHERE b IS DISTINCT FROM c AND d')).toEqual([
      'SELECT 1 FROM t JOIN u ON a = 1 CROSS JOIN v WHERE b IS NOT DISTINCT FROM c AND d',
      'SELECT 1 FROM t JOIN u ON (true OR a = 1) CROSS JOIN v WHERE b IS DISTINCT FROM c AND d',
      'SELECT 1 FROM t JOIN u ON a = 1 CROSS JOIN v WHERE (true OR b IS DISTINCT FROM c) AND d',
      'SELECT 1 FROM t JOIN u ON a = 1 CROSS JOIN v WHERE b IS DISTINCT FROM c AND (true OR d)',
    ]);
  });

  it('take its lock', () => {
    expect(mutated('SELECT 1 FROM t WHERE a LIMIT 1 FOR UPDATE SKIP LOCKED')).toEqual([
      'SELECT 1 FROM t WHERE a LIMIT 1',
      'SELECT 1 FROM t WHERE a LIMIT 1 FOR UPDATE',
      'SELECT 1 FROM t WHERE (true OR a) LIMIT 1 FOR UPDATE SKIP LOCKED',
    ]);
  });

  it('leave out each of several assignments, but not when a row was written', () => {
    expect(mutated(`UPDATE t SET a = coalesce(b, 1), c = 'x, y', updated_at = now() WHERE d`)).toEqual([
      `UPDATE t SET a = coalesce(b, 1), c = 'x, y', updated_at = now() WHERE (true OR d)`,
      `UPDATE t SET c = 'x, y', updated_at = now() WHERE d`,
      `UPDATE t SET a = coalesce(b, 1), updated_at = now() WHERE d`,
    ]);
  });

  it('shift its bounds', () => {
    expect(mutated('SELECT a <= b, c > d, e <> f, g ->> 1')).toEqual([
      'SELECT a < b, c > d, e <> f, g ->> 1',
      'SELECT a <= b, c >= d, e <> f, g ->> 1',
      'SELECT a <= b, c > d, e = f, g ->> 1',
    ]);
  });
});
