import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PROVIDER_IDS } from '../../../providers';
import { INTEGRATION_STATUSES, SYNC_HEALTHS } from '../../integration-view';

const dateTime = { type: String, format: 'date-time', example: '2026-05-01T09:30:00.000Z' } as const;

export class ProviderStateDto {
  @ApiProperty({ example: 0 })
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

  @ApiProperty({ example: 3600000 })
  intervalMs: number;

  @ApiPropertyOptional({ ...dateTime, description: 'Absent when the schedule will not fire.' })
  nextRun?: string;
}

export class IntegrationDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: PROVIDER_IDS })
  provider: string;

  @ApiProperty()
  isActive: boolean;

  @ApiProperty()
  syncEnabled: boolean;

  @ApiProperty({ enum: INTEGRATION_STATUSES, nullable: true })
  status: string | null;

  @ApiProperty({
    ...dateTime,
    nullable: true,
    description: 'End of the last successful run since the last activation.',
  })
  lastSyncAt: string | null;

  @ApiProperty({ type: String, nullable: true })
  lastSyncError: string | null;

  @ApiProperty({ enum: SYNC_HEALTHS })
  syncHealth: string;

  @ApiProperty({ type: ProviderStateDto })
  providerState: ProviderStateDto;

  @ApiProperty({ type: SyncIntervalStateDto })
  syncInterval: SyncIntervalStateDto;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Settings, and of the credential its hint and base URL only.',
    example: { autoSendInvoices: false, invoiceLookbackDays: 90, currency: 'GBP', syncPatients: true },
  })
  configuration: Record<string, unknown>;

  @ApiProperty(dateTime)
  createdAt: string;

  @ApiProperty(dateTime)
  updatedAt: string;
}

export class PaginationDto {
  @ApiProperty({ example: 25 })
  limit: number;

  @ApiProperty({ example: 0 })
  offset: number;

  @ApiProperty({ example: 1 })
  total: number;

  @ApiProperty({ example: false })
  hasMore: boolean;
}
