import { ApiProperty } from '@nestjs/swagger';
import { NEXT_ACTIONS, PUBLIC_ERROR_CODES } from '../../../platform/errors';
import { SYNC_WORDS } from '../../../sync';
import { CONDITIONS } from '../../conditions';
import {
  Anything,
  Count,
  CountOrNull,
  EnvironmentName,
  Flag,
  Id,
  MerchantName,
  OneOf,
  OneOfOrNull,
  ProviderName,
  Text,
  TextOrNull,
  Time,
  TimeOrNull,
} from './fields';

const BREAKERS = ['closed', 'open', 'half_open'];
const CAUSES = ['failures', 'auth'];

export class AdminIntegrationDto {
  @Id() id: string;
  @Id() merchantId: string;
  @MerchantName() merchantName: string | null;
  @EnvironmentName() environment: string;
  @ProviderName() provider: string;
  @OneOf(['active', 'inactive']) state: string;
  @OneOf(SYNC_WORDS.statuses) status: string;
  @OneOfOrNull(SYNC_WORDS.healths, { description: 'null while it is not active.' }) health: string | null;
  @OneOf(CONDITIONS, { description: 'What it is in; counts of the overview are by it.' }) condition: string;
  @Flag() operatorPaused: boolean;
  @TimeOrNull({ description: 'Since when; null: no operator has paused it.' }) operatorPausedAt: Date | null;
  @TextOrNull({ description: 'Of the operator who paused it.' }) pauseReason: string | null;
  @Flag({ description: 'The merchant has switched its sync off.' }) toggledOff: boolean;
  @TimeOrNull({ description: 'Since when; null: it is on.' }) toggledOffAt: Date | null;
  @OneOf(BREAKERS) breaker: string;
  @OneOfOrNull(CAUSES) breakerCause: string | null;
  @TimeOrNull() breakerOpenedAt: Date | null;
  @TimeOrNull({ description: 'When it tries once by itself.' }) probeAt: Date | null;
  @Count() consecutiveErrors: number;
  @TimeOrNull({ description: 'End of the last run that succeeded.' }) lastSyncAt: Date | null;
  @TimeOrNull() lastErrorAt: Date | null;
  @TextOrNull() lastError: string | null;
  @OneOfOrNull(PUBLIC_ERROR_CODES) lastErrorCode: string | null;
  @TimeOrNull({ description: 'Since when it has failed without a success in between.' }) lastErrorSince: Date | null;
  @CountOrNull() intervalMinutes: number | null;
  @TimeOrNull({
    description:
      'When the next run starts, as `explain` says it: the queued one, the schedule or the probe of an open breaker; null: none is.',
  })
  nextDueAt: Date | null;
  @CountOrNull({ description: 'How far the last good sync lies behind its interval; null while it is not active.' })
  latenessMs: number | null;
  @TimeOrNull({ description: 'When the credentials end at the provider; null: the provider does not say it.' })
  credentialsExpireAt: Date | null;
  @TimeOrNull({
    description: 'Since when a run of it, a push of payments too, waits for a rate limit; null: none does.',
  })
  limitedSince: Date | null;
  @TimeOrNull({ description: 'When the first of these runs may go on.' }) limitedUntil: Date | null;
  @Time() createdAt: Date;
  @Anything({ description: 'Its settings; of the credential the last four characters at most.' })
  configuration: Record<string, unknown>;
}

export class ResourceTotalDto {
  @Text({ example: 'customers' }) resourceType: string;
  @Count() live: number;
  @Count() deleted: number;
  @TimeOrNull() lastChangeAt: Date | null;
}

export class AdminIntegrationWithRecordsDto extends AdminIntegrationDto {
  @ApiProperty({ type: [ResourceTotalDto] }) records: ResourceTotalDto[];
}

export class RunStartedDto {
  @Id({ description: 'The run.' }) runId: string;
}

export class ResumedIntegrationDto extends AdminIntegrationDto {
  @Id({ description: 'The run that it starts with.' }) runId: string;
}

export class ExplainReasonAdminDto {
  @Text({ example: 'credentials_rejected' }) code: string;
  @Text() message: string;
  @TimeOrNull() since: string | null;
  @OneOf(NEXT_ACTIONS) nextAction: string;
}

export class AdminExplanationDto {
  @Flag() willRun: boolean;
  @TimeOrNull() nextExpectedStart: string | null;
  @ApiProperty({ type: [ExplainReasonAdminDto], description: 'The true one first.' })
  reasons: ExplainReasonAdminDto[];
}

export class DayOfResourceDto {
  @ApiProperty({ type: String, format: 'date', example: '2099-05-01' }) day: string;
  @Text({ example: 'customers' }) resourceType: string;
  @Count() created: number;
  @Count() updated: number;
  @Count() unchanged: number;
  @Count() deleted: number;
  @Count() quarantined: number;
  @Count({ description: 'Runs that failed on it.' }) failed: number;
}

export class QuarantinedRowDto {
  @Id() id: string;
  @Id() integrationId: string;
  @MerchantName() merchantName: string | null;
  @EnvironmentName() environment: string;
  @ProviderName() provider: string;
  @Text({ description: 'The list of the provider that it came from.' }) stream: string;
  @TextOrNull({ description: 'null: not even its id could be read.' }) externalId: string | null;
  @Text({ example: 'invoices' }) resourceType: string;
  @Text({ description: 'What was expected and not found; never the value.' }) reason: string;
  @Text({ description: 'Of the field, inside the row.', example: 'lines.0.amount' }) path: string;
  @Id() runId: string;
  @Count() timesSeen: number;
  @Time() firstSeenAt: Date;
  @Time() lastSeenAt: Date;
}
