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

/** A table of a row each, and below it what survived. */
export function reportOf(scores: readonly FileScore[], notReached: readonly string[]): string {
  const lines = ['| module | files | mutants | caught | score |', '| --- | --- | --- | --- | --- |'];
  const row = (name: string, of: readonly FileScore[]): void => {
    const [mutants, caught] = [sum(of.map((one) => one.mutants)), sum(of.map((one) => one.caught))];
    lines.push(`| ${name} | ${of.length} | ${mutants} | ${caught} | ${percent(caught, mutants)} |`);
  };
  for (const module of new Set(scores.map(moduleOf))) {
    for (const kind of ['unit', 'database'] as const) {
      const of = scores.filter((one) => moduleOf(one) === module && one.kind === kind);
      if (of.length > 0) row(`${module} (${kind})`, of);
    }
  }
  row('all', scores);
  lines.push('', '| file | mutants | score |', '| --- | --- | --- |');
  for (const { file, mutants, caught } of scores) lines.push(`| ${file} | ${mutants} | ${percent(caught, mutants)} |`);
  for (const { file, survivors } of scores) {
    for (const { line, from, to } of survivors)
      lines.push(`SURVIVED ${file}:${line}  ${from}  ->  ${to || '(nothing)'}`);
  }
  for (const file of notReached) lines.push(`NOT REACHED ${file}`);
  return lines.join('\n');
}

export function percent(caught: number, mutants: number): string {
  return mutants === 0 ? '-' : `${Math.floor((caught / mutants) * 1_000) / 10} %`;
}

function moduleOf({ file }: FileScore): string {
  return file.split('/')[1]!;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
