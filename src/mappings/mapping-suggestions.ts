import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { IntegrationKey } from '../integrations';
import { MerchantProducts } from './merchant-products';
import { SuggestionFinder, type ExternalItem, type Suggestion } from './suggestions';

/** Comparing is plain computing: other requests get their turn after so many milliseconds. */
const SLICE_MS = 10;
/** The products that are considered: the first so many by id. */
export const MAX_PRODUCTS = 2_000;

/** Suggests, from the merchant's own products; writes nothing and asks no network. */
@Injectable()
export class MappingSuggestions {
  constructor(private readonly products: MerchantProducts) {}

  async suggest(key: IntegrationKey, items: readonly ExternalItem[]): Promise<Suggestion[]> {
    const finder = new SuggestionFinder();
    await inSlices(await this.products.first(key, MAX_PRODUCTS), (product) => finder.add(product));
    const suggestions: Suggestion[] = [];
    await inSlices(items, (item) => {
      const suggestion = finder.find(item);
      if (suggestion) suggestions.push(suggestion);
    });
    return suggestions;
  }
}

async function inSlices<T>(all: readonly T[], work: (each: T) => void): Promise<void> {
  let sliceBegan = performance.now();
  for (const each of all) {
    work(each);
    if (performance.now() - sliceBegan < SLICE_MS) continue;
    await yieldToOthers();
    sliceBegan = performance.now();
  }
}
