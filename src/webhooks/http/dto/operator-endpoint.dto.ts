import { ApiProperty } from '@nestjs/swagger';
import { ENVIRONMENTS } from '../../../platform/http';
import { EndpointDto } from './webhook-endpoint.dto';

const COUNT = { type: 'integer', minimum: 0, example: 0 } as const;

/** An endpoint as the internal team sees it: whose it is, and how far it has come. */
export class OperatorEndpointDto extends EndpointDto {
  @ApiProperty({ format: 'uuid' })
  merchantId: string;

  @ApiProperty({ enum: ENVIRONMENTS })
  environment: string;

  @ApiProperty({ ...COUNT, description: 'Every event up to this position of the log has an outcome.' })
  position: number;

  @ApiProperty({ ...COUNT, description: 'The last position of the log.' })
  head: number;

  @ApiProperty({ ...COUNT, description: 'Positions between both. The filters may leave some of them out.' })
  behind: number;

  @ApiProperty({ ...COUNT, description: 'Positions that were removed from the log before the endpoint came to them.' })
  missedEvents: number;

  @ApiProperty({ ...COUNT, description: 'Replays that are under way.' })
  replays: number;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Of the last try, while tries fail.' })
  lastError: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Since when its events cannot be signed, because key management is away or its key is missing.',
  })
  unsignedSince: string | null;
}
