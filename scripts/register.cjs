// node -r ./scripts/register.cjs file.ts: runs TypeScript as the build would compile it, without building.
'use strict';
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const {
  exclude: _exclude,
  $schema: _schema,
  ...options
} = JSON.parse(readFileSync(path.join(__dirname, '../.swcrc'), 'utf8'));

process.setSourceMapsEnabled(true);
require.extensions['.ts'] = (module, filename) => {
  const source = readFileSync(filename, 'utf8');
  module._compile(transformSync(source, { ...options, swcrc: false, filename, sourceMaps: 'inline' }).code, filename);
};
