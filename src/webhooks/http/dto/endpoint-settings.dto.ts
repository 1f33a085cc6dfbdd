import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { EVENT_TYPES, type EventType } from '../../../events';
import { AreProviders } from '../../../providers';
import { ORDERINGS, type Ordering } from '../../endpoint';
import {
  ENDPOINT_DESCRIPTION,
  INCLUDE_DATA,
  INTEGRATIONS,
  MAX_DESCRIPTION_LENGTH,
  MAX_INTEGRATIONS,
  MAX_RATE,
  MAX_URL_LENGTH,
  MIRRORED,
  ORDERING,
  PROVIDERS,
  RATE,
  TYPES,
  URL,
} from './endpoint-fields';

/** May be left out, and must not be null. */
const IfGiven = (): PropertyDecorator => ValidateIf((_body, value) => value !== undefined);

const IsUrlText = (): PropertyDecorator => applyDecorators(IsString(), MinLength(1), MaxLength(MAX_URL_LENGTH));
const IsListOf = (allowed: readonly string[]): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(allowed.length),
    ArrayUnique(),
    IsIn(allowed, { each: true }),
  );

/** What may be set at any time. */
class EndpointSettingsDto {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION_LENGTH)
  @ApiPropertyOptional(ENDPOINT_DESCRIPTION)
  description?: string | null;

  @IsListOf(EVENT_TYPES)
  @ApiPropertyOptional(TYPES)
  eventTypes?: EventType[] | null;

  @AreProviders()
  @ApiPropertyOptional(PROVIDERS)
  providers?: string[] | null;

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_INTEGRATIONS)
  @ArrayUnique()
  @IsUUID('all', { each: true, message: 'must be a UUID' })
  @ApiPropertyOptional(INTEGRATIONS)
  integrationIds?: string[] | null;

  @IfGiven()
  @IsBoolean()
  @ApiPropertyOptional({ ...INCLUDE_DATA, default: false })
  includeData?: boolean;

  @IfGiven()
  @IsIn(ORDERINGS)
  @ApiPropertyOptional({ ...ORDERING, default: 'parallel' })
  ordering?: Ordering;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  @ApiPropertyOptional(RATE)
  ratePerSecond?: number | null;

  @IfGiven()
  @IsBoolean()
  @ApiPropertyOptional({ ...MIRRORED, default: true })
  mirroredSignature?: boolean;
}

export class CreateEndpointDto extends EndpointSettingsDto {
  @IsUrlText()
  @ApiProperty(URL)
  url: string;
}

export class UpdateEndpointDto extends EndpointSettingsDto {
  @IfGiven()
  @IsUrlText()
  @ApiPropertyOptional(URL)
  url?: string;

  @IfGiven()
  @IsBoolean()
  @ApiPropertyOptional({
    type: 'boolean',
    example: true,
    description: '`false`: nothing is sent. `true`: it goes on where it stands, so that nothing is lost.',
  })
  enabled?: boolean;
}

export class RotateEndpointSecretDto {
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(604_800)
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 604_800,
    default: 86_400,
    description: 'How long the old secret signs too. 0: not at all.',
  })
  overlapSeconds?: number;
}
