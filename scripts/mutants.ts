import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { POSTGRES_URL_VARIABLE } from '../test/support/global-postgres';
import { startTestPostgres } from '../test/support/postgres';
import { scoreByDatabaseTests } from './mutants/database';
import { type FileScore, reportOf } from './mutants/report';
import { isMutated, MODULES, type Tests, testsOf } from './mutants/suites';
import { scoreByUnitTests } from './mutants/unit';

const HELP = `npm run mutants -- [files and folders]   all of ${MODULES.join(', ')} where none is named
  --changed [base]   what differs from the base (HEAD^)
  --unit             only what unit tests hold: no database
  --minutes N        what is not reached by then is named
  --json FILE        the scores, for scripts`;

const root = path.resolve(__dirname, '..');

interface Slice {
  readonly file: string;
  readonly tests: Tests;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      changed: { type: 'boolean' },
      unit: { type: 'boolean' },
      minutes: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const files = values.changed ? changedSince(positionals[0] ?? 'HEAD^') : filesOf(positionals);
  const slices = files.filter(isMutated).flatMap((file): Slice[] => {
    const tests = testsOf(root, file);
    if (tests === null) console.log(`no tests    ${file}`);
    return tests === null || (values.unit && tests.kind !== 'unit') ? [] : [{ file, tests }];
  });
  const deadline = performance.now() + Number(values.minutes ?? 24 * 60) * 60_000;
  const scores: FileScore[] = [];
  const notReached: string[] = [];
  await withPostgres(
    slices.some(({ tests }) => tests.kind === 'database'),
    async () => {
      // those that take seconds first
      for (const { file, tests } of slices.toSorted((a, b) => rank(a) - rank(b))) {
        const left = deadline - performance.now();
        const score = left > 0 ? await scoreOf({ file, tests }, left) : null;
        if (score === null) notReached.push(file);
        else scores.push(score);
        if (score) console.log(`${String(score.caught).padStart(4)} of ${String(score.mutants).padStart(4)}  ${file}`);
      }
    },
  );
  if (values.json) writeFileSync(values.json, JSON.stringify({ scores, notReached }, null, 2));
  console.log(slices.length === 0 ? 'Nothing to mutate.' : `\n${reportOf(scores, notReached)}`);
  return 0;
}

function scoreOf({ file, tests }: Slice, withinMs: number): Promise<FileScore | null> {
  if (tests.kind === 'unit') return scoreByUnitTests(root, file, tests.files, withinMs);
  return scoreByDatabaseTests(root, file, tests.files, withinMs, (line) => console.log(line));
}

/** One server for all runs of jest: each would start one of its own. */
async function withPostgres(needed: boolean, work: () => Promise<void>): Promise<void> {
  if (!needed || process.env[POSTGRES_URL_VARIABLE]) return work();
  const server = await startTestPostgres();
  process.env[POSTGRES_URL_VARIABLE] = server.url;
  try {
    await work();
  } finally {
    await server.stop();
  }
}

function rank({ tests }: Slice): number {
  return tests.kind === 'unit' ? 0 : 1;
}

function filesOf(places: readonly string[]): string[] {
  return (places.length === 0 ? MODULES.map((name) => `src/${name}`) : places).flatMap((place) => {
    const full = path.resolve(root, place);
    if (!existsSync(full)) throw new Error(`There is no ${place}.`);
    if (!statSync(full).isDirectory()) return [path.relative(root, full)];
    return readdirSync(full, { recursive: true, encoding: 'utf8' })
      .map((name) => path.relative(root, path.join(full, name)))
      .toSorted();
  });
}

function changedSince(base: string): string[] {
  const args = ['diff', '--name-only', '--diff-filter=d', base, '--'];
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      .filter(Boolean);
  } catch {
    console.log(`There is no ${base} to compare with.`);
    return [];
  }
}

// nothing that was started outlives this process
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
