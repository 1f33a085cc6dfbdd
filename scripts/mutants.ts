import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Random } from '../test/fuzz/random';
import { POSTGRES_URL_VARIABLE } from '../test/support/global-postgres';
import { startTestPostgres } from '../test/support/postgres';
import { sample } from '../test/support/sample';
import { commandLine, CommandLineError, runCommand, wholeNumber } from './command-line';
import { compiler } from './mutants/compiler';
import { judgeByRounds } from './mutants/judge';
import type { Mutant } from './mutants/mutant';
import { mutated, mutationsOf } from './mutants/mutations';
import { moduleOf, reportOf, scoresOf } from './mutants/report';
import { strykerMutants } from './mutants/stryker';
import { isMutated, MODULES, testsOf } from './mutants/suites';
import { withSwitches } from './mutants/switches';

const USAGE = `npm run mutants -- [files and folders]   all of ${MODULES.join(', ')} where none is named
  --changed [base]   what differs from the base (HEAD^)
  --sample N         so many of them, drawn over all files
  --seed N           draws the same ones again
  --unit             only what unit tests hold: no database
  --minutes N        what is not decided by then is named
  --json FILE        every mutant with its verdict, for scripts`;

const root = path.resolve(__dirname, '..');

async function main(): Promise<number> {
  const { values, positionals } = commandLine(USAGE, {
    allowPositionals: true,
    options: {
      changed: { type: 'boolean' },
      sample: { type: 'string' },
      seed: { type: 'string' },
      unit: { type: 'boolean' },
      minutes: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const files = values.changed ? changedSince(positionals[0] ?? 'HEAD^') : filesOf(positionals);
  const { all, switched } = await mutantsOf(files, values.unit === true);
  const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000), 0);
  const drawn = values.sample ? sampled(all, wholeNumber('sample', values.sample, 1), seed) : all;
  const mutants = compiling(drawn);
  const deadline = performance.now() + wholeNumber('minutes', values.minutes ?? String(24 * 60), 1) * 60_000;
  const verdicts = await withPostgres(
    mutants.some(({ kind }) => kind === 'database'),
    () => judgeByRounds(root, mutants, switched, deadline, (line) => console.log(line)),
  );
  if (values.json) {
    writeFileSync(
      values.json,
      JSON.stringify(
        mutants.map((one) => ({ ...one, verdict: verdicts.get(one.id) })),
        null,
        2,
      ),
    );
  }
  const { scores, undecided } = scoresOf(mutants, verdicts);
  console.log(mutants.length === 0 ? 'Nothing to mutate.' : `\n${reportOf(scores, undecided)}`);
  return 0;
}

interface Mutants {
  readonly all: readonly Mutant[];
  /** Their files, with a switch for each. */
  readonly switched: ReadonlyMap<string, string>;
}

async function mutantsOf(files: readonly string[], unitOnly: boolean): Promise<Mutants> {
  const suites = new Map<string, readonly string[]>();
  const own: Mutant[] = [];
  const switched = new Map<string, string>();
  for (const file of files.filter(isMutated)) {
    const tests = testsOf(root, file);
    if (tests === null) console.log(`no tests    ${file}`);
    if (tests?.kind === 'unit') suites.set(file, tests.files);
    if (tests?.kind !== 'database' || unitOnly) continue;
    const source = readFileSync(path.join(root, file), 'utf8');
    const mutants = mutationsOf(source).map((one, index): Mutant => {
      return { ...one, id: `${file}:${one.line}#${index}`, file, kind: 'database', suites: tests.files };
    });
    switched.set(file, withSwitches(source, mutants));
    own.push(...mutants);
  }
  const stryker = await strykerMutants(root, suites);
  return { all: [...stryker.mutants, ...own], switched: new Map([...stryker.switched, ...switched]) };
}

/** So many of each module. */
function sampled(all: readonly Mutant[], count: number, seed: number): Mutant[] {
  return [...new Set(all.map(moduleOf))].flatMap((module) => {
    const of = all.filter((one) => moduleOf(one) === module);
    const drawn = sample(of, count, new Random(seed));
    console.log(`${drawn.length} of ${of.length} mutants of ${module}, --seed ${seed}`);
    return drawn;
  });
}

/** What the compiler refuses is noticed without a test. */
function compiling(mutants: readonly Mutant[]): Mutant[] {
  const compiles = compiler(root, [...new Set(mutants.map(({ file }) => file))]);
  const kept = mutants.filter((one) =>
    compiles(one.file, mutated(readFileSync(path.join(root, one.file), 'utf8'), one)),
  );
  if (kept.length < mutants.length) console.log(`${mutants.length - kept.length} do not compile and are not counted`);
  return kept;
}

/** One server for all runs of jest: each would start one of its own. */
async function withPostgres<T>(needed: boolean, work: () => Promise<T>): Promise<T> {
  if (!needed || process.env[POSTGRES_URL_VARIABLE]) return work();
  const server = await startTestPostgres();
  process.env[POSTGRES_URL_VARIABLE] = server.url;
  try {
    return await work();
  } finally {
    await server.stop();
  }
}

function filesOf(places: readonly string[]): string[] {
  return (places.length === 0 ? MODULES.map((name) => `src/${name}`) : places).flatMap((place) => {
    const full = path.resolve(root, place);
    if (!existsSync(full)) throw new CommandLineError(`There is no ${place}.`);
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
runCommand(main);
