// node scripts/sdk.cjs [folder]: builds one ES module, one CommonJS module, their types, and the command line, into
// sdk/typescript/dist unless told.
'use strict';
const { spawnSync } = require('node:child_process');
const { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const esbuild = require('esbuild');

const root = path.resolve(__dirname, '..');
const sdk = path.join(root, 'sdk/typescript');
const LIBRARY = { bundle: true, target: 'es2022', platform: 'neutral', legalComments: 'none', logLevel: 'error' };

/** Into another folder first: who reads dist/ finds it whole. */
async function buildSdk(dist = path.join(sdk, 'dist')) {
  const work = `${dist}-${process.pid}`;
  try {
    const entry = path.join(sdk, 'src/index.ts');
    await Promise.all([
      esbuild.build({ ...LIBRARY, entryPoints: [entry], format: 'esm', outfile: path.join(work, 'index.mjs') }),
      esbuild.build({ ...LIBRARY, entryPoints: [entry], format: 'cjs', outfile: path.join(work, 'index.js') }),
      esbuild.build({
        ...LIBRARY,
        platform: 'node',
        target: 'node20',
        entryPoints: [path.join(sdk, 'cli/main.ts')],
        format: 'esm',
        banner: { js: '#!/usr/bin/env node' },
        outfile: path.join(work, 'cli.mjs'),
      }),
    ]);
    chmodSync(path.join(work, 'cli.mjs'), 0o755);
    writeTypes(work);
    rmSync(dist, { recursive: true, force: true });
    renameSync(work, dist);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The compiler writes those of CommonJS; those of the ES module differ in the names of the files alone. */
function writeTypes(folder) {
  const tsc = require.resolve('typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', sdk, '--outDir', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'));
  for (const file of files) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    const named = text.replace(/(from |import\()(['"])(\.{1,2}\/[^'"]+)\2/g, '$1$2$3.mjs$2');
    writeFileSync(path.join(folder, file.replace(/\.d\.ts$/, '.d.mts')), named);
  }
}

module.exports = { buildSdk };

if (require.main === module) {
  buildSdk(process.argv[2]).catch((error) => {
    process.stderr.write(`${error.message}\nThe SDK was not built.\n`);
    process.exit(1);
  });
}
