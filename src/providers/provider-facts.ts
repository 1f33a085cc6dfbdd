import type { BuiltInId } from './catalogue';
import type { ProviderFactPage } from './fact';
import { practiceHubFacts } from './practicehub/practicehub-facts';
import { terminalFacts } from './terminal/terminal-facts';
import { wodifyFacts } from './wodify/wodify-facts';

/** What is known of each provider's API. A provider without a page cannot be checked. */
export const PROVIDER_FACTS: Readonly<Partial<Record<BuiltInId, ProviderFactPage>>> = {
  practicehub: practiceHubFacts,
  wodify: wodifyFacts,
  terminal: terminalFacts,
};
