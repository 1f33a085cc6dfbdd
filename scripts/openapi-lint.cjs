// npm run openapi:lint: Redocly's recommended rules over openapi.json and openapi-admin.json, with nothing said to
// anybody outside. A warning fails it as an error does.
'use strict';
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const manifest = require.resolve('@redocly/cli/package.json');
const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
const cli = path.join(path.dirname(manifest), typeof bin === 'string' ? bin : bin.redocly);
for (const file of ['openapi.json', 'openapi-admin.json']) lint(file);

function lint(file) {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [cli, 'lint', file, '--config=redocly.yaml', '--format=json'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    },
  );
  if (error) throw error;
  const { totals, problems } = JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1));
  for (const { severity, ruleId, message, location } of problems) {
    console.log(`${severity} ${ruleId}: ${message} (${location?.[0]?.pointer ?? 'somewhere'})`);
  }
  console.log(`${file}: ${totals.errors} errors, ${totals.warnings} warnings.`);
  if (totals.errors > 0 || totals.warnings > 0 || (status !== 0 && problems.length === 0)) {
    if (problems.length === 0) console.error(stderr);
    process.exitCode = 1;
  }
}
