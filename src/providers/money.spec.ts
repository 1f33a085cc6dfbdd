import fc from 'fast-check';
import { exponentOf, fromMinor, toMinor } from './money';
import { RowProblem } from './row';

describe('toMinor', () => {
  it.each<[unknown, string, number]>([
    ['44.00', 'GBP', 4400],
    ['44', 'GBP', 4400],
    ['44.5', 'GBP', 4450],
    ['44.5000', 'GBP', 4450],
    ['-12.34', 'GBP', -1234],
    ['-0.00', 'GBP', 0],
    [' 7.10 ', 'GBP', 710],
    ['0.29', 'GBP', 29],
    ['1.005', 'KWD', 1005],
    ['500', 'JPY', 500],
    ['500.00', 'JPY', 500],
    ['1.2345', 'CLF', 12345],
    ['90071992547409.91', 'GBP', 9007199254740991],
    [87.5, 'GBP', 8750],
    [0.1 + 0.2, 'GBP', 30],
    [3 * 29.1, 'GBP', 8730],
    [1.1 * 3, 'GBP', 330],
    [8.7 * 100 - 800, 'GBP', 7000],
    [0.1 + 0.2 - 0.3, 'GBP', 0],
    [4.35 * 100, 'JPY', 435],
    [19.99, 'GBP', 1999],
    [1234567.89, 'GBP', 123456789],
    [-5.55, 'GBP', -555],
    [0, 'GBP', 0],
  ])('%p %s is %p', (value, currency, minor) => {
    expect(toMinor(value, currency, 'total')).toBe(minor);
  });

  it.each([
    ['44.005', 'has more decimals than its currency'],
    [44.005, 'has more decimals than its currency'],
    [100 / 3, 'has more decimals than its currency'],
    ['1.5', 'has more decimals than its currency', 'JPY'],
    ['1,234.50', 'is not an amount of money'],
    ['£44', 'is not an amount of money'],
    ['4e3', 'is not an amount of money'],
    ['0x10', 'is not an amount of money'],
    ['.5', 'is not an amount of money'],
    ['', 'is not an amount of money'],
    [Number.NaN, 'is not an amount of money'],
    [Number.POSITIVE_INFINITY, 'is not an amount of money'],
    [1e21, 'is not an amount of money'],
    [true, 'is not an amount of money'],
    [{}, 'is not an amount of money'],
    ['99999999999999999', 'is too large an amount'],
  ])('%p is refused: %s', (value, reason, currency = 'GBP') => {
    expect(() => toMinor(value, currency, 'total')).toThrow(new RowProblem('total', reason));
  });

  it('is exact for every amount, as text and as JSON number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }),
        fc.constantFrom('GBP', 'JPY', 'KWD'),
        (minor, currency) => {
          const text = fromMinor(minor, currency);
          expect(toMinor(text, currency, 'x')).toBe(minor);
          expect(toMinor(JSON.parse(text) as number, currency, 'x')).toBe(minor);
        },
      ),
    );
  });

  it('forgives the drift of a sum of floats', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000_00 }), { minLength: 1, maxLength: 20 }), (cents) => {
        const drifted = cents.reduce((sum, cent) => sum + cent / 100, 0);
        expect(toMinor(drifted, 'GBP', 'x')).toBe(cents.reduce((sum, cent) => sum + cent, 0));
      }),
    );
  });
});

describe('fromMinor', () => {
  it.each<[number, string, string]>([
    [4400, 'GBP', '44.00'],
    [5, 'GBP', '0.05'],
    [0, 'GBP', '0.00'],
    [-1234, 'GBP', '-12.34'],
    [500, 'JPY', '500'],
    [1005, 'KWD', '1.005'],
  ])('%p %s is %s', (minor, currency, text) => {
    expect(fromMinor(minor, currency)).toBe(text);
  });

  it('takes whole numbers only', () => {
    expect(() => fromMinor(1.5, 'GBP')).toThrow(RangeError);
  });
});

it('knows the exponents that are not 2', () => {
  expect(['GBP', 'JPY', 'BHD', 'CLF', 'XXX'].map(exponentOf)).toEqual([2, 0, 3, 4, 2]);
});
