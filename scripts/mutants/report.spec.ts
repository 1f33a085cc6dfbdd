import type { Mutant, Verdict } from './mutant';
import { interval, reportOf, scoresOf } from './report';

describe('a score', () => {
  it('of a sample has an interval, which is the wider the fewer were drawn', () => {
    expect([interval(32, 40), interval(80, 100), interval(0, 10), interval(10, 10)]).toEqual([
      '65 to 90 %',
      '71 to 87 %',
      '0 to 28 %',
      '72 to 100 %',
    ]);
  });

  it('counts what was caught of what can be told', () => {
    const verdicts: (Verdict | undefined)[] = ['caught', 'caught', 'survived', 'invalid', 'undecided', undefined];
    const mutants = verdicts.map((_, index): Mutant => {
      const id = String(index);
      return {
        id,
        file: 'src/sync/a.ts',
        kind: 'unit',
        suites: [],
        line: index,
        from: 'x',
        to: 'y',
        start: 0,
        end: 1,
        text: 'y',
      };
    });
    const known = new Map(verdicts.flatMap((verdict, index) => (verdict ? [[String(index), verdict] as const] : [])));
    const { scores, undecided } = scoresOf(mutants, known);
    expect(scores).toMatchObject([{ mutants: 3, caught: 2, survivors: [{ line: 2 }] }]);
    expect(undecided).toHaveLength(2);
    expect(reportOf(scores, undecided)).toContain('| sync | 1 | 3 | 2 | 66.6 % | 21 to 94 % |');
  });
});
