// Builds dist/ when it is missing or older than what it is made from; `--force` builds it in any case.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { bundlePrograms } = require('./bundle.cjs');
const { buildConsole } = require('./console.cjs');

const root = path.resolve(__dirname, '..');
const DIST = path.join(root, 'dist');
const STAMP = path.join(DIST, '.built');
const LOCK = path.join(root, 'node_modules/.cache/interlock/building');
const LONGEST_BUILD_MS = 120_000;
const SOURCES = [
  'src',
  '.swcrc',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  // the packages are in the programs
  'package-lock.json',
  'scripts/bundle.cjs',
  'scripts/console.cjs',
];

function newest(file) {
  const { mtimeMs } = statSync(file);
  if (!statSync(file).isDirectory()) return mtimeMs;
  // a folder's own time shows what was deleted from it
  return readdirSync(file).reduce((latest, name) => Math.max(latest, newest(path.join(file, name))), mtimeMs);
}

function isStale() {
  if (!existsSync(STAMP)) return true;
  const builtAt = statSync(STAMP).mtimeMs;
  return SOURCES.some((source) => newest(path.join(root, source)) > builtAt);
}

/** One build at a time: tests and terminals may find it stale together. Resolves with what lets the next one in. */
async function takeTurn() {
  mkdirSync(path.dirname(LOCK), { recursive: true });
  const giveUpAt = Date.now() + LONGEST_BUILD_MS;
  while (Date.now() < giveUpAt) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      return () => rmSync(LOCK, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive(LOCK)) rmSync(LOCK, { force: true });
    else await sleep(200);
  }
  process.stderr.write(`Another build seems to be running for minutes. If there is none, remove ${LOCK}.\n`);
  process.exit(1);
}

/** The process that a file names. One that has not been written to yet, or is just gone, says nothing. */
function isAlive(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

async function build({ force = false } = {}) {
  if (!force && !isStale()) return;
  const done = await takeTurn();
  process.once('exit', done);
  if (force || isStale()) await rebuild();
  process.off('exit', done);
  done();
}

async function rebuild() {
  const begunAt = new Date();
  const nest = path.join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  const result = spawnSync(process.execPath, [nest, 'build'], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}${result.stderr}The build failed.\n`);
    process.exit(result.status || 1);
  }
  await bundlePrograms(DIST);
  buildConsole();
  writeFileSync(STAMP, `${begunAt.toISOString()}\n`);
}

module.exports = { build };

if (require.main === module) void build({ force: process.argv.includes('--force') });
