import { createAdapters } from './adapters';
import { BUILT_IN_CATALOGUE, BUILT_IN_IDS, type ProviderCatalogueEntry } from './catalogue';
import { ProviderRegistry } from './provider.registry';

const none = { liveHosts: {}, paths: {} };
const adapters = createAdapters(none);
const without = (id: string) => adapters.filter((adapter) => adapter.id !== id);
const changed = (id: keyof typeof BUILT_IN_CATALOGUE, change: Partial<ProviderCatalogueEntry>) => ({
  ...BUILT_IN_CATALOGUE,
  [id]: { ...BUILT_IN_CATALOGUE[id], ...change },
});

describe('ProviderRegistry', () => {
  it('starts when catalogue and adapters agree, and finds each', () => {
    const registry = new ProviderRegistry(adapters);
    for (const id of BUILT_IN_IDS) {
      expect(registry.get(id).adapter.id).toBe(id);
      expect(registry.get(id).entry.id).toBe(id);
    }
    expect(registry.ids()).toEqual(BUILT_IN_IDS);
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
        const { terminal: _gone, ...rest } = BUILT_IN_CATALOGUE;
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

  it('lets the operator say other hosts and paths, where there are such', () => {
    const [adapter] = createAdapters({
      liveHosts: { practicehub: ['.clinic.example'] },
      paths: { practicehub: { services: '/treatments' } },
    });
    expect(adapter!.liveHostSuffixes).toEqual(['.clinic.example']);
    expect(() => adapter!.normaliseCredentials({ apiKey: 'k', baseUrl: 'https://a.practicehub.io' }, 'live')).toThrow(
      'must be a host of the provider',
    );
    expect(() => createAdapters({ ...none, paths: { acme: { clients: '/people' } } })).toThrow(
      'PROVIDER_PATHS: there is no provider acme whose paths can be set',
    );
    expect(() => createAdapters({ ...none, paths: { practicehub: { patients: '/people' } } })).toThrow(
      'PROVIDER_PATHS: practicehub has no path patients; only services, products, packages can be set',
    );
    expect(() => createAdapters({ ...none, paths: { wodify: { clients: '/people' } } })).toThrow(
      'PROVIDER_PATHS: wodify has no path clients; none can be set',
    );
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
