import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { IntegrationSlot } from '../integrations';
import { MerchantProducts } from './merchant-products';
import { type ExternalItem, type Suggestion, SuggestionFinder } from './suggestions';

/** Comparing is plain computing: other requests get their turn after so many milliseconds. */
const SLICE_MS = 10;

/** Suggests, from the merchant's own products; writes nothing and asks no network. */
@Injectable()
export class MappingSuggestions {
  constructor(private readonly products: MerchantProducts) {}

  async suggest(slot: IntegrationSlot, items: readonly ExternalItem[]): Promise<Suggestion[]> {
    const finder = new SuggestionFinder(await this.products.all(slot));
    const suggestions: Suggestion[] = [];
    let sliceBegan = performance.now();
    for (const item of items) {
      const suggestion = finder.find(item);
      if (suggestion) suggestions.push(suggestion);
      if (performance.now() - sliceBegan < SLICE_MS) continue;
      await yieldToOthers();
      sliceBegan = performance.now();
    }
    return suggestions;
  }
}
