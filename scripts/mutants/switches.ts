import type { Mutation } from './mutations';

export interface Switched extends Pick<Mutation, 'start' | 'end' | 'text'> {
  readonly id: string;
}

/**
 * A file with all of its mutants, each off until `MUTANT(id)`, which the suites' environment has, says that it is the
 * one.
 */
export function withSwitches(source: string, mutants: readonly Switched[]): string {
  // outer expressions before those within them
  const ordered = mutants.toSorted((a, b) => a.start - b.start || b.end - a.end);
  return rendered(source, 0, source.length, ordered);
}

function rendered(source: string, from: number, until: number, mutants: readonly Switched[]): string {
  let [text, at, index] = ['', from, 0];
  while (index < mutants.length) {
    const { start, end } = mutants[index]!;
    const here = mutants.slice(index).filter((one) => one.start === start && one.end === end);
    const within = mutants.slice(index + here.length).filter((one) => one.end <= end);
    const choices = here.map((one) => `MUTANT(${JSON.stringify(one.id)})?(${one.text}):`).join('');
    text += `${source.slice(at, start)}(${choices}(${rendered(source, start, end, within)}))`;
    at = end;
    index += here.length + within.length;
  }
  return text + source.slice(at, until);
}
