import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Fewer digits are an extension or no number at all. */
const MIN_DIGITS = 7;

/** A number as it may be dialled: in E.164 where it names its country or `country` (ISO 3166, two letters) does; otherwise as it was written. */
export function phoneNumber(written: string | null, country: string | null): string | null {
  return written === null ? null : (e164(written, country) ?? written);
}

/** One of somebody's numbers. */
export interface WrittenNumber {
  readonly number: string | null;
  readonly country: string | null;
}

/** The first in the list that can be made E.164; without one, the first that has as many digits as a number, as it was written. */
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
  const code = country?.trim().toUpperCase();
  const parsed = parsePhoneNumberFromString(written, isCountry(code) ? code : undefined);
  return parsed?.isPossible() ? parsed.number : null;
}

function isCountry(code: string | undefined): code is CountryCode {
  return code !== undefined && isSupportedCountry(code as CountryCode);
}
