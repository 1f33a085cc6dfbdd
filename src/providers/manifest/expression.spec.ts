import { RowProblem } from '../row';
import { Expression } from './expression';

const of = (text: string, row: object): unknown => new Expression(text).of(row as never, 'field');

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

  it('walks no list that is too long, and reads it all the same', () => {
    const row = { items: Array.from({ length: 1_001 }, (_, index) => index) };
    expect(() => of('row.items.exists(item, item == 5.0)', row)).toThrow(/too long/);
    expect(of('size(row.items)', row)).toBe(1_001);
  });

  it.each(['row.__proto__', 'row.constructor', 'row.toString'])('does not reach %s', (text) => {
    expect(() => of(text, {})).toThrow(RowProblem);
  });
});
