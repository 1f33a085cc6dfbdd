import { mutated, mutationsOf } from './mutations';
import { withSwitches } from './switches';

/** What a program says while a mutant is on; '': none. */
function run(program: string, on: string): unknown {
  // oxlint-disable-next-line no-implied-eval
  return new Function('MUTANT', program)((id: string) => id === on);
}

describe('a file with switches', () => {
  const source =
    'const [a, b] = [2, 3]; const say = (text) => text; return say(`${!(a < b && b === 3) ? "no" : a <= 2}`);';
  const mutants = mutationsOf(source).map((one, index) => ({ ...one, id: String(index) }));

  it('does what it did, while none is on', () => {
    expect(run(withSwitches(source, mutants), '')).toBe(run(source, ''));
  });

  it('does what the mutant that is on would do, however they lie within each other', () => {
    expect(mutants.length).toBeGreaterThan(5);
    const program = withSwitches(source, mutants);
    expect(mutants.map(({ id }) => run(program, id))).toEqual(mutants.map((one) => run(mutated(source, one), '')));
  });
});
