import { applyDecorators } from '@nestjs/common';
import { IsString, Length, Matches, ValidateBy } from 'class-validator';

// PostgreSQL stores no text with a NUL character; blanks alone are no name
// oxlint-disable-next-line no-control-regex
const NAME_FORM = /^(?=.*\S)[^\u0000]*$/s;

export function IsName(): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(1, 255),
    Matches(NAME_FORM, { message: 'must not be blank and must not contain a NUL character' }),
  );
}

/** For what an answer shows and a change must not name. */
export function IsImmutable(): PropertyDecorator {
  return ValidateBy({
    name: 'isImmutable',
    validator: { validate: (value: unknown) => value === undefined, defaultMessage: () => 'cannot be changed' },
  });
}
