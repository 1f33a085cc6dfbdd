import type { ProviderSettings } from '../provider';

/** What the rows themselves do not say. */
export type MappingContext = ProviderSettings;

/** To be raised with every change that gives a row another record: what is stored is then made anew (`digestSeed`). */
export const PRACTICEHUB_MAPPING_VERSION = 3;

/** How a payment that Interlock pushed is known when it comes back, and what an unknown outcome is searched by. */
export function noteFor(reference: string): string {
  return `interlock:${reference}`;
}

const OUR_NOTE = /(^|\s)interlock:\S/;

export function isOurNote(note: string | null): boolean {
  return note !== null && OUR_NOTE.test(note);
}
