// Every check that needs no database. Runs all of it, so that one run shows all that is wrong.
'use strict';
const { spawn } = require('node:child_process');
const path = require('node:path');

const STEPS = [
  'format:check',
  'lint',
  'typecheck',
  'deps',
  'unused',
  'env:check',
  'openapi:check',
  'openapi:breaks',
  'openapi:lint',
  'errors-doc:check',
  'provider-docs:check',
  'promises:check',
  'packages:check',
  'manifests:check',
  'sdk:check',
  'test:unit',
];
const root = path.resolve(__dirname, '..');
/** The long ones come first, and most of them use one processor. */
const AT_ONCE = 2;

/** Resolves to whether it passed. */
function run(step) {
  const begunAt = Date.now();
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', step], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', (error) => (output += error.message));
    child.once('close', (status) => {
      const seconds = ((Date.now() - begunAt) / 1000).toFixed(1);
      console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${step} (${seconds} s)`);
      if (status !== 0) process.stdout.write(`${output}\n`);
      resolve(status === 0);
    });
  });
}

async function main() {
  // --without test:unit: for who runs all tests anyway
  const [option, ...left] = process.argv.slice(2);
  if (option !== undefined && (option !== '--without' || !left.every((step) => STEPS.includes(step)))) {
    console.error(`npm run check -- [--without ${STEPS.join('|')} …]`);
    process.exitCode = 2;
    return;
  }
  const queue = STEPS.filter((step) => !left.includes(step));
  const failed = [];
  const lane = async () => {
    for (let step = queue.shift(); step; step = queue.shift()) if (!(await run(step))) failed.push(step);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  if (failed.length === 0) return;
  console.log(`Failed: ${failed.join(', ')}. Each runs alone with npm run <name>.`);
  process.exitCode = 1;
}

void main();
