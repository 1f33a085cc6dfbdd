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
import { PROVIDER_IDS } from '../../../providers';
import { DISABLED_REASONS, ORDERINGS, type DisabledReason, type Ordering } from '../../endpoint';

const MAX_URL_LENGTH = 2_048;
const MAX_DESCRIPTION_LENGTH = 255;
const MAX_INTEGRATIONS = 100;
const MAX_RATE = 1_000;

/** May be left out, and must not be null. */
const IfGiven = (): PropertyDecorator => ValidateIf((_body, value) => value !== undefined);

const URL = {
  type: 'string',
  format: 'uri',
  minLength: 1,
  maxLength: MAX_URL_LENGTH,
  example: 'https://billing.example.com/hooks/interlock',
  description: 'An https URL of a public host. Redirects are not followed.',
} as const;
const DESCRIPTION = { type: 'string', nullable: true, maxLength: MAX_DESCRIPTION_LENGTH, example: 'Billing' } as const;
const TYPES = {
  type: 'array' as const,
  nullable: true,
  items: { type: 'string', enum: [...EVENT_TYPES] as string[] },
  minItems: 1,
  uniqueItems: true,
  example: ['sync.completed', 'records.changed'],
  description: 'null: all types, also those that are to come.',
};
const PROVIDERS = {
  type: 'array' as const,
  nullable: true,
  items: { type: 'string', enum: [...PROVIDER_IDS] as string[] },
  minItems: 1,
  uniqueItems: true,
  example: PROVIDER_IDS.slice(0, 1),
  description: 'null: all. With a list, events that are about no provider are left out.',
};
const INTEGRATIONS = {
  type: 'array' as const,
  nullable: true,
  items: { type: 'string', format: 'uuid' },
  minItems: 1,
  maxItems: MAX_INTEGRATIONS,
  uniqueItems: true,
  example: ['7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55'],
  description: 'null: all. With a list, events that are about no integration are left out.',
};
const INCLUDE_DATA = {
  type: 'boolean',
  example: false,
  description:
    '`records.changed` comes with the records, newest versions, as many as fit into 20 kB; `hasMoreRecords` says that there are more.',
} as const;
const ORDERING = {
  enum: ORDERINGS,
  example: 'parallel',
  description:
    '`strict`: an event of an integration is sent when the one before was taken, or given up. `parallel`: several at a time, and later ones go on while one is tried again.',
} as const;
const RATE = {
  type: 'integer',
  nullable: true,
  minimum: 1,
  maximum: MAX_RATE,
  example: 50,
  description: 'Deliveries a second; null: no limit.',
} as const;
const MIRRORED = {
  type: 'boolean',
  example: true,
  description: 'Whether `X-RevKeen-Signature` is sent beside the headers of Standard Webhooks.',
} as const;

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
  @ApiPropertyOptional(DESCRIPTION)
  description?: string | null;

  @IsListOf(EVENT_TYPES)
  @ApiPropertyOptional(TYPES)
  eventTypes?: EventType[] | null;

  @IsListOf(PROVIDER_IDS)
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

export class EndpointDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty(URL)
  url: string;

  @ApiProperty(DESCRIPTION)
  description: string | null;

  @ApiProperty(TYPES)
  eventTypes: string[] | null;

  @ApiProperty(PROVIDERS)
  providers: string[] | null;

  @ApiProperty(INTEGRATIONS)
  integrationIds: string[] | null;

  @ApiProperty(INCLUDE_DATA)
  includeData: boolean;

  @ApiProperty(ORDERING)
  ordering: Ordering;

  @ApiProperty(RATE)
  ratePerSecond: number | null;

  @ApiProperty(MIRRORED)
  mirroredSignature: boolean;

  @ApiProperty({
    example: 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
    description: 'Verifies the `v1a` signatures.',
  })
  publicKey: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the secret that was replaced signs too.',
  })
  previousSecretExpiresAt: string | null;

  @ApiProperty({ example: true })
  enabled: boolean;

  @ApiProperty({ type: String, enum: [...DISABLED_REASONS, null], nullable: true, example: null })
  disabledReason: DisabledReason | null;

  @ApiProperty({
    enum: ['healthy', 'degraded', 'disabled'],
    example: 'healthy',
    description: '`degraded`: the last five tries failed.',
  })
  status: string;

  @ApiProperty({ type: 'integer', minimum: 0, example: 0, description: 'Failed tries since the last success.' })
  consecutiveFailures: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  failingSince: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastSuccessAt: string | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description: 'Events that are tried again, or wait behind one that is.',
  })
  heldEvents: number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description: 'Events that were given up after their last try.',
  })
  parkedEvents: number;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

const SECRET = {
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  description: 'Shown once, here. Verifies the `v1` signatures and `X-RevKeen-Signature`.',
} as const;

export class IssuedEndpointDto extends EndpointDto {
  @ApiProperty(SECRET)
  secret: string;
}

export class EndpointAnswerDto {
  @ApiProperty({ enum: [true], example: true })
  success: true;

  @ApiProperty({ type: () => EndpointDto })
  data: EndpointDto;
}

export class IssuedEndpointAnswerDto {
  @ApiProperty({ enum: [true], example: true })
  success: true;

  @ApiProperty({ type: () => IssuedEndpointDto })
  data: IssuedEndpointDto;
}

export class EndpointListDto {
  @ApiProperty({ type: () => [EndpointDto], maxItems: 50 })
  data: EndpointDto[];
}

export class DeletedEndpointDto {
  @ApiProperty({ enum: [true], example: true })
  success: true;
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

class RotatedSecretDto {
  @ApiProperty(SECRET)
  secret: string;

  @ApiProperty({ example: 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' })
  publicKey: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  previousSecretExpiresAt: string | null;
}

export class RotatedSecretAnswerDto {
  @ApiProperty({ enum: [true], example: true })
  success: true;

  @ApiProperty({ type: () => RotatedSecretDto })
  data: RotatedSecretDto;
}
