import { databaseAddressOf, databaseLeavesInClear, DatabaseUrlError } from './database-address';

describe('the address of PostgreSQL', () => {
  it.each([
    ['postgres://u:p@db/interlock?sslmode=require', ['postgres://u:p@db/interlock?sslmode=require'], 'any'],
    ['postgresql:///interlock', ['postgresql:///interlock'], 'any'],
    ['postgres://u:p@%2Frun%2Fpg:5433/db', ['postgres://u:p@%2Frun%2Fpg:5433/db'], 'any'],
    ['postgres://db/a?target_session_attrs=primary', ['postgres://db/a'], 'primary'],
    ['postgres://a,b:5433/db', ['postgres://a/db', 'postgres://b:5433/db'], 'read-write'],
    [
      'postgres://u:p,@w@a:5432,[::1]:5433/db?target_session_attrs=read-write&sslmode=verify-full',
      ['postgres://u:p,@w@a:5432/db?sslmode=verify-full', 'postgres://u:p,@w@[::1]:5433/db?sslmode=verify-full'],
      'read-write',
    ],
    ['postgres://a/db?x=%2Fy+z&%&target%5Fsession_attrs=primary#f', ['postgres://a/db?x=%2Fy+z&%#f'], 'primary'],
    ['postgres://a/db?target_session_attrs=any&target_session_attrs=primary', ['postgres://a/db'], 'primary'],
    ['postgres://a/db?host=c&', ['postgres://a/db?host=c&'], 'any'],
    ['postgres://a,b/db?x=1&target_session_attrs=any', ['postgres://a/db?x=1', 'postgres://b/db?x=1'], 'any'],
  ])('is read from %s', (url, servers, target) => {
    expect(databaseAddressOf(url)).toEqual({ servers, target });
  });

  it.each([
    ['postgres://canary,/db', 'must have hosts with ports between the commas'],
    ['postgres://canary:70000,b/db', 'must have hosts with ports between the commas'],
    ['postgres:///db?host=canary,b', 'must have several hosts before its path, not in a parameter'],
    ['postgres://a,b/db?host=canary', 'must have several hosts before its path, not in a parameter'],
    ['postgres://a,b/db?p%6Frt=1', 'must have several hosts before its path, not in a parameter'],
    ['postgres://a/db?target_session_attrs=', 'must have any, read-write, primary or nothing as target_session_attrs'],
    [
      'postgres://a,b/db?target_session_attrs=canary',
      'must have any, read-write, primary or nothing as target_session_attrs',
    ],
    [
      'postgres://a/db?target_session_attrs=standby',
      'must have any, read-write, primary or nothing as target_session_attrs',
    ],
    ['canary', 'must be a postgres:// URL'],
  ])('%s is refused, in words that hold nothing of it', (url, rule) => {
    expect(() => databaseAddressOf(url)).toThrow(new DatabaseUrlError(rule));
  });

  it.each([
    ['postgres://localhost,10.0.0.1/db', true],
    ['postgres://localhost,127.0.0.1:5433/db', false],
    ['postgres://a,b/db?sslmode=verify-full', false],
    ['postgres://a,b/db', true],
    ['embedded', false],
  ])('in %s a way to another machine is in clear: %s', (url, clear) => {
    expect(databaseLeavesInClear(url)).toBe(clear);
  });
});
