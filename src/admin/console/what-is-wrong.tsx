import type { Integration } from './api';
import { providerName } from './format';
import { Told } from './told';

/** Of what a condition says by itself where nothing more is known. */
const BY_CONDITION: Readonly<Partial<Record<Integration['condition'], string>>> = {
  waiting_for_provider: 'Waits until the incident of its provider is over.',
  switched_off: 'The merchant has switched its sync off.',
};

/** What keeps an integration from its work, for every list that has it; null: nothing does. */
export function whatIsWrong(row: Integration): string | null {
  const told = [row.lastError ?? row.pauseReason ?? BY_CONDITION[row.condition], waitOf(row)].filter(Boolean);
  return told.length === 0 ? null : told.join(' ');
}

/** A run of it waits, be it of its sync or of payments. */
export function waitOf({ provider, limitedUntil }: Pick<Integration, 'provider' | 'limitedUntil'>): string | null {
  return limitedUntil && `A run waits for the rate limit of ${providerName(provider)} until ${limitedUntil}.`;
}

export function WhatIsWrong({ integration }: { integration: Integration }): preact.JSX.Element {
  return <Told text={whatIsWrong(integration) ?? '–'} />;
}
