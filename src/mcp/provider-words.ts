import { PROVIDER_SAID } from '../platform/outbound';

/**
 * What a provider said stands in a field of its own, apart from our words: whoever reads the answer can tell whose they
 * are.
 */
export function quoteProviderWords(value: unknown): unknown {
  if (typeof value === 'string') {
    const at = value.indexOf(PROVIDER_SAID);
    if (at === -1) return value;
    return { text: value.slice(0, at), providerSaid: value.slice(at + PROVIDER_SAID.length) };
  }
  if (Array.isArray(value)) return value.map(quoteProviderWords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, quoteProviderWords(each)]));
}
