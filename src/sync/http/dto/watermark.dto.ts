import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { IsTimestamp, ListEndDto } from '../../../platform/http';
import { WATERMARK_STATUSES, type WatermarkStatus } from '../../store/watermark.repository';

const MAX_CURSOR = 8_192;
const MAX_ERROR = 2_000;

export class PutWatermarkDto {
  @IsOptional()
  @IsTimestamp()
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  lastSyncAt?: string | null;

  @IsOptional()
  @IsIn(WATERMARK_STATUSES)
  @ApiPropertyOptional({ type: String, enum: WATERMARK_STATUSES, nullable: true, example: 'success' })
  lastSyncStatus?: WatermarkStatus | null;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_ERROR)
  @ApiPropertyOptional({ type: String, maxLength: MAX_ERROR, nullable: true })
  lastSyncError?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR)
  @ApiPropertyOptional({ type: String, maxLength: MAX_CURSOR, nullable: true, example: '2099-06-01T09:00:00Z' })
  cursor?: string | null;

  @ValidateIf((body: PutWatermarkDto) => body.itemsSynced !== undefined)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, example: 120 })
  itemsSynced?: number;
}

export class WatermarkDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  merchantId: string;

  @ApiProperty({ example: 'mindbody', description: 'The source.' })
  provider: string;

  @ApiProperty({ example: 'appointments' })
  resourceType: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastSyncAt: string | null;

  @ApiProperty({ type: String, enum: WATERMARK_STATUSES, nullable: true })
  lastSyncStatus: string | null;

  @ApiProperty({ type: String, nullable: true })
  lastSyncError: string | null;

  @ApiProperty({ type: String, nullable: true })
  cursor: string | null;

  @ApiProperty({ type: 'integer', minimum: 0 })
  itemsSynced: number;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class WatermarkListDto extends ListEndDto {
  @ApiProperty({ type: () => [WatermarkDto] })
  data: WatermarkDto[];
}

export class WatermarkAnswerDto {
  @ApiProperty({ type: () => WatermarkDto })
  data: WatermarkDto;

  @ApiProperty({ description: 'Whether this call made it.' })
  created: boolean;
}
