// Bundles the console's page (src/admin/console) into a folder that the service serves as it is.
'use strict';
const { copyFileSync, mkdirSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const SOURCE = path.join(root, 'src/admin/console');

function buildConsole(folder = path.join(root, 'dist/console')) {
  mkdirSync(folder, { recursive: true });
  // loaded here: a service that runs from a built tree has no bundler
  require('esbuild').buildSync({
    entryPoints: [path.join(SOURCE, 'main.tsx')],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: '{}',
    legalComments: 'eof',
    logLevel: 'error',
  });
  for (const file of ['index.html', 'icon.svg']) copyFileSync(path.join(SOURCE, file), path.join(folder, file));
  return folder;
}

module.exports = { buildConsole };

if (require.main === module) buildConsole();
