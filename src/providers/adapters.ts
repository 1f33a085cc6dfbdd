import { PROVIDER_CATALOGUE, PROVIDER_IDS, type ProviderId } from './catalogue';
import { PracticeHubAdapter } from './practicehub/practicehub.adapter';
import type { AdapterOptions, ProviderAdapter } from './provider';
import { TerminalAdapter } from './terminal/terminal.adapter';
import { WodifyAdapter } from './wodify/wodify.adapter';

const ADAPTERS: Readonly<Record<ProviderId, new (options: AdapterOptions) => ProviderAdapter>> = {
  practicehub: PracticeHubAdapter,
  wodify: WodifyAdapter,
  terminal: TerminalAdapter,
};

/** What an operator may say of a provider otherwise than its catalogue entry and its adapter do, by provider. */
export interface ProviderOverrides {
  readonly liveHosts: Readonly<Record<string, readonly string[]>>;
  /** By the key of the stream. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function createAdapter(id: ProviderId, overrides: Partial<ProviderOverrides> = {}): ProviderAdapter {
  return new ADAPTERS[id]({
    liveHostSuffixes: overrides.liveHosts?.[id] ?? PROVIDER_CATALOGUE[id].liveHostSuffixes,
    paths: overrides.paths?.[id] ?? {},
  });
}

/**
 * Every adapter there is, in the catalogue's order. Throws where an override names a provider or a path that does not
 * exist.
 */
export function createAdapters(overrides: ProviderOverrides): ProviderAdapter[] {
  const adapters = PROVIDER_IDS.map((id) => createAdapter(id, overrides));
  const known = new Set<string>(PROVIDER_IDS);
  for (const [variable, byProvider] of [
    ['PROVIDER_LIVE_HOSTS', overrides.liveHosts],
    ['PROVIDER_PATHS', overrides.paths],
  ] as const) {
    const stranger = Object.keys(byProvider).find((id) => !known.has(id));
    if (stranger !== undefined) throw new Error(`${variable}: there is no provider ${stranger}`);
  }
  for (const { id, settablePaths } of adapters) {
    const stranger = Object.keys(overrides.paths[id] ?? {}).find((key) => !settablePaths.includes(key));
    if (stranger === undefined) continue;
    const choice = settablePaths.length === 0 ? 'none can be set' : `only ${settablePaths.join(', ')} can be set`;
    throw new Error(`PROVIDER_PATHS: ${id} has no path ${stranger}; ${choice}`);
  }
  return adapters;
}
