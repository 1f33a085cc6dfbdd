import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Mutant, Verdict, Verdicts } from './mutant';
import { mutated } from './mutations';
import { runProgram } from './process';

/** A line that `environment.cjs` writes. */
interface Line {
  readonly outcome: 'at load' | 'begun' | 'sound' | 'unsound' | 'survived' | 'caught' | 'no statement' | 'undecided';
  readonly id: string;
  readonly suite: string;
  readonly ms: number;
  readonly failure?: string;
  readonly noStatement?: string;
  readonly reached?: readonly string[];
}
interface Work {
  readonly root: string;
  readonly folder: string;
  /** Files with the switches of all of their mutants. */
  readonly switched: ReadonlyMap<string, string>;
  readonly deadline: number;
  readonly verdicts: Verdicts;
  readonly log: (line: string) => void;
}

/** The cheap ones first. */
const PROJECTS = [
  ['unit', 'src/'],
  ['integration', 'test/integration/'],
  ['contract', 'test/contract/'],
  ['e2e', 'test/e2e/'],
] as const;
/**
 * Between two lines: to load all, and a round of the slowest suite with its hanging test. Where there is none, the
 * process hangs.
 */
const SILENCE_MS = { unit: 150_000, others: 300_000 };
/** A process that decides nothing is begun once more. */
const TRIES = 2;

/**
 * The mutants and the suites that are named for their files. One process of jest has all mutants of a project, as
 * switches: it loads the application once, and runs a suite for each mutant that the suite reaches. Precondition: a
 * PostgreSQL is named in TEST_POSTGRES_URL.
 */
export async function judgeByRounds(
  root: string,
  mutants: readonly Mutant[],
  switched: ReadonlyMap<string, string>,
  deadline: number,
  log: (line: string) => void,
): Promise<Verdicts> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-mutants-'));
  const work: Work = { root, folder, switched, deadline, verdicts: new Map(), log };
  try {
    for (const [project, start] of PROJECTS) {
      const open = mutants
        .filter(({ id }) => (work.verdicts.get(id) ?? 'survived') === 'survived')
        .map((one) => ({ ...one, suites: one.suites.filter((suite) => suite.startsWith(start)) }))
        .filter(({ suites }) => suites.length > 0);
      await judgeIn(work, project, open);
    }
    return work.verdicts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function judgeIn(work: Work, project: string, mutants: readonly Mutant[]): Promise<void> {
  const open = new Map(mutants.map((one) => [one.id, new Set(one.suites)]));
  const atLoad = new Set<string>();
  let tries = 0;
  while (tries < TRIES && open.size > 0 && performance.now() < work.deadline) {
    const left = mutants.filter(({ id }) => open.has(id)).map((one) => ({ ...one, suites: [...open.get(one.id)!] }));
    const lines = await runRounds(work, project, left, work.switched);
    const before = sizeOf(open);
    // of this suite, since it passed the last time
    let doubted: Mutant[] = [];
    for (const line of lines) {
      take(work, open, atLoad, line);
      if (line.outcome === 'caught') doubted.push(left.find(({ id }) => id === line.id)!);
      if (line.outcome === 'unsound') for (const one of doubted) reopen(work, open, one);
      if (/sound|survived/.test(line.outcome)) doubted = [];
    }
    const last = lines.at(-1)!;
    if (last.outcome === 'begun' && last.id !== '' && performance.now() < work.deadline) {
      take(work, open, atLoad, { ...last, outcome: 'caught', ms: 0, failure: 'the process ended or hung' });
    }
    tries = sizeOf(open) < before ? 0 : tries + 1;
  }
  for (const mutant of mutants.filter(({ id }) => atLoad.has(id))) await judgeAlone(work, project, mutant);
}

function reopen({ verdicts, log }: Work, open: Map<string, Set<string>>, { id, suites }: Mutant): void {
  log(`doubted   ${id}`);
  verdicts.delete(id);
  open.set(id, new Set(suites));
}

/** What a line says of the pairs of a mutant and a suite that are open. */
function take({ verdicts, log }: Work, open: Map<string, Set<string>>, atLoad: Set<string>, line: Line): void {
  const { outcome, id, suite } = line;
  const over = (mutant: string): void => {
    open.get(mutant)?.delete(suite);
    if (open.get(mutant)?.size === 0) open.delete(mutant);
  };
  const decide = (verdict: Verdict): void => {
    verdicts.set(id, verdict);
    if (verdict === 'survived') over(id);
    else open.delete(id);
  };
  switch (outcome) {
    case 'at load':
      if (open.delete(id)) atLoad.add(id);
      break;
    case 'sound':
      for (const [mutant, suites] of line.reached ? open : []) {
        if (!suites.has(suite) || line.reached?.includes(mutant)) continue;
        if (!verdicts.has(mutant)) verdicts.set(mutant, 'survived');
        over(mutant);
      }
      break;
    case 'unsound':
      log(`UNSOUND ${suite}: ${line.failure}`);
      break;
    case 'begun':
      break;
    case 'no statement':
      decide('invalid');
      break;
    default:
      decide(outcome);
      log(`${outcome.padEnd(9)} ${id} in ${Math.round(line.ms / 1_000)} s by ${path.basename(suite)}: ${line.failure}`);
  }
}

/** A mutant of what is evaluated when the application is loaded, as the text of its file. */
async function judgeAlone(work: Work, project: string, mutant: Mutant): Promise<void> {
  const source = readFileSync(path.join(work.root, mutant.file), 'utf8');
  for (const suite of mutant.suites) {
    const files = new Map([[mutant.file, mutated(source, mutant)]]);
    const lines = await runRounds(work, project, [{ ...mutant, id: '', suites: [suite] }], files);
    const round = lines.find(({ outcome }) => outcome === 'sound' || outcome === 'unsound');
    const verdict = round?.noStatement ? 'invalid' : round?.outcome === 'sound' ? 'survived' : 'caught';
    work.verdicts.set(mutant.id, verdict);
    work.log(`${verdict.padEnd(9)} ${mutant.id} by ${path.basename(suite)}, loaded with it: ${round?.failure}`);
    if (verdict !== 'survived') return;
  }
}

async function runRounds(
  { root, folder, deadline }: Work,
  project: string,
  mutants: readonly Mutant[],
  files: ReadonlyMap<string, string>,
): Promise<Line[]> {
  const results = path.join(folder, 'results.jsonl');
  const plan = path.join(folder, 'plan.json');
  const mapped: Record<string, string> = {};
  for (const [file, text] of files) {
    const copy = path.join(folder, file.replaceAll('/', '-'));
    await writeFile(copy, text);
    mapped[path.join(root, file)] = copy;
  }
  const suites = inOrder(mutants).map((suite) => ({
    suite: path.join(root, suite),
    mutants: mutants.filter((one) => one.id !== '' && one.suites.includes(suite)).map(({ id }) => id),
  }));
  await writeFile(plan, JSON.stringify({ results, files: mapped, suites }));
  await writeFile(results, '');
  let [length, changedAt] = [0, performance.now()];
  const isLate = (): boolean => {
    const now = readFileSync(results).length;
    if (now !== length) [length, changedAt] = [now, performance.now()];
    const silenceMs = project === 'unit' ? SILENCE_MS.unit : SILENCE_MS.others;
    return performance.now() > Math.min(changedAt + silenceMs, deadline);
  };
  const args = ['--max-old-space-size=6000', 'node_modules/jest/bin/jest.js', '--runInBand'];
  // what mutants leave behind goes with the folder
  const env = { MUTANTS_PLAN: plan, MUTANTS_PROJECT: project, MUTANTS_CACHE: cacheOf(root, folder), TMPDIR: folder };
  const { output } = await runProgram([...args, '--config', 'scripts/mutants/rounds.jest.cjs'], {
    cwd: root,
    env,
    isLate,
  });
  const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean);
  if (lines.length === 0) throw new Error(`No round was run:\n${output.slice(0, 4_000)}`);
  return lines
    .map((text) => JSON.parse(text) as Line)
    .map((line) => ({ ...line, suite: path.relative(root, line.suite ?? '') }));
}

/** As they are named for files: what is the last resort of one file does not come before what another is held by. */
function inOrder(mutants: readonly Mutant[]): string[] {
  const places = new Map<string, number>();
  for (const { suites } of mutants) {
    for (const [place, suite] of suites.entries()) places.set(suite, Math.max(place, places.get(suite) ?? 0));
  }
  return [...places.keys()].sort((one, other) => places.get(one)! - places.get(other)!);
}

/** Of compiled files, for later runs too; a checkout that cannot be written to has none. */
function cacheOf(root: string, folder: string): string {
  const kept = path.join(root, 'node_modules/.cache/interlock/jest');
  try {
    mkdirSync(kept, { recursive: true });
    accessSync(kept, constants.W_OK);
    return kept;
  } catch {
    return path.join(folder, 'cache');
  }
}

function sizeOf(open: ReadonlyMap<string, ReadonlySet<string>>): number {
  return [...open.values()].reduce((sum, { size }) => sum + size, 0);
}
