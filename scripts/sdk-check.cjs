// npm run sdk:check: builds the SDK, packs it, and looks at the package as those who install it do.
'use strict';
const { execFileSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { gzipSync } = require('node:zlib');
const esbuild = require('esbuild');
const { buildSdk } = require('./sdk.cjs');

const root = path.resolve(__dirname, '..');
const sdk = path.join(root, 'sdk/typescript');
/** Of the library, minified and packed. */
const MAX_BYTES = 12 * 1024;
/** What Node alone has: the library runs elsewhere too. */
const NODE_ONLY = /\b(?:process|Buffer|require|__dirname|setImmediate)\b|["']node:/;

async function main() {
  await buildSdk();
  const problems = [
    ...manifestProblems(),
    ...(await publintProblems()),
    ...(await typeProblems()),
    ...(await libraryProblems()),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

function manifestProblems() {
  const read = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  const [{ version }, manifest] = ['package.json', 'sdk/typescript/package.json'].map(read);
  const problems = [];
  if (manifest.version !== version)
    problems.push(`The SDK has version ${manifest.version}, and the service ${version}.`);
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies']) {
    if (manifest[kind]) problems.push(`The SDK has ${kind}: it needs none.`);
  }
  return problems;
}

async function publintProblems() {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const { messages, pkg } = await publint({ pkgDir: sdk, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg)}`);
}

/** Whether its types are found and are right, however a project resolves modules. */
async function typeProblems() {
  const { checkPackage, createPackageFromTarballData } = await import('@arethetypeswrong/core');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-sdk-'));
  try {
    const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: sdk,
      encoding: 'utf8',
    });
    const [{ filename, size }] = JSON.parse(packed);
    console.log(`The package is ${Math.round(size / 1024)} KiB.`);
    const tarball = new Uint8Array(readFileSync(path.join(folder, path.basename(filename))));
    const { problems, types } = await checkPackage(createPackageFromTarballData(tarball));
    if (types === false) return ['The package has no types.'];
    const told = problems.map(
      ({ kind, ...rest }) => `arethetypeswrong: ${kind} ${rest.fileName ?? rest.entrypoint ?? ''}`,
    );
    return [...new Set(told)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function libraryProblems() {
  const entry = path.join(sdk, 'dist/index.mjs');
  const { outputFiles } = await esbuild.build({ entryPoints: [entry], minify: true, write: false, format: 'esm' });
  const { contents, text } = outputFiles[0];
  const bytes = gzipSync(contents).length;
  console.log(`The library is ${bytes} bytes, minified and packed; ${MAX_BYTES} are allowed.`);
  const problems = bytes > MAX_BYTES ? [`The library is ${bytes} bytes, and may have ${MAX_BYTES}.`] : [];
  const [word] = NODE_ONLY.exec(text) ?? [];
  if (word) problems.push(`The library uses ${word}, which Node alone has.`);
  return problems;
}

void main();
