import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../drift';

export const RELEASED = 'docs/released-names.json';
const MIGRATIONS = 'src/database/migrations';

/** What a release uses of the database: written when it is made, and kept until the next one. */
export interface ReleasedNames {
  readonly version: string;
  /** The number of its newest migration. */
  readonly lastMigration: number;
  /** Tables, columns, views and functions that its code names. */
  readonly names: readonly string[];
}

export const readReleasedNames = (): ReleasedNames =>
  JSON.parse(readFileSync(path.join(root, RELEASED), 'utf8')) as ReleasedNames;

/** Each with its number, oldest first. */
export function readMigrations(tree = root): { number: number; name: string; text: string }[] {
  return readdirSync(path.join(tree, MIGRATIONS))
    .filter((name) => /^\d+-.*\.ts$/.test(name))
    .sort()
    .map((name) => ({
      number: Number(name.split('-')[0]),
      name,
      text: readFileSync(path.join(tree, MIGRATIONS, name), 'utf8'),
    }));
}

/** The sources of the service, without its migrations, its tests and the page. */
export function readCode(tree = root): string[] {
  return readdirSync(path.join(tree, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ts$/.test(file) && !/\.spec\.ts$|^database.migrations|^admin.console/.test(file))
    .map((file) => readFileSync(path.join(tree, 'src', file), 'utf8'));
}

/** Words that stand in a migration and in the code: more than the schema's names, and never fewer. */
export function namesUsed(migrations: readonly string[], code: readonly string[]): string[] {
  const made = wordsOf(migrations);
  return [...wordsOf(code)].filter((word) => made.has(word)).sort();
}

const wordsOf = (texts: readonly string[]): Set<string> =>
  new Set(texts.flatMap((text) => text.match(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)*\b/g) ?? []));
