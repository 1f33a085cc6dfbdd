// Builds dist/ when it is missing or older than what it is made from; `--force` builds it in any case.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync, statSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { buildConsole } = require('./console.cjs');

const root = path.resolve(__dirname, '..');
const STAMP = path.join(root, 'dist/.built');
const SOURCES = ['src', '.swcrc', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'package.json'];

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

function build({ force = false } = {}) {
  if (!force && !isStale()) return;
  const begunAt = new Date();
  const nest = path.join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  const result = spawnSync(process.execPath, [nest, 'build'], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}${result.stderr}The build failed.\n`);
    process.exit(result.status || 1);
  }
  buildConsole();
  writeFileSync(STAMP, `${begunAt.toISOString()}\n`);
}

module.exports = { build };

if (require.main === module) build({ force: process.argv.includes('--force') });
