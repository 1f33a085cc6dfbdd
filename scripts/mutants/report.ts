import type { Mutant, Verdicts } from './mutant';

export interface Survivor {
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

/** What the tests of a file noticed. */
export interface FileScore {
  readonly file: string;
  readonly kind: 'unit' | 'database';
  readonly mutants: number;
  readonly caught: number;
  readonly survivors: readonly Survivor[];
}

/** By file; the undecided ones by what they change. */
export function scoresOf(
  mutants: readonly Mutant[],
  verdicts: Verdicts,
): { scores: FileScore[]; undecided: readonly string[] } {
  const counted = mutants.filter(({ id }) => /caught|survived/.test(verdicts.get(id) ?? ''));
  const scores = [...new Set(counted.map(({ file }) => file))].map((file): FileScore => {
    const of = counted.filter((one) => one.file === file);
    const survivors = of.filter(({ id }) => verdicts.get(id) === 'survived');
    return { file, kind: of[0]!.kind, mutants: of.length, caught: of.length - survivors.length, survivors };
  });
  const undecided = mutants.filter(({ id }) => (verdicts.get(id) ?? 'undecided') === 'undecided');
  return { scores, undecided: undecided.map(({ file, line, from, to }) => `${file}:${line}  ${from}  ->  ${to}`) };
}

/** A table of a row each, and below it what survived. */
export function reportOf(scores: readonly FileScore[], notReached: readonly string[]): string {
  const lines = [
    '| module | files | mutants | caught | score | 95 % interval |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  const row = (name: string, of: readonly FileScore[]): void => {
    const [mutants, caught] = [sum(of.map((one) => one.mutants)), sum(of.map((one) => one.caught))];
    const figures = [of.length, mutants, caught, percent(caught, mutants), interval(caught, mutants)];
    lines.push(`| ${[name, ...figures].join(' | ')} |`);
  };
  for (const module of new Set(scores.map(moduleOf))) {
    const of = scores.filter((one) => moduleOf(one) === module);
    for (const kind of ['unit', 'database'] as const) {
      const some = of.filter((one) => one.kind === kind);
      if (some.length > 0) row(`${module} (${kind})`, some);
    }
    row(module, of);
  }
  lines.push('', '| file | mutants | score |', '| --- | --- | --- |');
  for (const { file, mutants, caught } of scores) lines.push(`| ${file} | ${mutants} | ${percent(caught, mutants)} |`);
  for (const { file, survivors } of scores) {
    for (const { line, from, to } of survivors)
      lines.push(`SURVIVED ${file}:${line}  ${from}  ->  ${to || '(nothing)'}`);
  }
  for (const one of notReached) lines.push(`NOT DECIDED ${one}`);
  return lines.join('\n');
}

export function percent(caught: number, mutants: number): string {
  return mutants === 0 ? '-' : `${Math.floor((caught / mutants) * 1_000) / 10} %`;
}

/** Wilson's: where the score of all mutants lies that these were drawn from, at 95 %. */
export function interval(caught: number, mutants: number): string {
  if (mutants === 0) return '-';
  const [share, z2] = [caught / mutants, 1.96 ** 2];
  const middle = (share + z2 / (2 * mutants)) / (1 + z2 / mutants);
  const half = (1.96 / (1 + z2 / mutants)) * Math.sqrt((share * (1 - share)) / mutants + z2 / (4 * mutants ** 2));
  return `${Math.round((middle - half) * 100)} to ${Math.round((middle + half) * 100)} %`;
}

/** `src/sync/cursor.ts` is of `sync`. */
export function moduleOf({ file }: { readonly file: string }): string {
  return file.split('/')[1]!;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
