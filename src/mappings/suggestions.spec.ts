import fc from 'fast-check';
import * as levenshtein from 'fastest-levenshtein';
import type { MerchantProduct } from './merchant-products';
import { wordsOf } from './name-words';
import { SuggestionFinder, type ExternalItem } from './suggestions';

const product = (name: string, kind = 'package', amountMinor = 15_000, currency = 'GBP'): MerchantProduct => ({
  id: `id of ${name}`,
  name,
  kind,
  amountMinor,
  currency,
});
const find = (item: Omit<ExternalItem, 'id'>, ...products: MerchantProduct[]) =>
  new SuggestionFinder(products).find({ id: '1', ...item });

describe('the words of a name', () => {
  it.each([
    ['Ten Visits Pass', ['10', 'visit', 'pass']],
    ['  10-visit PASS!', ['10', 'visit', 'pass']],
    ['Séance d’initiation', ['seance', 'd', 'initiation']],
    ['Initial Consult (30 mins)', ['initial', 'consultation', '30', 'minute']],
    ['Therapies & more', ['therapy', 'more']],
    ['Class x10', ['class', '10']],
    ['007 pass', ['7', 'pass']],
    ['class', ['class']],
    ['🧘', []],
    ['', []],
    ['Массаж 60', ['массаж', '60']],
  ])('%s', (name, words) => expect(wordsOf(name)).toEqual(words));
});

describe('a suggestion', () => {
  it.each<[string, Omit<ExternalItem, 'id'>, MerchantProduct[], string | null]>([
    ['the same name', { name: 'Ten visit pass' }, [product('Ten visit pass')], 'Ten visit pass'],
    [
      'words in another order, plural, as a number',
      { name: '10 Visits Pass' },
      [product('Pass, ten visit')],
      'Pass, ten visit',
    ],
    ['a typing error', { name: 'Inital consultation' }, [product('Initial consultation')], 'Initial consultation'],
    ['another number of visits', { name: '5 visit pass', price: 150 }, [product('10 visit pass')], null],
    [
      'the number decides',
      { name: '5 visit pass' },
      [product('10 visit pass'), product('5 visit pass')],
      '5 visit pass',
    ],
    [
      'the price decides',
      { name: 'Massage', price: 60 },
      [product('Massage long', 'service', 6_000), product('Massage short', 'service', 3_000)],
      'Massage long',
    ],
    [
      'the kind decides',
      { name: 'Yoga', type: 'membership' },
      [product('Yoga', 'service'), product('Yoga ', 'membership')],
      'Yoga ',
    ],
    ['a price alone is nothing', { name: 'Gift card', price: 150 }, [product('Ten visit pass')], null],
    [
      'a price and a kind alone are nothing',
      { name: 'Gift card', price: 150, type: 'package' },
      [product('Ten visit pass')],
      null,
    ],
    [
      'one word, with price and kind, is nothing',
      { name: 'Gift voucher pass', price: 150, type: 'package' },
      [product('Ten visit pass')],
      null,
    ],
    ['nothing to compare with', { name: 'Massage' }, [], null],
    ['a name without a word', { name: '!!!' }, [product('!!!')], null],
  ])('%s', (_title, item, products, expected) => {
    const suggestion = find(item, ...products);
    expect(suggestion?.internalId ?? null).toBe(expected === null ? null : `id of ${expected}`);
  });

  it('is certain only when all three agree', () => {
    const pass = product('Ten visit pass');
    expect(find({ name: 'Ten visit pass', price: 150, type: 'package' }, pass)!.confidence).toBe(1);
    const known = [
      find({ name: 'Ten visit pass', price: 150 }, pass),
      find({ name: 'Ten visit pass', price: 140 }, pass),
      find({ name: 'Ten visit pass', price: 14 }, pass),
      find({ name: 'Ten visit pass', price: 14, type: 'product' }, pass),
    ].map((suggestion) => suggestion!.confidence);
    expect(known).toEqual([...known].sort().reverse());
    expect(new Set(known).size).toBe(4);
  });

  it('compares prices in major units of the product’s currency', () => {
    expect(find({ name: 'Pass', price: 1500 }, product('Pass', 'package', 1500, 'JPY'))!.reasoning).toContain(
      'the price is the same',
    );
    expect(find({ name: 'Pass', price: 1.5 }, product('Pass', 'package', 1500, 'KWD'))!.reasoning).toContain(
      'the price is the same',
    );
    expect(find({ name: 'Pass', price: 0 }, product('Pass', 'package', 0))!.reasoning).toContain(
      'the price is the same',
    );
  });

  it('explains itself in a sentence', () => {
    const pass = product('Ten visit pass');
    expect(find({ name: 'Ten visit pass', price: 150, type: 'Packages' }, pass)!.reasoning).toBe(
      'The names are the same, the price is the same and both are a package.',
    );
    expect(find({ name: '10 visits pass gold', price: 900, type: 'retail' }, pass)!.reasoning).toBe(
      'The names share 3 of 4 words (86 % alike), the prices differ and the kinds differ.',
    );
    expect(find({ name: 'Ten visit pass', type: 'odd' }, pass)!.reasoning).toBe(
      'The names are the same, the price is not known and the kind is not known.',
    );
  });

  it('is the same whatever the order of the products, and between 0 and 1', () => {
    const word = fc.constantFrom('ten', '10', 'visit', 'visits', 'pass', 'massage', 'yoga', 'gold', 'class');
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
    const products = fc.uniqueArray(
      fc.record({
        id: fc.uuid(),
        name,
        kind: fc.constantFrom('package', 'service', 'other'),
        amountMinor: fc.integer({ min: 0, max: 20_000 }),
        currency: fc.constantFrom('GBP', 'JPY'),
      }),
      { selector: ({ id }) => id, maxLength: 8 },
    );
    const item = fc.record({
      id: fc.constant('1'),
      name,
      price: fc.option(fc.double({ noNaN: true, min: -100, max: 1e6 })),
    });
    fc.assert(
      fc.property(products, item, (candidates, external) => {
        const suggestion = new SuggestionFinder(candidates).find(external);
        expect(new SuggestionFinder([...candidates].reverse()).find(external)).toEqual(suggestion);
        if (suggestion === null) return;
        expect(suggestion.confidence).toBeGreaterThanOrEqual(0.5);
        expect(suggestion.confidence).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('what one item costs', () => {
  /** Words that are all alike, as long and as many as a name can hold. */
  const nameOf = (seed: number): string =>
    Array.from({ length: 12 }, (_, place) => `abcdefghij${String.fromCharCode(97 + place)}${letters(seed)}yz`).join(
      ' ',
    );
  const letters = (seed: number): string =>
    [...seed.toString(26).padStart(4, '0')].map((digit) => String.fromCharCode(97 + parseInt(digit, 26))).join('');

  it('is bounded, whatever is written in the names', () => {
    const compared = jest.spyOn(levenshtein, 'distance');
    const finder = new SuggestionFinder(Array.from({ length: 2_000 }, (_, i) => product(nameOf(i))));
    for (const name of [nameOf(1), nameOf(100_000), 'abcdefghijklmnopqrstuvwxyz '.repeat(300), 'a '.repeat(3_000)]) {
      compared.mockClear();
      finder.find({ id: '1', name });
      // 10 words against 100 of the index each, and against the 10 words of 20 products
      expect(compared.mock.calls.length).toBeLessThanOrEqual(10 * 100 + 20 * 10 * 10);
    }
    compared.mockRestore();
  });

  it('does not cost the right product its place', () => {
    const others = Array.from({ length: 500 }, (_, i) => product(`Massage ${i + 100}`, 'service', 100 * i));
    const right = product('Massage', 'service', 4_500);
    const expected = right.id;
    const item = { name: 'Masage', price: 45, type: 'service' };
    expect(find(item, ...others, right)?.internalId).toBe(expected);
    expect(find(item, right, ...others)?.internalId).toBe(expected);
    // of many equal names the price finds the one
    const equal = Array.from({ length: 500 }, (_, i) => ({ ...product('Massage', 'service', 100 * i), id: `id ${i}` }));
    expect(find(item, ...equal)?.internalId).toBe('id 45');
  });
});
