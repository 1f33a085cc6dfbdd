import { ApiProperty } from '@nestjs/swagger';
import { QueryWhole } from '../../../platform/http';
import type { NodePage } from '../../store/node.repository';

const PAGE = { fallback: 1, min: 1, max: 10_000 };
const PER_PAGE = { fallback: 10, min: 1, max: 100 };

/** Which page of a list is asked for. */
export class NumberedQueryDto {
  @QueryWhole(PAGE)
  page: number = PAGE.fallback;

  @QueryWhole(PER_PAGE)
  per_page: number = PER_PAGE.fallback;
}

export function toNodePage({ page, per_page: limit }: NumberedQueryDto): NodePage {
  return { limit, offset: (page - 1) * limit };
}

export class NumberedPageDto {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: PAGE.max, example: 1 })
  page: number;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: PER_PAGE.max, example: 10 })
  per_page: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 1 })
  total: number;
}
