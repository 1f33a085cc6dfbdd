import type { Account } from '../account';
import { rowsOf } from '../provider-truth';
import { Draw } from '../random';
import type { SandboxRow } from '../table';
import { practicehubVariant } from './practicehub-variants';

/** Numbers as people write them, by country: national and international form of the same. */
const written: Record<string, (ordinal: number) => readonly [national: string, e164: string]> = {
  GB: (ordinal) => [`07700 ${900_000 + (ordinal % 1000)}`, `+447700${900_000 + (ordinal % 1000)}`],
  AU: (ordinal) => [`0491 570 ${100 + (ordinal % 900)}`, `+61491570${100 + (ordinal % 900)}`],
  IE: (ordinal) => [`085 ${1_000_000 + (ordinal % 1000)}`, `+35385${1_000_000 + (ordinal % 1000)}`],
};
const trunkOf: Record<string, string> = { GB: '+44', AU: '+61', IE: '+353' };

/** `numbers` of a patient: none, one or several; some are no numbers at all. */
export function numbersOf(account: Account, ordinal: number, phone: string | null): SandboxRow {
  const form = practicehubVariant(account, 'numbers');
  if (form === 'absent') return {};
  if (form === 'empty' || phone === null) return { numbers: [] };
  const draw = new Draw(account.seedOf('patients', ordinal, 5));
  const iso2 = draw.chance(0.85) ? 'GB' : draw.pick(['AU', 'IE'] as const);
  const [national, e164] = written[iso2]?.(ordinal) ?? ['', ''];
  const first = { number: draw.chance(0.8) ? national : e164, iso2: form === 'no-country' ? null : iso2 };
  const unusable = { number: draw.pick(['', 'ask reception', 'n/a'] as const), iso2: null };
  const second = { number: `+4420${79_460_000 + (ordinal % 1000)}`, iso2: 'GB' };
  const before = draw.chance(0.1) ? [unusable] : [];
  return { numbers: [...before, first, ...(draw.chance(0.3) ? [second] : [])] };
}

/**
 * The first usable number in E.164; `null` when there is none, `undefined` when its country cannot be told from the
 * row. Good for the numbers above, not for every number there is.
 */
export function phoneOf(numbers: unknown): string | null | undefined {
  for (const entry of rowsOf(numbers)) {
    const digits = String(entry['number'] ?? '').replace(/[^\d+]/g, '');
    if (digits.length < 7) continue;
    if (digits.startsWith('+')) return digits;
    const trunk = trunkOf[String(entry['iso2'])];
    return trunk === undefined ? undefined : `${trunk}${digits.replace(/^0/, '')}`;
  }
  return null;
}
