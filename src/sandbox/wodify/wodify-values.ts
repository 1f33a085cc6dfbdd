import type { Account } from '../account';
import type { SandboxRow } from '../table';
import { wodifyVariant } from './wodify-variants';

const missingDate = '1900-01-01';

/** An instant as Wodify writes it; `null` for one that is missing. */
export function stampOf(account: Account, ms: number | null): string {
  if (ms === null) return `${missingDate}T00:00:00Z`;
  const text = new Date(ms).toISOString().slice(0, 19);
  const form = wodifyVariant(account, 'instants');
  return form === 'bare' ? text : form === 'fraction' ? `${text}.0000000Z` : `${text}Z`;
}

/** The instant of a text that Wodify wrote; one without a zone is UTC. */
export function msOfStamp(value: unknown): number | null {
  const text = String(value);
  const ms = Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(ms) || text.startsWith(missingDate) ? null : ms;
}

/** A day of the gym; a missing one is 1900-01-01, unless the account writes it in another way. */
export function dateField(account: Account, name: string, ms: number | null): SandboxRow {
  if (ms !== null) return { [name]: account.times.format(ms).slice(0, 10) };
  const form = wodifyVariant(account, 'missingDates');
  if (form === 'absent') return {};
  return { [name]: form === 'null' ? null : missingDate };
}

export function isMissingDate(value: unknown): boolean {
  return value === undefined || value === null || String(value).startsWith(missingDate);
}

/** Ids count from 1 in every resource. */
export function ordinalOfNumber(id: unknown): number | undefined {
  return /^[1-9]\d{0,9}$/.test(String(id)) ? Number(id) : undefined;
}
