/** What a release uses of the database: written when it is made, and kept until the next one. */
export interface ReleasedNames {
  readonly version: string;
  /** The number of its newest migration. */
  readonly lastMigration: number;
  /** Tables, columns, views and functions that its code names. */
  readonly names: readonly string[];
}

/** Words that a migration makes and the code says: more than the schema's names, and never fewer. */
export function namesUsed(migrations: readonly string[], code: readonly string[]): string[] {
  const made = wordsOf(migrations.map((text) => upOf(text)));
  return [...wordsOf(code)].filter((word) => made.has(word)).sort();
}

const wordsOf = (texts: readonly string[]): Set<string> =>
  new Set(texts.flatMap((text) => text.match(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)*\b/g) ?? []));

/** The part that an upgrade runs. */
function upOf(migration: string): string {
  const [, up = ''] = migration.split(/\basync up\(/);
  return up.split(/\basync down\(/)[0]!;
}

const CONTRACTING: readonly (readonly [RegExp, string])[] = [
  [/\bDROP (?:TABLE|MATERIALIZED VIEW|VIEW|FUNCTION|TYPE|SEQUENCE)(?: IF EXISTS)? (\w+)/g, 'drops'],
  [/\bDROP COLUMN(?: IF EXISTS)? (\w+)/g, 'drops'],
  [/\bRENAME (?:COLUMN )?(?!TO\b|CONSTRAINT\b)(\w+) TO\b/g, 'renames'],
  [/\bALTER (?:TABLE|VIEW|FUNCTION)(?: IF EXISTS)? (\w+) RENAME TO\b/g, 'renames'],
  [/\bALTER COLUMN (\w+) (?:SET DATA )?TYPE\b/g, 'changes the type of'],
  [/\bALTER COLUMN (\w+) SET NOT NULL\b/g, 'forbids NULL in'],
  [/\bALTER COLUMN (\w+) DROP DEFAULT\b/g, 'takes the default of'],
];

/**
 * What a migration takes away that the release uses: its processes still run when the migration is applied, and go back
 * to it must be possible. What the same migration makes again, such as a view, is not taken away.
 */
export function contractions(migration: string, { names }: Pick<ReleasedNames, 'names'>): string[] {
  const up = upOf(migration);
  const used = new Set(names);
  const made = new Set(
    [...up.matchAll(/\bCREATE (?:OR REPLACE )?(?:TABLE|VIEW|FUNCTION|TYPE)(?: IF NOT EXISTS)? (\w+)/g)].map(
      ([, name]) => name!,
    ),
  );
  return CONTRACTING.flatMap(([pattern, does]) =>
    [...up.matchAll(pattern)]
      .map(([, name]) => name!)
      .filter((name) => used.has(name) && !made.has(name))
      .map((name) => `${does} ${name}`),
  );
}
