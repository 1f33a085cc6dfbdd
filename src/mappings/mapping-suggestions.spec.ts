import { MappingSuggestions, MAX_PRODUCTS } from './mapping-suggestions';
import { MerchantProducts, type MerchantProduct } from './merchant-products';

/** Names of which every word is like every other: the dearest there are. */
const nameOf = (seed: number): string =>
  Array.from(
    { length: 10 },
    (_, place) => `abcdefghi${String.fromCharCode(97 + ((seed * 7 + place * seed) % 26))}`,
  ).join(' ');
const products = Array.from({ length: 1_000 }, (_, seed): MerchantProduct => ({
  id: `id ${seed}`,
  name: nameOf(seed),
  kind: 'service',
  amountMinor: seed,
  currency: 'GBP',
}));

class Products extends MerchantProducts {
  asked: number | null = null;

  first(_scope: object, limit: number): Promise<MerchantProduct[]> {
    this.asked = limit;
    return Promise.resolve(products);
  }

  byIds(): Promise<MerchantProduct[]> {
    return Promise.resolve([]);
  }
}

const key = { merchantId: 'm', environment: 'sandbox', provider: 'practicehub' } as const;

describe('many suggestions at once', () => {
  it('let everything else in the process have its turn', async () => {
    const items = Array.from({ length: 60 }, (_, seed) => ({ id: String(seed), name: nameOf(seed + 5_000) }));
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const suggestions = await new MappingSuggestions(new Products()).suggest(key, items);
    done = true;
    expect(suggestions.length).toBeGreaterThan(0);
    expect(turns).toBeGreaterThan(5);
  });

  it('ask for so many products and no more', async () => {
    const own = new Products();
    await new MappingSuggestions(own).suggest(key, []);
    expect(own.asked).toBe(MAX_PRODUCTS);
  });
});
