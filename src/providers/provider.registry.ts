import { Injectable } from '@nestjs/common';
import { InterlockError } from '../platform/errors';
import { BUILT_IN_CATALOGUE, PROVIDER_ID_FORM, type ProviderCatalogueEntry, type ProviderId } from './catalogue';
import type { ProviderAdapter } from './provider';

/** Who tells a provider: the program itself, a file in PROVIDERS_DIR, or an operator through the admin API. */
export const PROVIDER_ORIGINS = ['built_in', 'folder', 'admin'] as const;
export type ProviderOrigin = (typeof PROVIDER_ORIGINS)[number];
/** `beta`: nobody has checked it against a real account. */
export const PROVIDER_STATES = ['stable', 'beta'] as const;
export type ProviderState = (typeof PROVIDER_STATES)[number];

export interface ServedProvider {
  readonly entry: ProviderCatalogueEntry;
  readonly adapter: ProviderAdapter;
  readonly origin: ProviderOrigin;
  readonly state: ProviderState;
}

/** There are integrations of it, and no adapter any more. */
export class ProviderNotServed extends InterlockError {
  constructor(provider: ProviderId) {
    super('unavailable', {
      message: `The service does not serve the provider ${provider} at present.`,
      nextAction: 'contact_support',
    });
    this.name = 'ProviderNotServed';
  }
}

/**
 * The providers of this application at this moment: the only place that maps a provider's id to code and facts; nobody
 * branches on the id. A provider is replaced as a whole: who has looked one up goes on with what it was.
 */
@Injectable()
export class ProviderRegistry {
  private readonly builtIn: ReadonlyMap<ProviderId, ServedProvider>;
  private readonly told = new Map<ProviderOrigin, readonly ServedProvider[]>();
  private served: ReadonlyMap<ProviderId, ServedProvider>;
  /** Asks whoever tells providers whether there is a new one. */
  private lookAgain: () => Promise<void> = () => Promise.resolve();

  /**
   * Throws when catalogue and adapters differ, so that the process does not start with a promise that it cannot keep.
   */
  constructor(
    adapters: readonly ProviderAdapter[],
    catalogue: Readonly<Record<string, ProviderCatalogueEntry>> = BUILT_IN_CATALOGUE,
  ) {
    const problems = differences(adapters, catalogue);
    if (problems.length > 0) {
      throw new Error(`Provider catalogue and adapters differ:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    }
    const byId = new Map(adapters.map((adapter) => [adapter.id, adapter]));
    this.builtIn = new Map(
      Object.values(catalogue).map((entry) => [
        entry.id,
        { entry, adapter: byId.get(entry.id)!, origin: 'built_in', state: 'stable' },
      ]),
    );
    this.served = this.builtIn;
  }

  /** Replaces all that this origin has told before. What an operator stored stands before what is in a folder. */
  serve(origin: Exclude<ProviderOrigin, 'built_in'>, providers: readonly ServedProvider[]): void {
    this.told.set(origin, providers);
    const byId = new Map(
      [...(this.told.get('folder') ?? []), ...(this.told.get('admin') ?? [])].map((each) => [each.entry.id, each]),
    );
    const added = [...byId]
      .filter(([id]) => !this.builtIn.has(id))
      .toSorted(([one], [other]) => (one < other ? -1 : 1));
    this.served = new Map([...this.builtIn, ...added]);
  }

  /** Throws `ProviderNotServed`. */
  get(id: ProviderId): ServedProvider {
    const provider = this.served.get(id);
    if (provider === undefined) throw new ProviderNotServed(id);
    return provider;
  }

  /** As `get`, also of a provider that another process has been told a moment ago. */
  async seek(id: ProviderId): Promise<ServedProvider> {
    return (await this.find(id)) ?? this.get(id);
  }

  /** As `seek`; null: there is none. */
  async find(id: ProviderId): Promise<ServedProvider | null> {
    if (!this.served.has(id) && PROVIDER_ID_FORM.test(id)) await this.lookAgain();
    return this.served.get(id) ?? null;
  }

  /** Built-in ones first, in the catalogue's order. */
  all(): readonly ServedProvider[] {
    return [...this.served.values()];
  }

  ids(): readonly ProviderId[] {
    return [...this.served.keys()];
  }

  has(id: ProviderId): boolean {
    return this.served.has(id);
  }

  /** For people; one that is not served any more keeps its id. */
  nameOf(id: ProviderId): string {
    return this.served.get(id)?.entry.name ?? id;
  }

  /** What a file in PROVIDERS_DIR tells, whether it is served or stands behind what an operator stored. */
  inFolder(id: ProviderId): ServedProvider | null {
    return this.told.get('folder')?.find(({ entry }) => entry.id === id) ?? null;
  }

  onUnknown(lookAgain: () => Promise<void>): void {
    this.lookAgain = lookAgain;
  }
}

function differences(
  adapters: readonly ProviderAdapter[],
  catalogue: Readonly<Record<string, ProviderCatalogueEntry>>,
): string[] {
  const problems: string[] = [];
  const ids = adapters.map((adapter) => adapter.id);
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
