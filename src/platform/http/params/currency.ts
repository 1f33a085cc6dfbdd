import { ValidateBy } from 'class-validator';

const CODES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
export const CURRENCY_RULE = 'must be an ISO 4217 code, such as GBP';

/** The one rule for a currency, in capital letters: an amount in one that does not exist is no amount. */
export function isCurrency(value: unknown): value is string {
  return typeof value === 'string' && CODES.has(value);
}

export function IsCurrencyCode(): PropertyDecorator {
  return ValidateBy({
    name: 'isCurrencyCode',
    validator: { validate: isCurrency, defaultMessage: () => CURRENCY_RULE },
  });
}
