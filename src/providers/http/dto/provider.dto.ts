import { ApiProperty } from '@nestjs/swagger';
import { BUILT_IN_IDS } from '../../catalogue';
import { RESOURCE_TYPES } from '../../records';

class CapabilitiesDto {
  @ApiProperty({ description: 'Its payment methods can be listed.' })
  paymentMethods: boolean;

  @ApiProperty({ description: 'Paid payments can be pushed to it.' })
  pushPayments: boolean;

  @ApiProperty({ description: 'It has packages or memberships.' })
  packages: boolean;
}

export class ProviderDto {
  @ApiProperty({ enum: BUILT_IN_IDS, example: 'practicehub' })
  id: string;

  @ApiProperty({ example: 'PracticeHub' })
  name: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'JSON Schema of `credentials`.',
    example: { type: 'object', required: ['apiKey', 'baseUrl'] },
  })
  credentialSchema: Readonly<Record<string, unknown>>;

  @ApiProperty({ type: 'integer', example: 60 })
  defaultIntervalMinutes: number;

  @ApiProperty({ type: 'integer', example: 5 })
  minimumIntervalMinutes: number;

  @ApiProperty({ enum: RESOURCE_TYPES, isArray: true, example: ['customers', 'invoices'] })
  resources: readonly string[];

  @ApiProperty({ type: () => CapabilitiesDto })
  capabilities: CapabilitiesDto;

  @ApiProperty({ format: 'uri', example: 'https://practicehub.io' })
  docsUrl: string;
}

export class ProviderListDto {
  @ApiProperty({ type: () => [ProviderDto] })
  data: ProviderDto[];
}

export class ProviderAnswerDto {
  @ApiProperty({ type: () => ProviderDto })
  data: ProviderDto;
}
