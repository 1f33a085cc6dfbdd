import { namesUsed, readReleasedNames } from './sources';

describe('the names that a release uses', () => {
  it('are known of the last one', () => {
    for (const name of ['records', 'sync_runs', 'lease_until', 'integration_id'])
      expect(readReleasedNames().names).toContain(name);
  });

  it('are those that a migration has, wherever in it, and the code says', () => {
    const migration =
      "const TABLES = 'CREATE TABLE t_a (one_col int, two_col int)'; class A { up(r) { return r.query(TABLES); } }";
    expect(namesUsed([migration], ['SELECT one_col FROM t_a'])).toEqual(['one_col', 't_a']);
  });
});
