import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import {
  ProviderManifests,
  ProviderRegistry,
  type ProviderOrigin,
  type ProviderState,
  type StoreOptions,
} from '../providers';
import { some } from './finding';
import { ProviderUsageRepository } from './store/provider-usage.repository';

export interface ListedProvider {
  readonly id: string;
  readonly name: string;
  /** null: there are integrations of it, and this process does not serve it. */
  readonly origin: ProviderOrigin | null;
  readonly state: ProviderState | 'not_served';
  readonly resources: readonly string[];
  readonly docsUrl: string | null;
  readonly activeIntegrations: number;
}

/** The providers of this process, with what depends on them. */
@Injectable()
export class ProviderList {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly manifests: ProviderManifests,
    private readonly usage: ProviderUsageRepository,
  ) {}

  /** Built-in ones first; behind the others those that are missing. */
  async list(): Promise<ListedProvider[]> {
    const usage = new Map((await this.usage.list()).map((row) => [row.provider, row.activeIntegrations]));
    const served = this.registry.all().map(({ entry, origin, state }) => ({
      ...{ id: entry.id, name: entry.name, origin, state, resources: entry.resources, docsUrl: entry.docsUrl },
      activeIntegrations: usage.get(entry.id) ?? 0,
    }));
    const missing = [...usage].filter(([id]) => !this.registry.has(id));
    const rest = { origin: null, state: 'not_served' as const, resources: [], docsUrl: null };
    return [...served, ...missing.map(([id, activeIntegrations]) => ({ id, name: id, ...rest, activeIntegrations }))];
  }

  /** Refused while syncs depend on it. */
  remove(id: string, options?: StoreOptions): Promise<void> {
    const allowed = async (tx: Tx): Promise<void> => {
      const count = await this.usage.count(tx, id);
      if (count === 0) return;
      const message = `There ${count === 1 ? 'is' : 'are'} ${some(count, 'active integration')} of ${id}.`;
      throw new InterlockError('conflict', { message });
    };
    return this.manifests.remove(id, allowed, options);
  }
}
