import { ApiProperty } from '@nestjs/swagger';
import { ProductDto } from './product.dto';

export class ProductPaginationDto {
  @ApiProperty({ type: 'integer', example: 25 })
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
