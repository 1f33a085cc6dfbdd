import { ApiProperty } from '@nestjs/swagger';
import { DISABLED_REASONS, type DisabledReason, type Ordering } from '../../endpoint';
import {
  ENDPOINT_DESCRIPTION,
  INCLUDE_DATA,
  INTEGRATIONS,
  MIRRORED,
  ORDERING,
  PROVIDERS,
  RATE,
  TYPES,
  URL,
} from './endpoint-fields';

export class EndpointDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty(URL)
  url: string;

  @ApiProperty(ENDPOINT_DESCRIPTION)
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
