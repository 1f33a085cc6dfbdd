import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { isMutated, MODULES, testsOf } from './suites';

const root = path.resolve(__dirname, '../..');
const files = MODULES.flatMap((name) =>
  readdirSync(path.join(root, 'src', name), { recursive: true, encoding: 'utf8' }).map((file) =>
    path.join('src', name, file),
  ),
).filter(isMutated);

describe('the tests of a mutated file', () => {
  it('exist', () => {
    const named = new Set(files.flatMap((file) => testsOf(root, file)?.files ?? []));
    expect(named.size).toBeGreaterThan(40);
    expect([...named].filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  it('are on a database where the file has SQL', () => {
    const stores = files.filter((file) => file.includes('/store/'));
    expect(stores.length).toBeGreaterThan(20);
    expect(stores.filter((file) => testsOf(root, file)?.kind !== 'database')).toEqual([]);
  });

  it('are the unit tests that import it, elsewhere', () => {
    expect(testsOf(root, 'src/sync/cursor.ts')).toMatchObject({
      kind: 'unit',
      files: expect.arrayContaining(['src/sync/cursor.spec.ts']),
    });
    expect(isMutated('src/sync/cursor.spec.ts')).toBe(false);
    expect(isMutated('src/auth/scopes.ts')).toBe(false);
  });
});
