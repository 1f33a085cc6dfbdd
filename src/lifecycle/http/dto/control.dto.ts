import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { SYNC_WORDS } from '../../../sync';
import { MAX_INTERVAL_MINUTES } from '../../configuration';
import type { IntegrationStatus } from '../../integration-view';

export class DeactivateDto {
  @ApiPropertyOptional({ default: true, description: 'Only an explicit false keeps the sealed credential.' })
  @IsOptional()
  @IsBoolean()
  deleteCredentials?: boolean;
}

export class SyncDto {
  @ApiPropertyOptional({ default: false, description: 'Read everything again, without emptying anything first.' })
  @IsOptional()
  @IsBoolean()
  fullResync?: boolean;
}

export class StatusDto {
  @ApiProperty({ enum: SYNC_WORDS.statuses })
  @IsIn(SYNC_WORDS.statuses)
  status: IntegrationStatus;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 500,
    description: 'With status error: what went wrong.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  lastSyncError?: string | null;
}

export class SyncToggleDto {
  @ApiProperty()
  @IsBoolean()
  enabled: boolean;
}

export class SyncIntervalDto {
  @ApiProperty({ type: 'integer', minimum: 5, maximum: MAX_INTERVAL_MINUTES, example: 60 })
  @IsInt()
  @Min(1)
  @Max(MAX_INTERVAL_MINUTES)
  syncIntervalMinutes: number;
}

export class InvoiceLookbackDto {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 3650, example: 90 })
  @IsInt()
  @Min(1)
  @Max(3650)
  invoiceLookbackDays: number;
}

export class AutoSendInvoicesDto {
  @ApiProperty()
  @IsBoolean()
  autoSendInvoices: boolean;
}
