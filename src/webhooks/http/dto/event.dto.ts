import { ApiProperty } from '@nestjs/swagger';
import { EVENT_TYPES } from '../../../events';
import { QueryOneOf, QueryText, QueryUuid, QueryWhole } from '../../../platform/http';
import { BUILT_IN_IDS, QueryProvider } from '../../../providers';

export class EventQueryDto {
  @QueryText({ description: 'Left out: from the oldest that is kept.' })
  cursor?: string;

  @QueryWhole({ fallback: 100, min: 1, max: 200 })
  limit: number = 100;

  @QueryOneOf(EVENT_TYPES)
  type?: string;

  @QueryProvider()
  provider?: string;

  @QueryUuid()
  integrationId?: string;
}

export class EventDto {
  @ApiProperty({ format: 'uuid', description: 'The `webhook-id` of its deliveries.' })
  id: string;

  @ApiProperty({ enum: EVENT_TYPES, example: 'sync.completed' })
  type: string;

  @ApiProperty({ format: 'date-time' })
  timestamp: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: it is about no integration.' })
  integrationId: string | null;

  @ApiProperty({ type: String, enum: [...BUILT_IN_IDS, null], nullable: true, example: 'practicehub' })
  provider: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'By type: see the webhooks of this document.',
  })
  data: Record<string, unknown>;
}

export class EventPageDto {
  @ApiProperty({ type: () => [EventDto] })
  data: EventDto[];

  @ApiProperty({ description: 'Keep it and come back with it: also on the last page.', example: 'ZTEuMS4xMjA' })
  nextCursor: string;

  @ApiProperty({ example: false })
  hasMore: boolean;
}

export class EventAnswerDto {
  @ApiProperty({ type: () => EventDto })
  data: EventDto;
}
