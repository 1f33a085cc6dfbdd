import { RowProblem } from '../row';
import { Expression } from './expression';
import { StepsOfPage } from './expression-cost';

const of = (text: string, row: object, steps = new StepsOfPage()): unknown =>
  new Expression(text).of(row as never, 'field', steps);
const list = (length: number, from = 0) => Array.from({ length }, (_, index) => ({ i: from + index }));
const map = (length: number) => Object.fromEntries(list(length).map(({ i }) => [`k${i}`, i]));

describe('an expression of a manifest', () => {
  it.each([
    ['row.total - row.paid', { total: 12.5, paid: 2.5 }, 10],
    ['has(row.b) ? row.b : null', {}, null],
    ['size(row.items)', { items: [1, 2] }, 2],
    ['row.items.filter(item, item.kind == "fee").size() > 0', { items: [{ kind: 'fee' }] }, true],
    ['row.first + " " + row.last', { first: 'Ada', last: 'L' }, 'Ada L'],
  ])('%s', (text, row, value) => {
    expect(of(text, row)).toEqual(value);
  });

  it('says nothing of a row that it cannot be told from', () => {
    const fails = () => of('int(row.secret) + 1', { secret: 'not to be told' });
    expect(fails).toThrow(RowProblem);
    expect(fails).not.toThrow(/not to be told/);
  });

  it.each([
    ['a list in a list', 'row.a.exists(x, x in row.b)', { a: list(1_000), b: list(1_000, 5_000) }],
    ['lists for each entry', 'row.a.all(x, row.b == row.c)', { a: list(1_000), b: list(1_000), c: list(1_000) }],
    ['a sum for each entry', 'row.a.exists(x, sum(row.n) < 0)', { a: list(1_000), n: list(1_000).map(({ i }) => i) }],
    ['a list that grows for each entry', 'row.a.map(x, row.b + row.b + row.b)', { a: list(1_000), b: list(1_000) }],
    ['the members of an object', 'row.o.exists(k, k == "none")', { o: map(100_000) }],
    ['a text for each entry', 'row.a.exists(x, row.t.contains("b"))', { a: list(1_000), t: 'a'.repeat(1e6) }],
    ['the characters of a text', 'row.t.split("").exists(c, c in row.a)', { a: list(1_000), t: 'a'.repeat(1_000) }],
    ['a list that is longer than any', 'row.a.exists(x, x == 1)', { a: list(200_000) }],
  ])('is not told from a row where it would take too many steps: %s', (_, text, row) => {
    const expression = new Expression(text);
    const begun = performance.now();
    expect(() => expression.of(row, 'field', new StepsOfPage())).toThrow(/too many steps/);
    expect(performance.now() - begun).toBeLessThan(500);
  });

  it('is told from the rows that there are', () => {
    const parts = Array.from({ length: 500 }, (_, cents) => ({ cents, kind: cents % 2 ? 'fee' : 'item', name: 'a' }));
    expect(of('row.parts.filter(p, p.kind == "fee").size()', { parts })).toBe(250);
    expect(of('sum(row.parts.map(p, p.cents))', { parts })).toBe(124_750);
    expect(of('row.parts.exists(p, p.kind == row.kind)', { kind: 'none', parts: parts.slice(0, 100) })).toBe(false);
    expect(of('size(row.items)', { items: list(10_000) })).toBe(10_000);
  });

  it('has a share of steps for all rows of a page', () => {
    const steps = new StepsOfPage();
    const row = () => ({ a: list(100), b: list(100, 5_000) });
    const told = Array.from({ length: 200 }, () => {
      try {
        return of('row.a.exists(x, x in row.b)', row(), steps);
      } catch (error) {
        return (error as RowProblem).reason;
      }
    });
    expect(told[0]).toBe(false);
    expect(told.at(-1)).toBe('comes behind rows that took all steps of their page');
    // a row that takes few is told all the same
    expect(of('row.a', { a: 1 }, new StepsOfPage())).toBe(1);
  });

  it.each([
    ['matches', 'row.a.matches("a")'],
    ['bind', 'cel.bind(x, row.a + row.a, x + x) == row.a'],
    ['json', 'bytes(row.a).json() == row.b'],
  ])('takes no %s', (name, text) => {
    expect(() => new Expression(text)).toThrow(new RegExp(`^${name}: `));
  });

  it.each(['row.__proto__', 'row.constructor', 'row.toString'])('does not reach %s', (text) => {
    expect(() => of(text, {})).toThrow(RowProblem);
  });
});
