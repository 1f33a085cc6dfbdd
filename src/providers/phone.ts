import { getCountries, isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

const ENGLISH = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
/** Fewer digits are an extension or no number at all. */
const MIN_DIGITS = 7;

/**
 * A number as it may be dialled: in E.164 where it names its country or `country` does (two letters of ISO 3166, or the
 * English name); otherwise as it was written.
 */
export function phoneNumber(written: string | null, country: string | null): string | null {
  return written === null ? null : (e164(written, country) ?? written);
}

/** One of somebody's numbers. */
export interface WrittenNumber {
  readonly number: string | null;
  readonly country: string | null;
}

/**
 * The first in the list that can be made E.164; without one, the first that has as many digits as a number, as it was
 * written.
 */
export function firstNumber(numbers: readonly WrittenNumber[]): string | null {
  const written = numbers.filter(({ number }) => number !== null && number.replace(/\D/g, '').length >= MIN_DIGITS);
  for (const { number, country } of written) {
    const made = e164(number!, country);
    if (made !== null) return made;
  }
  return written[0]?.number ?? null;
}

/** null: nobody can say in which country it is, or it has not as many digits as numbers there have. */
function e164(written: string, country: string | null): string | null {
  const parsed = parsePhoneNumberFromString(written, country === null ? undefined : countryCode(country));
  return parsed?.isPossible() ? parsed.number : null;
}

/** By English names in lower case, as people choose them from a list. */
const CODES: ReadonlyMap<string, CountryCode> = new Map(
  getCountries().map((code) => [ENGLISH.of(code)?.toLowerCase() ?? code, code]),
);

function countryCode(country: string): CountryCode | undefined {
  const code = country.trim().toUpperCase() as CountryCode;
  return isSupportedCountry(code) ? code : CODES.get(country.trim().toLowerCase());
}
