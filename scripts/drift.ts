import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(__dirname, '..');

/** Writes a generated file; with `--check` on the command line it only compares, and ends with 1 when they differ. */
export function writeOrCheck(file: string, content: string, command: string): void {
  const target = path.join(root, file);
  if (!process.argv.includes('--check')) {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
    console.log(`${file} written.`);
    return;
  }
  const present = read(target);
  if (present === content) {
    console.log(`${file} is up to date.`);
    return;
  }
  console.error(`${file} is ${present === null ? 'missing' : 'out of date'}: run \`${command}\` and commit it.`);
  if (present !== null) console.error(firstDifference(present, content));
  process.exitCode = 1;
}

function firstDifference(present: string, wanted: string): string {
  const [before, after] = [present.split('\n'), wanted.split('\n')];
  const line = after.findIndex((text, index) => text !== before[index]);
  const at = line === -1 ? after.length : line;
  return `  line ${at + 1}\n  - ${before[at] ?? '(end)'}\n  + ${after[at] ?? '(end)'}`;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
