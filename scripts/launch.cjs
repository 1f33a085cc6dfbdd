// node scripts/launch.cjs <file in dist> [arguments]: installs and builds what is missing, then becomes that program.
// One process, so that a signal sent to it reaches the program.
'use strict';
const Module = require('node:module');
const path = require('node:path');
const { ensure } = require('./ensure-deps.cjs');

ensure();
require('./build.cjs').ensureBuilt();
process.setSourceMapsEnabled(true);
const [, , program, ...args] = process.argv;
process.argv = [process.execPath, path.resolve(__dirname, '../dist', program), ...args];
Module.runMain();
