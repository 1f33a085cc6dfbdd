// node -r ./scripts/register.cjs file.ts: runs TypeScript as the build would compile it, without building.
'use strict';
const { createHash, randomUUID } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync, version } = require('@swc/core');

const {
  exclude: _exclude,
  $schema: _schema,
  ...options
} = JSON.parse(readFileSync(path.join(__dirname, '../.swcrc'), 'utf8'));

/** What was compiled before, by what it was compiled from: a test that starts ten processes compiles once. */
const CACHE = path.join(__dirname, '../node_modules/.cache/interlock');
const COMPILER = JSON.stringify([version, options]);

function compiled(source, filename) {
  const key = createHash('sha256').update(`${COMPILER}\0${filename}\0${source}`).digest('hex');
  const file = path.join(CACHE, `${key}.js`);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const { code } = transformSync(source, { ...options, swcrc: false, filename, sourceMaps: 'inline' });
    keep(file, code);
    return code;
  }
}

/** Whole or not at all: other processes read it. A folder that cannot be written costs time, and nothing else. */
function keep(file, code) {
  try {
    mkdirSync(CACHE, { recursive: true });
    const draft = `${file}.${randomUUID()}`;
    writeFileSync(draft, code);
    renameSync(draft, file);
  } catch {}
}

process.setSourceMapsEnabled(true);
require.extensions['.ts'] = (module, filename) => {
  module._compile(compiled(readFileSync(filename, 'utf8'), filename), filename);
};
