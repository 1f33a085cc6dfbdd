import { ApiProperty } from '@nestjs/swagger';
import { ERROR_CODES } from '../../../platform/errors';
import { FINDING_CODES } from '../../finding-kinds';
import {
  Count,
  CountOrNull,
  EnvironmentName,
  Id,
  MerchantName,
  OneOf,
  ProviderName,
  Text,
  TextOrNull,
  Texts,
  Time,
  TimeOrNull,
} from './fields';
import { AdminIntegrationDto } from './integration-answers.dto';

export class SignedInDto {
  @Text({ description: 'The token’s subject.', example: 'jo@example.com' }) id: string;
  @Texts({ example: ['operator'] }) roles: string[];
}

/** What an event `runs` of the live stream lists. */
export class LiveRunDto {
  @Id() runId: string;
  @Id() integrationId: string;
  @MerchantName() merchantName: string | null;
  @ProviderName() provider: string;
  @EnvironmentName() environment: string;
  @Text({ example: 'scheduled' }) trigger: string;
  @OneOf(['queued', 'running']) state: 'queued' | 'running';
  @TextOrNull({ description: 'What a queued run waits for.', example: 'provider_outage' }) waitReason: string | null;
  @Time() since: Date;
  @TextOrNull({ description: 'What it is reading.', example: 'invoices' }) resourceType: string | null;
  @Count() fetched: number;
  @Count() changed: number;
  @Count() resourcesDone: number;
  @Count() resources: number;
}

export class IncidentDto {
  @Id() id: string;
  @ProviderName() provider: string;
  @EnvironmentName() environment: string;
  @Time() openedAt: Date;
  @TimeOrNull({ description: 'null: it goes on.' }) closedAt: Date | null;
  @TimeOrNull({ description: 'When the next run may try; open incidents only.' }) retryAt: Date | null;
  @Count({ description: 'Active integrations of this provider and environment.' }) integrations: number;
}

export class HeadlineDto {
  @OneOf(['ok', 'critical', 'warning', 'info']) level: string;
  @Text({ example: 'Everything is in step' }) text: string;
}

export class FindingDto {
  @OneOf(FINDING_CODES) code: string;
  @OneOf(['critical', 'warning', 'info']) severity: string;
  @Text() title: string;
  @TimeOrNull() since: string | null;
  @Count() count: number;
  @Texts({ description: 'Three names at most.' }) merchants: string[];
  @Text({ description: 'What to do.' }) next: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    description: 'Query of the integrations list that shows them, or of the list that its `list` names.',
  })
  filter: Record<string, string> | null;
}

export class OverviewCountsDto {
  @Count() active: number;
  @Count() inactive: number;
  @Count() healthy: number;
  @Count() degraded: number;
  @Count() paused: number;
  @Count() operatorPaused: number;
  @Count() switchedOff: number;
  @Count() syncing: number;
}

export class LatenessBucketDto {
  @CountOrNull({ description: 'null: anything above the bound before.' }) upToMinutes: number | null;
  @Count() count: number;
}

export class HourOfRunsDto {
  @Time() hour: Date;
  @Count() succeeded: number;
  @Count() failed: number;
}

export class HourOfErrorsDto {
  @Time() hour: Date;
  @OneOf(ERROR_CODES) errorCode: string;
  @Count() count: number;
}

export class OverviewDto {
  @Time() generatedAt: Date;
  @ApiProperty({ type: HeadlineDto }) headline: HeadlineDto;
  @ApiProperty({ type: [FindingDto], description: 'Worst first.' }) findings: FindingDto[];
  @ApiProperty({ type: OverviewCountsDto }) counts: OverviewCountsDto;
  @ApiProperty({ type: [LatenessBucketDto] }) lateness: LatenessBucketDto[];
  @ApiProperty({ type: [HourOfRunsDto], description: 'Of the last 24 hours, oldest first.' })
  runsByHour: HourOfRunsDto[];
  @ApiProperty({ type: [HourOfErrorsDto] }) errorsByHour: HourOfErrorsDto[];
  @ApiProperty({ type: [IncidentDto], description: 'Open ones first, twenty at most.' }) incidents: IncidentDto[];
  @ApiProperty({ type: [AdminIntegrationDto], description: 'What most needs a person, worst first.' })
  attention: AdminIntegrationDto[];
}
