import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, MaxLength, ValidateBy } from 'class-validator';
import { AsUnset, numberIn } from '../../text-values';
import { TIMESTAMP_RULE } from './is-timestamp.decorator';
import { parseTimestamp } from './timestamp';
import { isUuid } from './uuid';

const MAX_TEXT_LENGTH = 1024;

interface Described {
  readonly description?: string;
  readonly example?: string;
}

export interface WholeRange {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The parameters of a query: each decorator validates one, and is its document. An empty parameter counts as left out.
 */

/** A whole number; one above the maximum is clamped. The property starts with the fallback. */
export function QueryWhole(range: WholeRange, { description = 'A larger one is clamped.' }: Described = {}) {
  const { fallback, min, max } = range;
  const shown = { minimum: min, ...(max < Number.MAX_SAFE_INTEGER && { maximum: max }), default: fallback };
  return applyDecorators(
    ApiPropertyOptional({ type: 'integer', ...shown, ...(shown.maximum !== undefined && { description }) }),
    Transform(({ value }: { value: unknown }) => {
      if (value === '' || value === undefined) return fallback;
      const number = typeof value === 'string' ? numberIn(value) : value;
      return typeof number === 'number' ? Math.min(number, max) : number;
    }),
    ValidateBy({
      name: 'queryWhole',
      validator: {
        validate: (value: unknown) => Number.isInteger(value) && (value as number) >= min,
        defaultMessage: () => `must be a whole number from ${min} to ${max}`,
      },
    }),
  );
}

/** One text; what cannot be stored is refused before. */
export function QueryText(shown: Described = {}) {
  return applyDecorators(
    ApiPropertyOptional({ type: String, ...shown }),
    IsOptional(),
    MaxLength(MAX_TEXT_LENGTH, {
      message: `must be one text of at most ${MAX_TEXT_LENGTH} characters, without control characters`,
    }),
    AsUnset(),
  );
}

export function QueryUuid(shown: Described & { readonly required?: boolean } = {}) {
  const { required = false, ...rest } = shown;
  return applyDecorators(
    ApiProperty({ type: String, format: 'uuid', ...rest, required }),
    ...(required ? [] : [IsOptional()]),
    ValidateBy({ name: 'queryUuid', validator: { validate: isUuid, defaultMessage: () => 'must be a UUID' } }),
    AsUnset(),
  );
}

export function QueryOneOf(values: readonly string[], shown: Described = {}) {
  return applyDecorators(
    ApiPropertyOptional({ enum: [...values], ...shown }),
    IsOptional(),
    IsIn(values, { message: `must be one of ${values.join(', ')}` }),
    AsUnset(),
  );
}

/** `true` or `false`. The property starts with the fallback. */
export function QueryFlag(fallback: boolean, shown: Described = {}) {
  const words: Readonly<Record<string, boolean>> = { true: true, false: false, '': fallback };
  return applyDecorators(
    ApiPropertyOptional({ type: String, enum: ['true', 'false'], default: String(fallback), ...shown }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (words[value] ?? value) : value)),
    ValidateBy({
      name: 'queryFlag',
      validator: {
        validate: (value: unknown) => typeof value === 'boolean',
        defaultMessage: () => 'must be one of true, false',
      },
    }),
  );
}

/** A time; UTC where no zone is named. */
export function QueryTime(shown: Described = {}) {
  return applyDecorators(
    ApiPropertyOptional({ type: String, format: 'date-time', ...shown }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => {
      if (typeof value !== 'string') return value;
      return value === '' ? undefined : (parseTimestamp(value) ?? value);
    }),
    ValidateBy({
      name: 'queryTime',
      validator: { validate: (value: unknown) => value instanceof Date, defaultMessage: () => TIMESTAMP_RULE },
    }),
  );
}
