import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID, ValidateIf } from 'class-validator';
import { EVENT_TYPES, type EventType } from '../../../events';
import { NEXT_ACTIONS } from '../../../platform/errors';
import { IsTimestamp, listQueryOf, QueryUuid } from '../../../platform/http';
import { NEXT_STEPS } from '../../endpoint';

const time = { type: String, format: 'date-time', nullable: true } as const;
const IfGiven = (): PropertyDecorator => ValidateIf((_body, value) => value !== undefined);

export class AttemptQueryDto extends listQueryOf(100) {
  @QueryUuid()
  eventId?: string;
}

export class AttemptDto {
  @ApiProperty({ format: 'uuid', description: 'The `webhook-id`; of a test, an id that is no event’s.' })
  eventId: string;

  @ApiProperty({ enum: EVENT_TYPES, example: 'sync.completed' })
  eventType: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 1 })
  attempt: number;

  @ApiProperty({ format: 'date-time' })
  attemptedAt: string;

  @ApiProperty({ type: 'integer', minimum: 0, example: 84 })
  durationMs: number;

  @ApiProperty({ type: 'integer', nullable: true, example: 200, description: 'null: there was no answer.' })
  status: number | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'null: the event was taken.' })
  error: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'ok',
    description: 'The first kilobyte of the answer, masked.',
  })
  answer: string | null;

  @ApiProperty({
    enum: NEXT_STEPS,
    example: 'none',
    description: 'What follows: `parked` was the last try, `disabled` switched the endpoint off.',
  })
  nextAction: string;

  @ApiProperty({ ...time, example: null })
  nextAttemptAt: string | null;
}

export class AttemptPageDto {
  @ApiProperty({ type: () => [AttemptDto] })
  data: AttemptDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The `cursor` of older ones; null: there are none.',
    example: null,
  })
  nextCursor: string | null;

  @ApiProperty({ example: false })
  hasMore: boolean;
}

export class TestEndpointDto {
  @IfGiven()
  @IsIn(EVENT_TYPES)
  @ApiPropertyOptional({ enum: EVENT_TYPES, default: 'sync.completed', example: 'sync.completed' })
  type?: EventType;
}

export class AttemptAnswerDto {
  @ApiProperty({ enum: [true], example: true })
  success: true;

  @ApiProperty({ type: () => AttemptDto })
  data: AttemptDto;
}

export class ReplayDto {
  @IfGiven()
  @IsUUID('all', { message: 'must be a UUID' })
  @ApiPropertyOptional({
    format: 'uuid',
    description: 'One event, also one that was given up. Without `from` and `to`.',
  })
  eventId?: string;

  @IsOptional()
  @IsTimestamp()
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Events from this time on. Must be there where there is no `eventId`.',
  })
  from?: string | null;

  @IsOptional()
  @IsTimestamp()
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Events before this time; null or left out: all up to now.',
  })
  to?: string | null;
}

class ReplayedDto {
  @ApiProperty({ type: 'integer', minimum: 0, example: 12, description: 'Events that are sent once more.' })
  events: number;
}

export class ReplayAnswerDto {
  @ApiProperty({ enum: [true], example: true })
  success: true;

  @ApiProperty({ type: () => ReplayedDto })
  data: ReplayedDto;
}

class EndpointReasonDto {
  @ApiProperty({ example: 'up_to_date' })
  code: string;

  @ApiProperty({ example: 'Everything was delivered.' })
  message: string;

  @ApiProperty({ ...time, example: null })
  since: string | null;

  @ApiProperty({ enum: NEXT_ACTIONS, example: 'none' })
  nextAction: string;
}

export class EndpointExplanationDto {
  @ApiProperty({ example: true, description: 'What happens now is sent without anybody doing anything.' })
  willDeliver: boolean;

  @ApiProperty({ type: () => [EndpointReasonDto] })
  reasons: EndpointReasonDto[];
}

export class EndpointExplanationAnswerDto {
  @ApiProperty({ type: () => EndpointExplanationDto })
  data: EndpointExplanationDto;
}
