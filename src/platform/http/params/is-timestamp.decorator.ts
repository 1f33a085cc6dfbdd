import { ValidateBy } from 'class-validator';
import { parseTimestamp } from './timestamp';

export const TIMESTAMP_RULE = 'must be an ISO-8601 date and time';

/** The one rule for a time in a body; read it with `parseTimestamp`. */
export function IsTimestamp(): PropertyDecorator {
  return ValidateBy({
    name: 'isTimestamp',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && parseTimestamp(value) !== null,
      defaultMessage: () => TIMESTAMP_RULE,
    },
  });
}
