import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './drift';
import { findMissingPackages, type LockedPackages } from './lock-file';
import { findRegistryHosts } from './registry-hosts';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)));
const problems = files.flatMap((file) => findRegistryHosts(file, readFileSync(path.join(root, file), 'utf8')));
const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as { packages: LockedPackages };
problems.push(...findMissingPackages(lock.packages));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log('The lock file is complete, and no package registry is named.');
