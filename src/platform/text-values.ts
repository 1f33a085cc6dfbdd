import { Transform } from 'class-transformer';

/**
 * How values that arrive as text, in a query or an environment, are read: `''` is unset, and what fits no rule is left
 * for the validator.
 */
export const AsUnset = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => read(value, (text) => text));

export const AsWhole = (): PropertyDecorator => Transform(({ value }: { value: unknown }) => read(value, numberIn));

export const AsFlag = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    read(value, (text) => {
      if (text === 'true' || text === '1') return true;
      return text === 'false' || text === '0' ? false : text;
    }),
  );

/** A number where the text is a whole one: `1e3` and `0x10` are not. */
export function numberIn(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function read(value: unknown, of: (text: string) => unknown): unknown {
  if (value === '') return undefined;
  return typeof value === 'string' ? of(value) : value;
}
