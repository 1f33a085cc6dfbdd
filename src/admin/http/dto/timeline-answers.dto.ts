import { ApiProperty } from '@nestjs/swagger';
import { NEXT_ACTIONS } from '../../../platform/errors';
import { SYNC_WORDS } from '../../../sync';
import { PLAN_STATES } from '../../store/deletion-plan-list.repository';
import {
  Anything,
  Count,
  CountOrNull,
  Flag,
  Id,
  IdOrNull,
  OneOf,
  OneOfOrNull,
  Text,
  TextOrNull,
  Time,
  TimeOrNull,
} from './fields';

export class RunResourceDto {
  @Text({ example: 'customers' }) resourceType: string;
  @OneOf(['pending', 'syncing', 'success', 'failed', 'skipped']) status: string;
  @Count() fetched: number;
  @Count() created: number;
  @Count() updated: number;
  @Count() unchanged: number;
  @Count() deleted: number;
  @Count() quarantined: number;
  @TextOrNull() errorCode: string | null;
  @TextOrNull() error: string | null;
  @ApiProperty({ enum: SYNC_WORDS.notes, isArray: true }) notes: string[];
  @OneOfOrNull(NEXT_ACTIONS) nextAction: string | null;
}

export class RunDetailsDto {
  @OneOf(['sync', 'push', 'erase']) run: string;
  @Text({ example: 'scheduled' }) trigger: string;
  @OneOf(['waiting', 'queued', 'running', 'succeeded', 'failed', 'cancelled']) state: string;
  @Flag() fullResync: boolean;
  @Flag({ description: 'The one run that may try while the breaker is open.' }) probe: boolean;
  @Count() attempt: number;
  @TimeOrNull() startedAt: string | null;
  @TimeOrNull() finishedAt: string | null;
  @TextOrNull() waitReason: string | null;
  @TextOrNull() errorCode: string | null;
  @TextOrNull() error: string | null;
  @ApiProperty({ type: [RunResourceDto] }) resources: RunResourceDto[];
}

export class AuditDetailsDto {
  @Text({ example: 'integration.paused' }) action: string;
  @Text({ example: 'token' }) actorKind: string;
  @Text() actorId: string;
  @TextOrNull() reason: string | null;
  @TextOrNull() requestId: string | null;
  @Anything() details: Record<string, unknown>;
}

export class BreakerDetailsDto {
  @OneOf(['closed', 'open', 'half_open']) from: string;
  @OneOf(['closed', 'open', 'half_open']) to: string;
  @OneOfOrNull(['failures', 'auth']) cause: string | null;
  @Count() consecutiveErrors: number;
  @TextOrNull() errorCode: string | null;
}

export class ScheduleDetailsDto {
  @Flag() toggledOff: boolean;
  @Flag() operatorPaused: boolean;
  @CountOrNull() intervalMinutes: number | null;
  @Flag({ description: 'Whether it fires at all.' }) fires: boolean;
}

class TimelineEntryDto {
  @Id() id: string;
  @Time() at: string;
}

export class TimelineRunDto extends TimelineEntryDto {
  @OneOf(['run']) kind: 'run';
  @ApiProperty({ type: RunDetailsDto }) details: RunDetailsDto;
}

export class TimelineAuditDto extends TimelineEntryDto {
  @OneOf(['audit']) kind: 'audit';
  @ApiProperty({ type: AuditDetailsDto }) details: AuditDetailsDto;
}

export class TimelineBreakerDto extends TimelineEntryDto {
  @OneOf(['breaker']) kind: 'breaker';
  @ApiProperty({ type: BreakerDetailsDto }) details: BreakerDetailsDto;
}

export class TimelineScheduleDto extends TimelineEntryDto {
  @OneOf(['schedule']) kind: 'schedule';
  @ApiProperty({ type: ScheduleDetailsDto }) details: ScheduleDetailsDto;
}

export class HeldDetailsDto {
  @Text({ example: 'customers' }) resourceType: string;
  @Count({ description: 'How many records the plan names.' }) rows: number;
  @OneOf(PLAN_STATES) state: string;
}

export class TimelineDeletionPlanDto extends TimelineEntryDto {
  @OneOf(['deletion_plan'], { description: 'A scan missed so much that its deletions were held; `id` is of the plan.' })
  kind: 'deletion_plan';
  @ApiProperty({ type: HeldDetailsDto }) details: HeldDetailsDto;
}

export class QuarantineDetailsDto {
  @Text({ example: 'invoices' }) resourceType: string;
  @Count({ description: 'How many of them are in quarantine still.' }) rows: number;
}

export class TimelineQuarantineDto extends TimelineEntryDto {
  @OneOf(['quarantine'], { description: 'Rows of one list that were met first at that time.' }) kind: 'quarantine';
  @ApiProperty({ type: QuarantineDetailsDto }) details: QuarantineDetailsDto;
}

export class EndpointDetailsDto {
  @OneOf(['failing', 'gone']) reason: string;
}

export class TimelineEndpointDto extends TimelineEntryDto {
  @OneOf(['endpoint'], { description: 'A webhook endpoint of the merchant that is switched off; `id` is its own.' })
  kind: 'endpoint';
  @ApiProperty({ type: EndpointDetailsDto }) details: EndpointDetailsDto;
}

export class AuditEntryDto {
  @Id() id: string;
  @Time() at: Date;
  @Text({ example: 'integration.paused' }) action: string;
  @IdOrNull() merchantId: string | null;
  @TextOrNull() merchantName: string | null;
  @OneOfOrNull(['sandbox', 'live']) environment: string | null;
  @OneOf(['api_key', 'token', 'cli', 'run', 'system']) actorKind: string;
  @Text({ description: 'API key id, token subject, or the name that the command line gave.' }) actorId: string;
  @TextOrNull({
    description:
      'The name of an API key, or of an operator as the OpenID provider said it; null: it has none, or is gone.',
    example: 'till',
  })
  actorName: string | null;
  @TextOrNull() requestId: string | null;
  @Text({ example: 'integration' }) subjectType: string;
  @Text() subjectId: string;
  @TextOrNull({
    description: 'The name of a key, an operator or a merchant, the provider of an integration.',
    example: 'practicehub',
  })
  subjectName: string | null;
  @TextOrNull({ description: 'Why, in the words of whoever acted.' }) reason: string | null;
  @Anything() details: Record<string, unknown>;
}
