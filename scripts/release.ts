import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { commandLine, CommandLineError, runCommand } from './command-line';
import { root } from './drift';
import { archive, kibibytes, sha256, stage, sumsOf, versionOf, writeSbom } from './release/artefacts';
import { buildIn, differences, exportCommit } from './release/builds';
import { changelogSection } from './release/changelog';
import { provenanceOf } from './release/provenance';

const USAGE = `npm run release -- [--try] [--out folder]

Builds the commit twice, in two folders, and writes what is published to release/<version>: the archive of the
service and that of the chart, the list of packages, the changelog's section, the provenance and the SHA-256 sums.
  --try   the commit has no tag, and the changelog may still say "Unreleased"
  --out   another folder`;

const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

async function main(): Promise<number> {
  const { values } = commandLine(USAGE, { options: { try: { type: 'boolean' }, out: { type: 'string' } } });
  const isTry = values.try === true;
  const version = versionOf('package.json');
  const commit = git('rev-parse', 'HEAD');
  const tag = git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`) ? `v${version}` : null;
  if (!isTry) refuseUnlessReleasable(version, tag);
  const notes = notesOf(version, isTry);
  const name = `interlock-${isTry ? `${version}-${commit.slice(0, 12)}` : version}`;
  const out = path.resolve(values.out ?? path.join(root, 'release', name.slice('interlock-'.length)));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });

  const work = mkdtempSync(path.join(os.tmpdir(), 'interlock-release-'));
  try {
    const seconds = Number(git('show', '-s', '--format=%ct', 'HEAD'));
    // of different depth: a path that got into a build would show
    const [one, two] = ['one', 'another/one'].map((folder) => {
      console.error(`Building in ${path.join(work, folder)} …`);
      return makeArchives(path.join(work, folder), { commit, name, seconds });
    });
    const different = differences(one!, two!);
    if (different.length > 0) throw new Error(`Two builds of ${commit} differ in ${different.join(', ')}.`);
    execFileSync('cp', ['-r', `${one!}/.`, out]);
    const staged = path.join(work, 'one/stage', name);
    writeSbom(path.join(out, `${name}.cdx.json`), staged);
    writeFileSync(path.join(out, 'NOTES.md'), notes);
    publishStatements(out, { name, version, commit, tag, staged });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return 0;
}

function refuseUnlessReleasable(version: string, tag: string | null): void {
  if (git('status', '--porcelain') !== '') throw new CommandLineError('The checkout has changes that no commit holds.');
  if (tag === null) throw new CommandLineError(`HEAD has no tag v${version}. Try it with --try.`);
  const sdk = versionOf('sdk/typescript/package.json');
  if (sdk !== version) throw new CommandLineError(`The SDK has version ${sdk}, and the service ${version}.`);
}

function notesOf(version: string, isTry: boolean): string {
  const changelog = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
  const notes = (isTry ? changelogSection(changelog, 'Unreleased') : null) ?? changelogSection(changelog, version);
  if (notes === null) throw new CommandLineError(`CHANGELOG.md has no section ${version}.`);
  return notes;
}

/** In a folder of its own, which it returns. */
function makeArchives(folder: string, of: { commit: string; name: string; seconds: number }): string {
  const tree = path.join(folder, 'tree');
  exportCommit(of.commit, tree);
  buildIn(tree);
  const staged = path.join(folder, 'stage', of.name);
  stage(tree, staged);
  const made = path.join(folder, 'made');
  mkdirSync(made);
  archive(path.join(made, `${of.name}.tar.gz`), staged, of.seconds);
  const chart = path.join(tree, 'deploy/helm/interlock');
  if (existsSync(chart)) archive(path.join(made, `${of.name}-chart.tgz`), chart, of.seconds);
  return made;
}

interface Made {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  readonly tag: string | null;
  readonly staged: string;
}

function publishStatements(out: string, { name, version, commit, tag, staged }: Made): void {
  const artefacts = [`${name}.tar.gz`, `${name}-chart.tgz`, `${name}.cdx.json`, 'NOTES.md'].filter((file) =>
    existsSync(path.join(out, file)),
  );
  const statement = provenanceOf(
    {
      version,
      commit,
      tag,
      lockSha256: sha256(path.join(staged, 'package-lock.json')),
      node: process.versions.node,
      npm: execFileSync('npm', ['--version'], { encoding: 'utf8' }).trim(),
    },
    artefacts.map((file) => ({ name: file, sha256: sha256(path.join(out, file)) })),
  );
  const provenance = `${name}.intoto.json`;
  writeFileSync(path.join(out, provenance), `${JSON.stringify(statement, null, 2)}\n`);
  writeFileSync(path.join(out, 'SHA256SUMS'), sumsOf(out, [...artefacts, provenance]));
  for (const file of [...artefacts, provenance, 'SHA256SUMS'])
    console.log(`${path.join(out, file)} (${kibibytes(path.join(out, file))})`);
  console.log('Sign SHA256SUMS: docs/releasing.md says how.');
}

runCommand(main);
