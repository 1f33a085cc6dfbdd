import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { BUILT_IN_IDS } from '../../../providers';
import { SYNC_WORDS } from '../../../sync';

const dateTime = { type: String, format: 'date-time', example: '2099-05-01T09:30:00.000Z' } as const;

export class ProviderStateDto {
  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  consecutiveErrors: number;

  @ApiProperty({ ...dateTime, nullable: true })
  lastErrorAt: string | null;

  @ApiProperty({ ...dateTime, nullable: true })
  lastSyncAt: string | null;

  @ApiProperty({ enum: ['sandbox', 'live'] })
  mode: string;
}

export class SyncIntervalStateDto {
  @ApiProperty({ description: 'A schedule exists and will fire.' })
  hasRepeatableJob: boolean;

  @ApiProperty({ type: 'integer', minimum: 0, example: 3600000 })
  intervalMs: number;

  @ApiPropertyOptional({ ...dateTime, description: 'Absent when the schedule will not fire.' })
  nextRun?: string;
}

export class ConfigurationDto {
  @ApiProperty({ example: false }) autoSendInvoices: boolean;
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 3650, example: 90 }) invoiceLookbackDays: number;
  @ApiProperty({ pattern: '^[A-Z]{3}$', example: 'GBP' }) currency: string;
  @ApiProperty({ type: String, nullable: true, example: 'Europe/London' }) timezone: string | null;
  @ApiProperty({ type: 'integer', minimum: 1, example: 60 }) syncIntervalMinutes: number;
  @ApiProperty({ example: true }) syncPatients: boolean;
  @ApiProperty({ example: true }) syncProducts: boolean;
  @ApiProperty({ example: true }) syncPackages: boolean;
  @ApiProperty({ example: true }) syncInvoices: boolean;
  @ApiProperty({ example: false }) pushPayments: boolean;
  @ApiProperty({ example: 'https://yourclinic.practicehub.io' }) baseUrl: string;
  @ApiProperty({ example: '8c1f', description: 'The last four characters of the key.' }) credentialHint: string;
}

export class FilterFindingDto {
  @ApiProperty({ example: 'patients' })
  stream: string;

  @ApiProperty({ enum: SYNC_WORDS.filterStates, description: 'Only a filter that is honoured is used.' })
  state: string;

  @ApiProperty(dateTime)
  checkedAt: string;
}

export class IntegrationDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: BUILT_IN_IDS })
  provider: string;

  @ApiProperty()
  isActive: boolean;

  @ApiProperty()
  syncEnabled: boolean;

  @ApiProperty({ enum: SYNC_WORDS.statuses, nullable: true })
  status: string | null;

  @ApiProperty({
    ...dateTime,
    nullable: true,
    description: 'End of the last successful run since the last activation.',
  })
  lastSyncAt: string | null;

  @ApiProperty({ type: String, nullable: true })
  lastSyncError: string | null;

  @ApiProperty({ enum: SYNC_WORDS.healths })
  syncHealth: string;

  @ApiProperty({ type: ProviderStateDto })
  providerState: ProviderStateDto;

  @ApiProperty({ type: SyncIntervalStateDto })
  syncInterval: SyncIntervalStateDto;

  @ApiProperty({
    type: () => [FilterFindingDto],
    description: 'The changed-since filters that were tried on this account.',
  })
  filters: readonly FilterFindingDto[];

  @ApiProperty({ type: ConfigurationDto, description: 'Settings, and of the credential its hint and base URL only.' })
  configuration: Record<string, unknown>;

  @ApiProperty(dateTime)
  createdAt: string;

  @ApiProperty(dateTime)
  updatedAt: string;
}

export class PaginationDto {
  @ApiProperty({ type: 'integer', example: 25 })
  limit: number;

  @ApiProperty({ type: 'integer', example: 0 })
  offset: number;

  @ApiProperty({ type: 'integer', example: 1 })
  total: number;

  @ApiProperty({ example: false })
  hasMore: boolean;
}
