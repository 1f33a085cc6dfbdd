import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SRC = path.resolve(__dirname, '../src');

/**
 * What belongs to a session. Behind a pooler in transaction mode the next statement may run in another one: a lock
 * would stay with nobody, a setting would be somebody else's. These go over a connection of `directUrl`, or not at all.
 */
const OF_A_SESSION: readonly [string, RegExp][] = [
  ['an advisory lock of the session', /pg_(try_)?advisory_lock(_shared)?\s*\(/],
  // an UPDATE's SET stands behind its table
  ['a setting of the session', /^.\s*SET (?!LOCAL\b)/],
  ['LISTEN', /\bLISTEN \$?\{?[a-z"]/],
  ['a temporary table', /\bCREATE (TEMP|TEMPORARY)\b/i],
  ['a cursor that outlives its transaction', /\bWITH HOLD\b/],
  ['a statement prepared by name', /\b(PREPARE|DEALLOCATE) [a-z]/],
];

/** These open a connection of their own to the server itself, or run before any pooler is there. */
const DIRECT = new Set([
  'database/data-source.ts',
  // migrations run over the direct connection
  'database/online-schema.ts',
  'platform/database/notifications.ts',
  'platform/database/session-locks.ts',
]);

function sessionStateIn(source: string): string[] {
  const statements = source.match(/[`'"][^`'"]*[`'"]/g) ?? [];
  return OF_A_SESSION.filter(([, form]) => statements.some((text) => form.test(text))).map(([name]) => name);
}

describe('what cannot pass a pooler in transaction mode', () => {
  const files = (readdirSync(SRC, { recursive: true }) as string[])
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('database/migrations/'));

  it('is only where the connection is a direct one', () => {
    const found = files
      .filter((file) => !DIRECT.has(file))
      .flatMap((file) => sessionStateIn(readFileSync(path.join(SRC, file), 'utf8')).map((what) => `${file}: ${what}`));
    expect(found).toEqual([]);
  });

  it.each([
    [`'SELECT pg_try_advisory_lock($1)'`, 'an advisory lock of the session'],
    [`\`SET search_path = elsewhere\``, 'a setting of the session'],
    ['`LISTEN ${channel}`', 'LISTEN'],
    ['`CREATE TEMP TABLE t (id int)`', 'a temporary table'],
  ])('is recognised: %s', (source, name) => {
    expect(sessionStateIn(source)).toEqual([name]);
  });

  it.each([
    [`'SELECT pg_advisory_xact_lock($1)'`],
    ['`SET LOCAL statement_timeout = 5000`'],
    ['`UPDATE t SET name = $1 WHERE id = $2`'],
  ])('is not what ends with its transaction: %s', (source) => {
    expect(sessionStateIn(source)).toEqual([]);
  });
});
