import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { ERROR_CODES, NEXT_ACTIONS } from '../../../platform/errors';
import { AsFlag, ENVIRONMENTS, QueryOneOf, QueryTime, QueryUuid } from '../../../platform/http';
import { QueryProvider } from '../../../providers';
import { SYNC_WORDS } from '../../../sync';
import { RUN_KINDS, RUN_STATES } from '../../store/run-list.repository';
import {
  Count,
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
} from './fields';

export class RunFilterDto {
  @QueryOneOf(RUN_STATES, { description: 'Only runs in this state.' })
  state?: string;

  @ApiPropertyOptional({ type: Boolean, description: 'Only runs that have not ended, or only the others.' })
  @IsOptional()
  @IsBoolean()
  @AsFlag()
  live?: boolean;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Only runs that are due for a minute and that no worker holds, or only the others.',
  })
  @IsOptional()
  @IsBoolean()
  @AsFlag()
  overdue?: boolean;

  @QueryOneOf(RUN_KINDS, { description: 'Only runs of this kind.' })
  kind?: string;

  @QueryOneOf(ERROR_CODES, { description: 'Only runs that failed with this code.' })
  errorCode?: string;

  @QueryProvider({ description: 'Only runs of this provider.' })
  provider?: string;

  @QueryOneOf(ENVIRONMENTS, { description: 'Only runs of this environment.' })
  environment?: string;

  @QueryUuid({ description: 'Only runs of this merchant.' })
  merchantId?: string;

  @QueryUuid({ description: 'Only runs of this integration.' })
  integrationId?: string;

  @QueryTime({ description: 'Only runs that ended then or later.' })
  finishedFrom?: Date;

  @QueryTime({ description: 'Only runs that ended before.' })
  finishedTo?: Date;
}

export class AdminRunDto {
  @Id() id: string;
  @Id() integrationId: string;
  @Id() merchantId: string;
  @MerchantName() merchantName: string | null;
  @ProviderName() provider: string;
  @EnvironmentName() environment: string;
  @OneOf(RUN_KINDS) kind: string;
  @Text({ example: 'scheduled' }) trigger: string;
  @OneOf(RUN_STATES) state: string;
  @Flag() fullResync: boolean;
  @Flag({ description: 'The one run that may try while the breaker is open.' }) probe: boolean;
  @Count({ description: 'How often a worker has begun it, or will have.' }) attempt: number;
  @Count({ description: 'Workers that ended without a word while they held it, since it last yielded.' })
  deaths: number;
  @Count({ description: 'Calls to the provider, by attempts that ended in order.' }) calls: number;
  @TextOrNull() waitReason: string | null;
  @TimeOrNull({ description: 'Until when it waits; null: it does not.' }) notBefore: Date | null;
  @OneOfOrNull(ERROR_CODES) errorCode: string | null;
  @TextOrNull() error: string | null;
  @Time() createdAt: Date;
  @TimeOrNull({ description: 'When a worker first began it; null: none has.' }) startedAt: Date | null;
  @TimeOrNull({ description: 'null: it has not ended.' }) finishedAt: Date | null;
  @Time({ description: '`finishedAt`, else `startedAt`, else `createdAt`: lists are in the order of it.' })
  changedAt: Date;
  @Count({ description: 'Rows that it read.' }) fetched: number;
  @Count({ description: 'Records that it created, updated or deleted.' }) changed: number;
  @Count({ description: 'Rows that it could not understand.' }) quarantined: number;
}

export class RunNoteDto {
  @OneOf(SYNC_WORDS.notes) code: string;
  @Text({ example: 'The account has no list at this path.' }) text: string;
}

export class RunStreamDto {
  @Text({ example: 'customers' }) resourceType: string;
  @OneOf(['pending', 'syncing', 'success', 'failed', 'skipped']) status: string;
  @Count() attempt: number;
  @TimeOrNull() startedAt: string | null;
  @TimeOrNull() finishedAt: string | null;
  @Count() fetched: number;
  @Count() created: number;
  @Count() updated: number;
  @Count() unchanged: number;
  @Count() deleted: number;
  @Count() quarantined: number;
  @TextOrNull() errorCode: string | null;
  @TextOrNull() error: string | null;
  @ApiProperty({ type: [RunNoteDto], description: 'What the run says about what it read.' }) notes: RunNoteDto[];
  @OneOfOrNull(NEXT_ACTIONS) nextAction: string | null;
}

export class AdminRunDetailsDto extends AdminRunDto {
  @TextOrNull({
    description: 'Of its trace, to look it up in; null: traces were off.',
    example: '0af7651916cd43dd8448eb211c80319c',
  })
  traceId: string | null;
  @ApiProperty({ type: [RunStreamDto], description: 'What it did for each resource, in the order of its work.' })
  streams: RunStreamDto[];
  @Count({ description: 'Rows in quarantine that no later run has read.' }) quarantinedNow: number;
  @Texts({
    description: 'Ids of the deletion plans that its scans made.',
    example: ['7d7c2f0e-8f0c-4b0e-a7a3-4e5a8f1f6b2d'],
  })
  planIds: string[];
}
