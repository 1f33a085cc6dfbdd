import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../drift';

/** What is installed from the archive. Sources and tests are in the repository, under the tag. */
const SHIPPED = [
  'dist',
  'package.json',
  'package-lock.json',
  '.npmrc',
  '.env.example',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'openapi.json',
  'openapi-admin.json',
  'docker-compose.production.yml',
  'docs',
  'deploy',
  'providers',
];

/** Copies what is shipped out of a built tree. */
export function stage(tree: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of SHIPPED) {
    if (existsSync(path.join(tree, name))) cpSync(path.join(tree, name), path.join(folder, name), { recursive: true });
  }
  // says when it was built
  rmSync(path.join(folder, 'dist/.built'), { force: true });
}

/**
 * The same bytes for the same files: names in order, one time, one owner, one mode. It needs GNU tar, which has options
 * for that.
 */
export function archive(file: string, folder: string, seconds: number): void {
  const flags = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u+rwX,go+rX,go-w',
    '--format=ustar',
  ];
  const tarball = execFileSync(
    'tar',
    [...flags, `--mtime=@${seconds}`, '-cf', '-', '-C', path.dirname(folder), path.basename(folder)],
    { maxBuffer: 1 << 30 },
  );
  writeFileSync(file, gzipSync(tarball, { level: 9 }));
}

/** A CycloneDX list of the packages that the service runs with, from the lock file alone: it names no host. */
export function writeSbom(file: string, staged: string): void {
  const program = path.join(root, 'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js');
  const options = ['--package-lock-only', '--omit', 'dev', '--mc-type', 'application', '--spec-version', '1.6'];
  execFileSync(
    process.execPath,
    [program, ...options, '--output-reproducible', '--output-format', 'JSON', '--output-file', file, 'package.json'],
    { cwd: staged, stdio: ['ignore', 2, 2] },
  );
}

export const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** As `sha256sum --check` reads it. */
export function sumsOf(folder: string, names: readonly string[]): string {
  return names.map((name) => `${sha256(path.join(folder, name))}  ${name}\n`).join('');
}

/** How many bytes the file has, for a person. */
export const kibibytes = (file: string): string => `${Math.ceil(readFileSync(file).length / 1024)} KiB`;

export const versionOf = (file: string): string =>
  (JSON.parse(readFileSync(path.join(root, file), 'utf8')) as { version: string }).version;
