import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsUUID, ValidateIf } from 'class-validator';
import { EVENT_TYPES, type EventType } from '../../../events';
import { AsUnset, IsTimestamp } from '../../../platform/http';
import { OperatorEndpointDto } from '../../../webhooks';
import { ReasonDto } from './admin-bodies.dto';
import { Count, Id, Text, TextOrNull, Time, TimeOrNull } from './fields';

const LeftOut = (): PropertyDecorator => ValidateIf((_body, value) => value !== undefined);
const EVENT = { format: 'uuid', description: 'One event. Without `from` and `to`.' };
const FROM = {
  format: 'date-time',
  description: 'Events from this time on. Must be there where there is no `eventId`.',
};
const TO = { format: 'date-time', description: 'Events before this time; left out: all up to now.' };

export class AdminWebhookEndpointDto extends OperatorEndpointDto {
  @Text({ example: 'Harbour Clinic' }) merchantName: string;
}

export class GivenUpEventDto {
  @Id({ description: 'Replay it by this id.' }) eventId: string;
  @TextOrNull({ example: 'sync.completed', description: 'null: the event is no longer kept, and cannot be replayed.' })
  eventType: string | null;
  @TimeOrNull({ description: 'When it happened; null as above.' }) occurredAt: string | null;
  @Count({ description: 'Tries that were made.' }) attempts: number;
  @Time({ description: 'When its first try failed.' }) heldAt: string;
  @TextOrNull({ description: 'What the last try found; null: it is no longer kept.' }) lastError: string | null;
}

export class TestWebhookEndpointDto extends ReasonDto {
  @ApiPropertyOptional({ enum: EVENT_TYPES, default: 'sync.completed' })
  @LeftOut()
  @IsIn(EVENT_TYPES)
  type?: EventType;
}

export class SwitchWebhookEndpointDto extends ReasonDto {
  @ApiProperty({ description: '`true`: it goes on where it stands. `false`: nothing is sent.' })
  @IsBoolean()
  enabled: boolean;
}

export class ReplayWebhookEventsDto extends ReasonDto {
  @ApiPropertyOptional(EVENT)
  @LeftOut()
  @IsUUID('all', { message: 'must be a UUID' })
  eventId?: string;

  @ApiPropertyOptional({ ...FROM, type: String, nullable: true, example: null })
  @IsOptional()
  @IsTimestamp()
  from?: string | null;

  @ApiPropertyOptional({ ...TO, type: String, nullable: true, example: null })
  @IsOptional()
  @IsTimestamp()
  to?: string | null;
}

export class ReplayPreviewQueryDto {
  @ApiPropertyOptional(EVENT)
  @IsOptional()
  @IsUUID('all', { message: 'must be a UUID' })
  @AsUnset()
  eventId?: string;

  @ApiPropertyOptional(FROM)
  @IsOptional()
  @IsTimestamp()
  @AsUnset()
  from?: string;

  @ApiPropertyOptional(TO)
  @IsOptional()
  @IsTimestamp()
  @AsUnset()
  to?: string;
}

export class ReplayPreviewDto {
  @Count({ description: 'Events that the endpoint’s filters let pass.' }) events: number;
  @Count({ description: 'The first position of the log that is looked at.' }) fromPosition: number;
  @Count({ description: 'The last one; less than the first: there is nothing.' }) toPosition: number;
}

export class ReplayedWebhookEventsDto {
  @Count({ description: 'Events that are sent once more.' }) events: number;
}
