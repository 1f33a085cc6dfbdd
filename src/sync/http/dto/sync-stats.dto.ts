import { ApiProperty } from '@nestjs/swagger';
import { QueryWhole } from '../../../platform/http';

const count = { type: 'integer', minimum: 0 } as const;

const DAYS = { fallback: 30, min: 1, max: 365 };

export class StatsQueryDto {
  @QueryWhole(DAYS, { description: 'How far back the window reaches; a larger number is clamped.' })
  days: number = DAYS.fallback;
}

class StatsWindowDto {
  @ApiProperty({ format: 'date-time' })
  from: string;

  @ApiProperty({ format: 'date-time' })
  to: string;
}

export class SyncStatsDto {
  @ApiProperty({ ...count, example: 24, description: 'Those under way included.' })
  runs: number;

  @ApiProperty({ ...count, example: 23 })
  succeeded: number;

  @ApiProperty({ ...count, example: 1 })
  failed: number;

  @ApiProperty({ ...count, example: 0, description: 'Cancelled, or not reached.' })
  skipped: number;

  @ApiProperty({ ...count, example: 2880 })
  recordsFetched: number;

  @ApiProperty({ ...count, example: 30 })
  recordsCreated: number;

  @ApiProperty({ ...count, example: 12 })
  recordsUpdated: number;

  @ApiProperty({ ...count, example: 2838 })
  recordsUnchanged: number;

  @ApiProperty({ ...count, example: 0 })
  recordsDeleted: number;

  @ApiProperty({ ...count, example: 1840, description: '0 when nothing has ended in the window.' })
  averageDurationMs: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Start of the newest run.' })
  lastRunAt: string | null;

  @ApiProperty({ type: () => StatsWindowDto })
  window: StatsWindowDto;
}

export class SyncStatsOfTypeDto extends SyncStatsDto {
  @ApiProperty({ example: 'customers' })
  resourceType: string;
}

export class SyncStatsAnswerDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => SyncStatsDto })
  data: SyncStatsDto;
}

export class SyncStatsByTypeAnswerDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [SyncStatsOfTypeDto] })
  data: SyncStatsOfTypeDto[];
}
