import { ApiProperty } from '@nestjs/swagger';
import { PUBLIC_ERROR_CODES } from '../../../platform/errors';
import { ENVIRONMENTS } from '../../../platform/http';
import { SUBJECT_LISTS } from '../../finding';
import { FINDING_CODES } from '../../finding-kinds';
import { RUN_KINDS } from '../../store/run-list.repository';
import {
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
  Texts,
  Time,
  TimeOrNull,
  Whole,
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
  @TextOrNull({ description: 'Of the run that failed last with it; open incidents only.' }) lastError: string | null;
  @Count({ description: 'Active integrations of this provider and environment.' }) integrations: number;
  @Texts({ description: 'Whose they are; three names at most.' }) merchants: string[];
  @Count({ description: 'How many merchants they belong to.' }) merchantCount: number;
  @Count({ description: 'Of those integrations, while it is open: degraded by it.' }) degraded: number;
  @Count({ description: 'Of those integrations, while it is open: late because of it.' }) late: number;
}

export class HeadlineDto {
  @OneOf(['ok', 'critical', 'warning', 'info']) level: string;
  @Text({ example: 'Everything is in step' }) text: string;
}

export class AmountDto {
  @Text({ example: 'GBP' }) currency: string;
  @Whole({ description: 'In the smallest unit of the currency.' }) amountMinor: number;
  @Count({ description: 'Of how many rows it is known.' }) rows: number;
}

export class FindingSubjectDto {
  @OneOf(SUBJECT_LISTS, { description: 'The list of the console whose entry it is.' }) list: string;
  @Id() id: string;
}

export class FindingDto {
  @OneOf(FINDING_CODES) code: string;
  @OneOf(['critical', 'warning', 'info'], {
    description: 'How soon somebody must act; in the sandbox never `critical`.',
  })
  severity: string;
  @OneOfOrNull(ENVIRONMENTS, { description: 'null: it concerns the service itself.' }) environment: string | null;
  @Text() title: string;
  @TimeOrNull() since: string | null;
  @Count() count: number;
  @Texts({ description: 'Three names at most.' }) merchants: string[];
  @Count({ description: 'How many merchants it concerns, as far as that is known.' }) merchantCount: number;
  @ApiProperty({ type: [AmountDto], description: 'Money that it holds back, by currency, as far as that is known.' })
  amounts: AmountDto[];
  @Text({ description: 'What to do.' }) next: string;
  @Texts({
    description: 'What stands still because of it, and is told nowhere else.',
    example: ['the last sync of 2 integrations failed'],
  })
  effects: string[];
  @Flag({ description: 'No run that it concerns starts while it stands.' }) stopsRuns: boolean;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    description: 'Query of the integrations list that shows them, or of the list that its `list` names.',
  })
  filter: Record<string, string> | null;
  @ApiProperty({
    type: FindingSubjectDto,
    nullable: true,
    description: 'The one that it is about; null: it is about several, or about what has no page.',
  })
  subject: FindingSubjectDto | null;
}

export class OverviewCountsDto {
  @Count() active: number;
  @Count() inactive: number;
  @Count() healthy: number;
  @Count() degraded: number;
  @Count({ description: 'Of a provider that has an open incident.' }) waitingForProvider: number;
  @Count() paused: number;
  @Count() operatorPaused: number;
  @Count() switchedOff: number;
  @Count() syncing: number;
}

export class LatenessBucketDto {
  @CountOrNull({ description: 'null: anything above the bound before.' }) upToMinutes: number | null;
  @Count() count: number;
}

export class BarOfRunsDto {
  @Time() from: Date;
  @Count() succeeded: number;
  @Count() failed: number;
}

export class BarOfErrorsDto {
  @Time() from: Date;
  @OneOf(RUN_KINDS, { description: 'Of the runs: a payment that failed is no failed sync.' }) kind: string;
  @OneOf(PUBLIC_ERROR_CODES) errorCode: string;
  @Count() count: number;
}

export class AttentionIntegrationDto extends AdminIntegrationDto {
  @ApiProperty({ enum: FINDING_CODES, isArray: true, description: 'Findings that count it, worst first.' })
  because: string[];
}

export class OverviewDto {
  @Time() generatedAt: Date;
  @ApiProperty({ type: HeadlineDto }) headline: HeadlineDto;
  @ApiProperty({ type: [FindingDto], description: 'Worst first.' }) findings: FindingDto[];
  @ApiProperty({ type: OverviewCountsDto }) counts: OverviewCountsDto;
  @ApiProperty({ type: [LatenessBucketDto] }) lateness: LatenessBucketDto[];
  @Count({ description: 'How many hours a bar of `runs` and `errors` stands for.' }) barHours: number;
  @ApiProperty({ type: [BarOfRunsDto], description: 'Runs by the time of their end, oldest first.' })
  runs: BarOfRunsDto[];
  @ApiProperty({ type: [BarOfErrorsDto], description: 'Failed runs of the same time by kind and code, oldest first.' })
  errors: BarOfErrorsDto[];
  @ApiProperty({ type: [IncidentDto], description: 'Open ones first, twenty at most.' }) incidents: IncidentDto[];
  @ApiProperty({
    type: [AttentionIntegrationDto],
    description: 'Integrations that a finding of warning or worse counts, worst first; eight at most.',
  })
  attention: AttentionIntegrationDto[];
}
