import { Injectable } from '@nestjs/common';
import { PROVIDER_CATALOGUE, type ProviderCatalogueEntry, type ProviderId } from './catalogue';
import type { ProviderAdapter } from './provider';

/** Finds a provider's adapter. The only place that maps a provider's id to code; nobody branches on the id. */
@Injectable()
export class ProviderRegistry {
  private readonly adapters: ReadonlyMap<string, ProviderAdapter>;

  /**
   * Throws when catalogue and adapters differ, so that the process does not start with a promise that it cannot keep.
   */
  constructor(
    adapters: readonly ProviderAdapter[],
    private readonly catalogue: Readonly<Record<string, ProviderCatalogueEntry>> = PROVIDER_CATALOGUE,
  ) {
    const problems = differences(adapters, catalogue);
    if (problems.length > 0) {
      throw new Error(`Provider catalogue and adapters differ:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    }
    this.adapters = new Map(adapters.map((adapter) => [adapter.id, adapter]));
  }

  get(id: ProviderId): ProviderAdapter {
    const adapter = this.adapters.get(id);
    if (adapter === undefined) throw new Error(`no provider ${String(id)}`);
    return adapter;
  }

  entry(id: ProviderId): ProviderCatalogueEntry {
    return this.catalogue[id]!;
  }

  /** Every provider, in the catalogue's order. */
  all(): readonly ProviderCatalogueEntry[] {
    return Object.values(this.catalogue);
  }

  has(id: string): id is ProviderId {
    return this.adapters.has(id);
  }
}

function differences(
  adapters: readonly ProviderAdapter[],
  catalogue: Readonly<Record<string, ProviderCatalogueEntry>>,
): string[] {
  const problems: string[] = [];
  const ids = adapters.map((adapter) => adapter.id as string);
  const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);
  problems.push(...new Set(repeated.map((id) => `${id}: two adapters`)));
  for (const [key, entry] of Object.entries(catalogue)) {
    if (entry.id !== key) problems.push(`${key}: its entry says ${entry.id}`);
    const adapter = adapters.find(({ id }) => id === key);
    if (adapter === undefined) problems.push(`${key}: in the catalogue, without an adapter`);
    else problems.push(...differencesOf(adapter, entry));
  }
  for (const id of ids) if (!Object.hasOwn(catalogue, id)) problems.push(`${id}: an adapter, not in the catalogue`);
  return problems;
}

function differencesOf(adapter: ProviderAdapter, entry: ProviderCatalogueEntry): string[] {
  const problems: string[] = [];
  const promise = (what: string, promised: boolean, kept: boolean) => {
    if (promised !== kept)
      problems.push(`${entry.id}: ${what} ${promised ? 'promised, not there' : 'there, not promised'}`);
  };
  const resources = new Set(adapter.streams.map(({ resource }) => resource));
  for (const resource of new Set([...entry.resources, ...resources])) {
    promise(resource, entry.resources.includes(resource), resources.has(resource));
  }
  promise('paymentMethods', entry.capabilities.paymentMethods, adapter.listPaymentMethods !== undefined);
  promise('pushPayments', entry.capabilities.pushPayments, adapter.payments !== undefined);
  const packages = adapter.streams.some(({ enabledBy }) => enabledBy === 'syncPackages');
  promise('packages', entry.capabilities.packages, packages);
  const keys = adapter.streams.map(({ key }) => key);
  if (new Set(keys).size !== keys.length) problems.push(`${entry.id}: two streams with one key`);
  if (entry.minimumIntervalMinutes > entry.defaultIntervalMinutes) {
    problems.push(`${entry.id}: the default interval is below the minimum`);
  }
  return problems;
}
