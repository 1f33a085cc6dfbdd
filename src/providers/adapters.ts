import { BUILT_IN_CATALOGUE, BUILT_IN_IDS, type BuiltInId } from './catalogue';
import { PracticeHubAdapter } from './practicehub/practicehub.adapter';
import type { AdapterOptions, ProviderAdapter } from './provider';
import { TerminalAdapter } from './terminal/terminal.adapter';
import { WodifyAdapter } from './wodify/wodify.adapter';

const ADAPTERS: Readonly<Record<BuiltInId, new (options: AdapterOptions) => ProviderAdapter>> = {
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

export function createAdapter(id: BuiltInId, overrides: Partial<ProviderOverrides> = {}): ProviderAdapter {
  return new ADAPTERS[id]({
    liveHostSuffixes: overrides.liveHosts?.[id] ?? BUILT_IN_CATALOGUE[id].liveHostSuffixes,
    paths: overrides.paths?.[id] ?? {},
  });
}

/**
 * Every built-in adapter, in the catalogue's order. Throws where a path is set that does not exist. Hosts may be of a
 * provider that a manifest tells.
 */
export function createAdapters(overrides: ProviderOverrides): ProviderAdapter[] {
  const adapters = BUILT_IN_IDS.map((id) => createAdapter(id, overrides));
  const known = new Set<string>(BUILT_IN_IDS);
  const unknown = Object.keys(overrides.paths).find((id) => !known.has(id));
  if (unknown !== undefined) throw new Error(`PROVIDER_PATHS: there is no provider ${unknown} whose paths can be set`);
  for (const { id, settablePaths } of adapters) {
    const stranger = Object.keys(overrides.paths[id] ?? {}).find((key) => !settablePaths.includes(key));
    if (stranger === undefined) continue;
    const choice = settablePaths.length === 0 ? 'none can be set' : `only ${settablePaths.join(', ')} can be set`;
    throw new Error(`PROVIDER_PATHS: ${id} has no path ${stranger}; ${choice}`);
  }
  return adapters;
}
