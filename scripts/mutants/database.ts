import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mutationsOf } from './mutations';
import { type Ended, runProgram } from './process';
import type { FileScore, Survivor } from './report';

/** A suite that hangs on a mutant has noticed it. */
const SLOWER_THAN_SOUND = 3;

/**
 * The mutants of `mutations.ts` and the suites that are named for the file, one run of jest for each mutant. Precondition: a PostgreSQL is
 * named in TEST_POSTGRES_URL. null: not within the time.
 */
export async function scoreByDatabaseTests(
  root: string,
  file: string,
  suites: readonly string[],
  withinMs: number,
  log: (line: string) => void,
): Promise<FileScore | null> {
  const deadline = performance.now() + withinMs;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-mutants-'));
  const source = path.join(folder, 'mutant.ts');
  const run = async (text: string, limitMs: number): Promise<Ended> => {
    await writeFile(source, text);
    const jest = ['node_modules/jest/bin/jest.js', '--config', 'scripts/mutants/jest.cjs', '--runInBand', '--bail'];
    const env = { MUTANT_FILE: path.join(root, file), MUTANT_SOURCE: source, MUTANT_SUITES: suites.join(',') };
    return runProgram(jest, { cwd: root, env, withinMs: limitMs });
  };
  try {
    const sound = await readFile(path.join(root, file), 'utf8');
    const begunAt = performance.now();
    const unchanged = await run(sound, withinMs);
    if (unchanged.code === null) return null;
    if (unchanged.code !== 0) throw new Error(`The suites of ${file} fail without a mutant:\n${unchanged.output}`);
    const limitMs = SLOWER_THAN_SOUND * (performance.now() - begunAt);

    const mutations = mutationsOf(sound);
    const survivors: Survivor[] = [];
    for (const { source: text, ...mutation } of mutations) {
      if (performance.now() > deadline) return null;
      const { code } = await run(text, limitMs);
      if (code !== 0) continue;
      survivors.push(mutation);
      log(`survived ${file}:${mutation.line}  ${mutation.from}  ->  ${mutation.to || '(nothing)'}`);
    }
    const mutants = mutations.length;
    return { file, kind: 'database', mutants, caught: mutants - survivors.length, survivors };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
