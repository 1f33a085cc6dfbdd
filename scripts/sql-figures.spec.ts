import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SRC = path.join(__dirname, '../src');

/** Flags, and what has a bound of its own. Parameters are what the application sends. */
const SMALL = [
  "(state = 'running')::int",
  '(coalesce(not_before, now()) > now())::int',
  'outage::int',
  // minutes since 1970
  'extract(epoch FROM now())::int / 60',
  // at most the burst of a limit
  'floor(${AVAILABLE} + 1e-9)::integer',
];

/**
 * Figures that are cut to four bytes: a count, a sum or a time in milliseconds can pass them, and is a 500 from then
 * on.
 */
function narrowed(source: string): string[] {
  const text = SMALL.reduce((left, cast) => left.replaceAll(cast, ''), source);
  return [...text.matchAll(/(\S*)::int(?:eger|4)?\b(?!\[)|CAST\(.* AS int(?:eger|4)?\)/g)]
    .map(([cast]) => cast)
    .filter((cast) => !/\$\w+::/.test(cast));
}

describe('figures of the database', () => {
  const files = (readdirSync(SRC, { recursive: true }) as string[]).filter(
    (file) => file.endsWith('.ts') && !/\.spec\.ts$|migrations/.test(file),
  );

  it('are looked for in all sources', () => expect(files.length).toBeGreaterThan(100));

  it('are never cut to four bytes', () => {
    const found = files.flatMap((file) =>
      narrowed(readFileSync(path.join(SRC, file), 'utf8')).map((cast) => `${file}: ${cast}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    'count(*)::int AS n',
    'sum(x)::integer',
    '(count(*) FILTER (WHERE a))::int4',
    'CAST(sum(x) AS int)',
    'position::int',
  ])('are found where they are: %s', (sql) => expect(narrowed(sql)).toHaveLength(1));
});
