import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, IsUUID, Matches, MaxLength, Min } from 'class-validator';
import { NEXT_ACTIONS, PUBLIC_ERROR_CODES } from '../../../platform/errors';
import { BUILT_IN_IDS } from '../../../providers';
import { JOB_TYPES, LOG_STATUSES } from '../../store/log-query.repository';
import { SYNC_NOTE_CODES, SYNC_NOTES } from '../../sync-notes';
import { SyncPaginationDto } from './shared.dto';

const MAX_BATCH = 500;
const DEFAULT_BATCH = 100;
const dateTime = { format: 'date-time', type: String } as const;
const count = { type: 'integer', minimum: 0 } as const;

class SyncNoteDto {
  @ApiProperty({ enum: SYNC_NOTE_CODES, example: 'filter_ignored' })
  code: string;

  @ApiProperty({ example: SYNC_NOTES.filter_ignored })
  message: string;
}

export class SyncLogDto {
  @ApiProperty({ format: 'uuid', example: '5a0f6f0c-9f5d-4d35-9a1a-0d0b8f0f2a41' })
  id: string;

  @ApiProperty({ format: 'uuid', example: '0f6d1e3a-7a55-4a9e-8a39-2f8b6b8f7c10' })
  integrationId: string;

  @ApiProperty({ format: 'uuid', description: 'The run that wrote the entry.' })
  jobId: string;

  @ApiProperty({ enum: BUILT_IN_IDS, example: 'practicehub' })
  provider: string;

  @ApiProperty({ example: 'customers', description: 'A resource type, or `payment_pushes`.' })
  resourceType: string;

  @ApiProperty({ enum: LOG_STATUSES, example: 'success' })
  status: string;

  @ApiProperty({ enum: JOB_TYPES, example: 'scheduled', description: 'What asked for the run.' })
  jobType: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 1, description: 'Retries count on.' })
  attempt: number;

  @ApiProperty({ ...dateTime, nullable: true, description: 'Null: not begun.' })
  startedAt: string | null;

  @ApiProperty({ ...dateTime, nullable: true, description: 'Null: not ended.' })
  finishedAt: string | null;

  @ApiProperty({ ...count, nullable: true, example: 1840 })
  durationMs: number | null;

  @ApiProperty({ ...count, example: 120 })
  recordsFetched: number;

  @ApiProperty({ ...count, example: 3 })
  recordsCreated: number;

  @ApiProperty({ ...count, example: 2 })
  recordsUpdated: number;

  @ApiProperty({ ...count, example: 115 })
  recordsUnchanged: number;

  @ApiProperty({ ...count, example: 0 })
  recordsDeleted: number;

  @ApiProperty({ ...count, example: 0, description: 'Rows that could not be understood.' })
  recordsQuarantined: number;

  @ApiProperty({ type: () => [SyncNoteDto], description: 'What else is worth knowing of this sync.' })
  notes: SyncNoteDto[];

  @ApiProperty({ type: String, enum: PUBLIC_ERROR_CODES, nullable: true, example: null })
  errorCode: string | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it failed, or was skipped.' })
  error: string | null;

  @ApiProperty({ type: String, enum: NEXT_ACTIONS, nullable: true, example: null })
  nextAction: string | null;

  @ApiProperty(dateTime)
  createdAt: string;
}

export class SyncLogListDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [SyncLogDto] })
  data: SyncLogDto[];

  @ApiProperty({ type: () => SyncPaginationDto })
  pagination: SyncPaginationDto;
}

export class SyncLogAnswerDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => SyncLogDto })
  data: SyncLogDto;
}

class RetryDataDto {
  @ApiProperty({ format: 'uuid', description: 'The run that retries; its entries carry it as `jobId`.' })
  jobId: string;
}

export class RetryAnswerDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => RetryDataDto })
  data: RetryDataDto;
}

export class BatchRetryDto {
  @IsUUID('all', { message: 'must be a UUID' })
  @ApiProperty({ format: 'uuid' })
  integrationId: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  @Matches(/^[\w-]+$/, { message: 'must be a resource type' })
  @ApiPropertyOptional({ maxLength: 64, example: 'invoices', description: 'Left out: all of them.' })
  resourceType?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  // null stands for left out, as elsewhere: it must not reach SQL, where it would mean no limit
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'number' ? Math.min(value, MAX_BATCH) : (value ?? DEFAULT_BATCH),
  )
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_BATCH,
    default: DEFAULT_BATCH,
    description: 'At most this many entries, newest first. A larger number is clamped.',
  })
  limit: number = DEFAULT_BATCH;
}

class BatchRetryDataDto {
  @ApiProperty({ ...count, example: 2, description: 'Entries that got their attempt.' })
  queued: number;

  @ApiProperty({
    ...count,
    example: 1,
    description:
      'Failed entries that did not: permanent failures, entries that a retry was given already, all while the breaker is open, and those past the limit.',
  })
  skipped: number;
}

export class BatchRetryAnswerDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => BatchRetryDataDto })
  data: BatchRetryDataDto;
}
