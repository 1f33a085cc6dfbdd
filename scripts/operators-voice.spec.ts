import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const CONSOLE = path.join(__dirname, '../src/admin/console');
/** A call of the API, which an operator does not make: a method with a path, or one of its operations by name. */
const CALL = /\b(?:GET|POST|PUT|PATCH|DELETE) (?:\/|…\/)|\b(?:sync-toggle|resume-sync)\b/;

const sources = readdirSync(CONSOLE).filter((file) => file.endsWith('.tsx'));

it.each(sources)('tells an operator what to do in the words of the console: %s', (file) => {
  expect(readFileSync(path.join(CONSOLE, file), 'utf8')).not.toMatch(CALL);
});
