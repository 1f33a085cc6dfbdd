import { readFileSync } from 'node:fs';
import path from 'node:path';
import { judgeByRounds } from './judge';
import type { Mutant } from './mutant';
import { withSwitches } from './switches';

jest.setTimeout(300_000);

const root = path.resolve(__dirname, '../..');
const sourceOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

function mutant(id: string, file: string, from: string, to: string, suite = file.replace('.ts', '.spec.ts')): Mutant {
  const start = sourceOf(file).indexOf(from);
  expect(start).toBeGreaterThan(0);
  return { id, file, kind: 'unit', suites: [suite], line: 1, from, to, start, end: start + from.length, text: to };
}

it('tells which mutants tests notice, also those of what is evaluated once', async () => {
  const mutants = [
    mutant('wrong', 'src/sync/schedule.ts', 'BigInt(intervalMs)', '1n'),
    mutant('the same', 'src/sync/schedule.ts', 'digest.readBigUInt64BE(0)', '(digest.readBigUInt64BE(0) + 0n)'),
    mutant('not reached', 'src/sync/enabled-streams.ts', 'resources === null', 'false', 'src/sync/schedule.spec.ts'),
    mutant('at load, wrong', 'src/sync/run-time-slice.ts', '20', '21'),
  ];
  const files = [...new Set(mutants.map(({ file }) => file))];
  const switched = files.map((file): [string, string] => {
    const of = mutants.filter((one) => one.file === file);
    return [file, withSwitches(sourceOf(file), of)];
  });
  const verdicts = await judgeByRounds(root, mutants, new Map(switched), performance.now() + 240_000, () => undefined);
  expect(Object.fromEntries(verdicts)).toEqual({
    wrong: 'caught',
    'the same': 'survived',
    'not reached': 'survived',
    'at load, wrong': 'caught',
  });
});
