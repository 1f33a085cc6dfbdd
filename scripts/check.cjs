// Everything that can be judged without a database. Runs all of it, so that one run shows all that is wrong.
'use strict';
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const STEPS = [
  'format:check',
  'lint',
  'typecheck',
  'deps',
  'unused',
  'env:check',
  'openapi:check',
  'openapi:lint',
  'errors-doc:check',
  'provider-docs:check',
  'packages:check',
  'test:unit',
];
const root = path.resolve(__dirname, '..');
const failed = [];

for (const step of STEPS) {
  const begunAt = Date.now();
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', step], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
    shell: process.platform === 'win32',
  });
  const seconds = ((Date.now() - begunAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${step} (${seconds} s)`);
  if (status === 0) continue;
  failed.push(step);
  process.stdout.write(`${stdout ?? ''}${stderr ?? ''}\n`);
}

if (failed.length > 0) {
  console.log(`Failed: ${failed.join(', ')}. Each runs alone with npm run <name>.`);
  process.exit(1);
}
