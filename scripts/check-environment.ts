import { readFileSync } from 'node:fs';
import path from 'node:path';
import { environmentVariableNames, loadConfig } from '../src/platform/config';
import { root } from './drift';
import { compareEnvironment, readEnvExample } from './env-example';

const example = readFileSync(path.join(root, '.env.example'), 'utf8');
const problems = compareEnvironment(example, environmentVariableNames());
if (problems.length === 0) {
  // the example must also be a valid configuration, as it stands
  loadConfig(readEnvExample(example));
  console.log('.env.example names every variable of the schema.');
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
