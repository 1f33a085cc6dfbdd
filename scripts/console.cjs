// Bundles the console's page (src/admin/console) into a folder that the service serves as it is.
'use strict';
const { copyFileSync, mkdirSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const SOURCE = path.join(root, 'src/admin/console');

function buildConsole(folder = path.join(root, 'dist/console')) {
  mkdirSync(folder, { recursive: true });
  // loaded here: a service that runs from a built tree has no bundler
  const esbuild = require('esbuild');
  esbuild.buildSync({
    entryPoints: [path.join(SOURCE, 'main.tsx')],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: '{}',
    define: { PROVIDER_NAMES: JSON.stringify(providerNames(esbuild)) },
    legalComments: 'eof',
    logLevel: 'error',
  });
  for (const file of ['index.html', 'icon.svg']) copyFileSync(path.join(SOURCE, file), path.join(folder, file));
  return folder;
}

/** From the catalogue, so that the page lists what the service knows: a page cannot import the service's modules. */
function providerNames(esbuild) {
  const file = path.join(root, 'src/providers/catalogue.ts');
  const { outputFiles } = esbuild.buildSync({ entryPoints: [file], bundle: true, format: 'cjs', write: false });
  const compiled = new Module(file);
  compiled._compile(outputFiles[0].text, file);
  return Object.fromEntries(Object.values(compiled.exports.BUILT_IN_CATALOGUE).map(({ id, name }) => [id, name]));
}

module.exports = { buildConsole };

if (require.main === module) buildConsole();
