import { positional } from './named-values';

describe('the named values of a statement', () => {
  it('have the number of the first place of their name, and casts stay', () => {
    const text = 'SELECT $b::text, $a WHERE x = $b AND y = $ab1';
    const expected = { text: 'SELECT $1::text, $2 WHERE x = $1 AND y = $3', values: [[2], 1, null] };
    expect(positional(text, { a: 1, ab1: null, b: [2] })).toEqual(expected);
  });

  it('are one for each name of the text, and no other', () => {
    expect(() => positional('SELECT $a, $b', { a: 1 })).toThrow('[b]');
    expect(() => positional('SELECT $a, $b', { a: 1, b: undefined, c: 2 })).toThrow('[c]');
    expect(positional('SELECT $a, $b', { a: 1, b: undefined }).values).toEqual([1, undefined]);
  });
});
