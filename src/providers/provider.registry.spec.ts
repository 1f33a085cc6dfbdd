import { createAdapters } from './adapters';
import { PROVIDER_CATALOGUE, PROVIDER_IDS, type ProviderCatalogueEntry } from './catalogue';
import { ProviderRegistry } from './provider.registry';

const adapters = createAdapters({ practicehubLiveHosts: ['.practicehub.io'] });
const without = (id: string) => adapters.filter((adapter) => adapter.id !== id);
const changed = (id: keyof typeof PROVIDER_CATALOGUE, change: Partial<ProviderCatalogueEntry>) => ({
  ...PROVIDER_CATALOGUE,
  [id]: { ...PROVIDER_CATALOGUE[id], ...change },
});

describe('ProviderRegistry', () => {
  it('starts when catalogue and adapters agree, and finds each', () => {
    const registry = new ProviderRegistry(adapters);
    for (const id of PROVIDER_IDS) {
      expect(registry.get(id).id).toBe(id);
      expect(registry.entry(id).id).toBe(id);
    }
    expect(registry.all().map(({ id }) => id)).toEqual([...PROVIDER_IDS]);
    expect(registry.has('acme')).toBe(false);
  });

  it.each<[string, () => ProviderRegistry, RegExp]>([
    [
      'an adapter is missing',
      () => new ProviderRegistry(without('wodify')),
      /wodify: in the catalogue, without an adapter/,
    ],
    [
      'an adapter is not in the catalogue',
      () => {
        const { terminal: _gone, ...rest } = PROVIDER_CATALOGUE;
        return new ProviderRegistry(adapters, rest);
      },
      /terminal: an adapter, not in the catalogue/,
    ],
    ['an adapter is there twice', () => new ProviderRegistry([...adapters, adapters[0]!]), /practicehub: two adapters/],
    [
      'a resource is promised in vain',
      () => new ProviderRegistry(adapters, changed('terminal', { resources: ['payments', 'devices', 'customers'] })),
      /terminal: customers promised, not there/,
    ],
    [
      'a resource is not announced',
      () => new ProviderRegistry(adapters, changed('terminal', { resources: ['payments'] })),
      /terminal: devices there, not promised/,
    ],
    [
      'a capability is promised in vain',
      () =>
        new ProviderRegistry(
          adapters,
          changed('wodify', { capabilities: { paymentMethods: true, pushPayments: true, packages: true } }),
        ),
      /wodify: paymentMethods promised, not there\n.*wodify: pushPayments promised, not there/,
    ],
    [
      'the default interval is below the minimum',
      () => new ProviderRegistry(adapters, changed('wodify', { defaultIntervalMinutes: 5 })),
      /wodify: the default interval is below the minimum/,
    ],
  ])('refuses to start when %s', (_name, start, words) => {
    expect(start).toThrow(words);
  });

  it('every adapter keeps the port’s promises about its streams', () => {
    for (const adapter of adapters) {
      for (const stream of adapter.streams) {
        expect(stream.key).toMatch(/^[a-z_]{1,64}$/);
        if (stream.incremental === 'newest_first') expect(stream.mutableWindowDays).toBeGreaterThan(0);
      }
    }
  });
});
