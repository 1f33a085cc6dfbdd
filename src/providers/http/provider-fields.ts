import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsOptional, IsString, MaxLength } from 'class-validator';
import { AsUnset } from '../../platform/http';
import { BUILT_IN_IDS } from '../catalogue';

const NAMES_PROVIDERS = Symbol('members that name providers');
const MAX_ID_LENGTH = 32;
const MAX_PROVIDERS = 100;

/** Which providers there are is asked of the application that takes the request: `ProviderNames`. */
const NamesProviders =
  (): PropertyDecorator =>
  (prototype, member): void =>
    Reflect.defineMetadata(NAMES_PROVIDERS, [...membersThatNameProviders(prototype), String(member)], prototype);

/** Of a class and of those that it extends. */
export function membersThatNameProviders(prototype: object): readonly string[] {
  return (Reflect.getMetadata(NAMES_PROVIDERS, prototype) as readonly string[] | undefined) ?? [];
}

/** A member that may be left out and names one provider that is served. The document lists the built-in ones. */
export const QueryProvider = (shown: { readonly description?: string } = {}): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ enum: BUILT_IN_IDS, ...shown }),
    IsOptional(),
    IsString(),
    MaxLength(MAX_ID_LENGTH),
    AsUnset(),
    NamesProviders(),
  );

/** A list of them, without one twice; null: none is named. */
export const AreProviders = (): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(MAX_PROVIDERS),
    ArrayUnique(),
    IsString({ each: true }),
    MaxLength(MAX_ID_LENGTH, { each: true }),
    NamesProviders(),
  );
