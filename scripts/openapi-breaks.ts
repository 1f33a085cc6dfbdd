import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { breakProblems, type AllowedBreaks } from './breaks/allowed-breaks';
import { breakingChanges, type OpenApi } from './breaks/breaking-changes';
import { root } from './drift';

const FOLDER = 'docs/openapi';
const ALLOWED = 'allowed-breaks.json';

const read = <T>(file: string): T => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as T;

/** Compares openapi.json with that of the last release; ends with 1 on a break that nobody meant. */
function main(): void {
  const [release, ...others] = readdirSync(path.join(root, FOLDER)).filter((name) =>
    /^\d+\.\d+\.\d+\.json$/.test(name),
  );
  if (release === undefined || others.length > 0)
    throw new Error(`${FOLDER} must hold one document, the last release's.`);
  const before = read<OpenApi>(`${FOLDER}/${release}`);
  // the admin API is of the console that comes with it
  const paths = Object.fromEntries(Object.entries(before.paths).filter(([name]) => !name.startsWith('/admin/')));
  const found = breakingChanges({ ...before, paths }, read<OpenApi>('openapi.json'));
  const changelog = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
  const problems = breakProblems(found, read<AllowedBreaks[]>(`${FOLDER}/${ALLOWED}`), changelog);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error(`A break that is meant stands in ${FOLDER}/${ALLOWED}, and its reason in CHANGELOG.md.`);
    process.exitCode = 1;
    return;
  }
  console.log(`openapi.json breaks nothing of ${release} but what is allowed (${found.length}).`);
}

main();
