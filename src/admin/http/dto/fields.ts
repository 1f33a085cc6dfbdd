import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ENVIRONMENTS } from '../../../platform/http';
import { BUILT_IN_IDS } from '../../../providers';

type Options = { description?: string; example?: unknown };

/** The members that answers of the admin API are made of; each says its shape to the OpenAPI document. */
export const Text = (options: Options = {}): PropertyDecorator => ApiProperty({ type: String, ...options });
export const TextOrNull = (options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: String, nullable: true, ...options });
export const Id = (options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: String, format: 'uuid', ...options });
export const IdOrNull = (options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: String, format: 'uuid', nullable: true, ...options });
export const Time = (options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: String, format: 'date-time', ...options });
export const TimeOrNull = (options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: String, format: 'date-time', nullable: true, ...options });
export const Count = (options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: 'integer', minimum: 0, ...options });
export const Whole = (options: Options = {}): PropertyDecorator => ApiProperty({ type: 'integer', ...options });
export const CountOrNull = (options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: 'integer', minimum: 0, nullable: true, ...options });
export const Flag = (options: Options = {}): PropertyDecorator => ApiProperty({ type: Boolean, ...options });
export const OneOf = (values: readonly string[], options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: String, enum: [...values], ...options } as ApiPropertyOptions);
export const OneOfOrNull = (values: readonly string[], options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: String, enum: [...values], nullable: true, ...options } as ApiPropertyOptions);
export const Texts = (options: Options = {}): PropertyDecorator => ApiProperty({ type: [String], ...options });
export const Anything = (options: Options = {}): PropertyDecorator =>
  ApiProperty({ type: 'object', additionalProperties: true, ...options });

export const ProviderName = (): PropertyDecorator => OneOf(BUILT_IN_IDS);
export const EnvironmentName = (): PropertyDecorator => OneOf(ENVIRONMENTS);
export const MerchantName = (): PropertyDecorator =>
  TextOrNull({ example: 'Harbour Clinic', description: 'null: the merchant is gone.' });
