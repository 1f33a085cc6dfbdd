import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { ProductDto } from './product.dto';

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 25;

/** Whole numbers only: `1e3`, `0x10` and `` are not numbers of a query string. Anything else goes on to the rules as it is. */
const whole = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;

export class ListProductsDto {
  @IsOptional()
  @IsInt()
  @Min(1)
  @Transform(({ value }) => {
    const limit = whole(value);
    return typeof limit === 'number' ? Math.min(limit, MAX_LIMIT) : limit;
  })
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    description: 'A larger one is clamped.',
  })
  limit: number = DEFAULT_LIMIT;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  @Transform(({ value }) => whole(value))
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 2_147_483_647, default: 0 })
  offset: number = 0;
}

export class ProductPaginationDto {
  @ApiProperty({ type: 'integer', example: DEFAULT_LIMIT })
  limit: number;

  @ApiProperty({ type: 'integer', example: 0 })
  offset: number;

  @ApiProperty({ type: 'integer', example: 1 })
  total: number;

  @ApiProperty({ example: false })
  hasMore: boolean;
}

export class ProductListDto {
  @ApiProperty({ type: () => [ProductDto] })
  data: ProductDto[];

  @ApiProperty({ type: () => ProductPaginationDto })
  pagination: ProductPaginationDto;
}
