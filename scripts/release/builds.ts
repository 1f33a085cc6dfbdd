import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { root } from '../drift';

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 2], maxBuffer: 1 << 26 });

/** What the commit holds, and nothing else of the checkout. */
export function exportCommit(commit: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const archive = path.join(folder, '.export.tar');
  run('git', ['archive', '--format=tar', `--output=${archive}`, commit], root);
  run('tar', ['-xf', archive], folder);
  rmSync(archive);
}

/** What a build is made from, as it stands in the checkout. */
export function copySources(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { SOURCES } = require('../build.cjs') as { SOURCES: readonly string[] };
  const sources = SOURCES.filter((source) => !source.startsWith('node_modules'));
  for (const source of sources) cpSync(path.join(root, source), path.join(folder, source), { recursive: true });
}

/** Builds dist/ in another folder, with the packages that are installed here. */
export function buildIn(folder: string): void {
  const packages = path.join(folder, 'node_modules');
  if (!existsSync(packages)) symlinkSync(path.join(root, 'node_modules'), packages);
  run(process.execPath, ['scripts/build.cjs', '--force'], folder);
}

/** The files of two folders that are in one of them only, or have other bytes. */
export function differences(one: string, other: string): string[] {
  const files = new Set([...filesIn(one), ...filesIn(other)]);
  return [...files].sort().filter((file) => {
    const [a, b] = [path.join(one, file), path.join(other, file)];
    return !existsSync(a) || !existsSync(b) || !readFileSync(a).equals(readFileSync(b));
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(path.join(folder, file)).isFile(),
  );
}
