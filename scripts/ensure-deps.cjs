// First step of every command: plain Node, no dependency, syntax that old versions can parse so that they can be told.
'use strict';
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const MINIMUM = [20, 19];

function ensureNodeVersion(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  console.error(`Interlock needs Node ${MINIMUM.join('.')} or newer; this is ${version}.`);
  process.exit(1);
}

/** What npm installed, as it noted it down itself; null when it never finished. */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/**
 * Compares contents, not file times: a checkout touches the lock file without changing it. Packages of other platforms
 * are in the lock and rightly not installed, so an optional one may be missing.
 */
function isInstalled(wanted, installed) {
  if (wanted === null || installed === null) return false;
  return Object.entries(wanted).every(([where, entry]) => {
    if (where === '') return true;
    const found = installed[where];
    if (found === undefined) return Boolean(entry.optional || entry.devOptional);
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function ensureDependencies(folder) {
  const wanted = readLock(path.join(folder, 'package-lock.json'));
  const installed = readLock(path.join(folder, 'node_modules/.package-lock.json'));
  if (isInstalled(wanted, installed)) return;
  console.error('Installing dependencies (npm ci) …');
  // the npm that runs us, when one does: it may not be on the PATH
  const npm = process.env.npm_execpath;
  const [command, args] = npm && /npm-cli\.c?js$/.test(npm) ? [process.execPath, [npm]] : ['npm', []];
  const options = { cwd: folder, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' && command === 'npm' };
  // building and testing need the development packages too, also where NODE_ENV says production
  // which Node will do is decided above; npm would warn of packages that only build
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync(command, [...args, 'ci', '--include=dev', ...quiet], options);
  if (result.status !== 0) {
    console.error(`npm ci failed${result.error ? `: ${result.error.message}` : ''}.`);
    process.exit(result.status || 1);
  }
}

function ensure() {
  ensureNodeVersion(process.versions.node);
  ensureDependencies(root);
}

module.exports = { ensure, isInstalled };

if (require.main === module) ensure();
