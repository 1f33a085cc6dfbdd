import { scalarNumber, scalarText } from './scalar';

describe('a value of foreign JSON as a text or a number', () => {
  it.each<[unknown, string | null, number]>([
    ['a', 'a', NaN],
    ['12.5', '12.5', 12.5],
    [7, '7', 7],
    [true, 'true', NaN],
    [null, null, NaN],
    [undefined, null, NaN],
    [[5], null, NaN],
    [{ toString: 1, valueOf: 2 }, null, NaN],
    [JSON.parse('{"__proto__":null,"toString":1}'), null, NaN],
  ])('%j', (value, text, number) => {
    expect([scalarText(value), scalarNumber(value)]).toEqual([text, number]);
  });
});
