import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../drift';
import type { ReleasedNames } from './contractions';

export const RELEASED = 'docs/released-names.json';
const MIGRATIONS = 'src/database/migrations';

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
