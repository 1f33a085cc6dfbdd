// Builds dist/ when it is missing or older than what it is made from; `--force` builds it in any case.
'use strict';
const { spawnSync } = require('node:child_process');
const { mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const DIST = path.join(root, 'dist');
const STAMP = '.built';
const SOURCES = [
  'src',
  '.swcrc',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  // the packages are in the programs
  'node_modules/.package-lock.json',
  'scripts/build.cjs',
  'scripts/bundle.cjs',
  'scripts/console.cjs',
];
/** Of a build that is under way, beside dist/ so that it can be renamed. */
const WORK = '.build-';
/** What was left by a build that was killed. */
const ABANDONED_MS = 10 * 60_000;

/** In milliseconds; 0 when there is no such file. */
function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  // a folder's own time shows what was deleted from it
  return readdirSync(file).reduce((latest, name) => Math.max(latest, newest(path.join(file, name))), stats.mtimeMs);
}

function isStale() {
  const builtAt = modifiedAt(path.join(DIST, STAMP));
  return SOURCES.some((source) => newest(path.join(root, source)) > builtAt);
}

/** In a process of its own, so that nothing of a build stays in this one. Ends this one when the build fails. */
function ensureBuilt() {
  if (!isStale()) return;
  const { status } = spawnSync(process.execPath, [__filename], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

async function build() {
  // loaded here: who only asks whether dist/ is old needs no bundler
  const { bundlePrograms } = require('./bundle.cjs');
  const { buildConsole } = require('./console.cjs');
  const begunAt = new Date();
  for (const name of readdirSync(root).filter((each) => each.startsWith(WORK))) {
    const abandoned = begunAt.getTime() - modifiedAt(path.join(root, name)) > ABANDONED_MS;
    if (abandoned) rmSync(path.join(root, name), { recursive: true, force: true });
  }
  const work = mkdtempSync(path.join(root, WORK));
  const configFile = `${work}.json`;
  process.once('exit', () => {
    for (const each of [work, configFile]) rmSync(each, { recursive: true, force: true });
  });
  compile(work, configFile);
  const made = path.join(work, 'dist');
  await bundlePrograms({ tree: work, folder: made, place: DIST });
  buildConsole(path.join(made, 'console'));
  writeFileSync(path.join(made, STAMP), '');
  // what is edited while this runs is newer
  utimesSync(path.join(made, STAMP), begunAt, begunAt);
  putInPlace(made, work);
}

/** One level below package.json, as dist/ is: the programs read their version there. */
function compile(tree, configFile) {
  const config = { extends: path.join(root, 'tsconfig.build.json'), compilerOptions: { outDir: tree } };
  writeFileSync(configFile, JSON.stringify(config));
  const nest = path.join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  const args = [nest, 'build', '--path', path.relative(root, configFile)];
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${result.stdout}${result.stderr}`);
}

/** Renamed, so that no process finds half a build; of builds at the same time the last one stays. */
function putInPlace(made, work) {
  for (let tries = 0; ; tries++) {
    try {
      renameSync(DIST, path.join(work, `old-${tries}`));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      renameSync(made, DIST);
      return;
    } catch (error) {
      // another build has put its own there between the two
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    }
  }
}

module.exports = { ensureBuilt, SOURCES };

if (require.main === module && (process.argv.includes('--force') || isStale())) {
  build().catch((error) => {
    process.stderr.write(`${error.message}\nThe build failed.\n`);
    process.exit(1);
  });
}
