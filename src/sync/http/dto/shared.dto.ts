import { ApiProperty } from '@nestjs/swagger';

export class SyncPaginationDto {
  @ApiProperty({ type: 'integer', example: 25 })
  limit: number;

  @ApiProperty({ type: 'integer', example: 0 })
  offset: number;

  @ApiProperty({ type: 'integer', example: 1 })
  total: number;

  @ApiProperty({ example: false })
  hasMore: boolean;
}
