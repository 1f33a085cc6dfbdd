import { PracticeHubAdapter } from './practicehub/practicehub.adapter';
import type { ProviderAdapter } from './provider';
import { TerminalAdapter } from './terminal/terminal.adapter';
import { WodifyAdapter } from './wodify/wodify.adapter';

export interface AdapterOptions {
  readonly practicehubLiveHosts: readonly string[];
}

/** Every adapter there is, in the catalogue's order. */
export function createAdapters(options: AdapterOptions): ProviderAdapter[] {
  return [
    new PracticeHubAdapter({ liveHosts: options.practicehubLiveHosts }),
    new WodifyAdapter(),
    new TerminalAdapter(),
  ];
}
