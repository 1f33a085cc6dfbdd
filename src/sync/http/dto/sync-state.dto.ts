import { ApiProperty } from '@nestjs/swagger';
import { WATERMARK_STATUSES } from '../../store/watermark.repository';

export class SyncStateDto {
  @ApiProperty({ example: 'invoices' })
  resourceType: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When a scan last ended well.' })
  lastSyncAt: string | null;

  @ApiProperty({ type: String, enum: WATERMARK_STATUSES, nullable: true, example: 'success' })
  lastSyncStatus: string | null;

  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, example: 120 })
  itemsProcessed: number | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  lastSyncError: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2099-06-01T08:59:00.000Z',
    description: 'Everything that the provider had changed up to here has been seen. Null: no complete scan yet.',
  })
  cursor: string | null;
}

export class SyncStateListDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [SyncStateDto] })
  data: SyncStateDto[];
}
