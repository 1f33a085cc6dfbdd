import { QueryWhole } from './query-fields';

export const PAGE_LIMIT = { fallback: 25, min: 1, max: 100 };
const OFFSET = { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER };

/** Which page of an offset-paged list is asked for, as every such list of /v2 takes it. */
export class PageQueryDto {
  @QueryWhole(PAGE_LIMIT)
  limit: number = PAGE_LIMIT.fallback;

  @QueryWhole(OFFSET)
  offset: number = OFFSET.fallback;
}

export type PageQuery = Readonly<PageQueryDto>;

export interface Pagination extends PageQuery {
  readonly total: number;
  readonly hasMore: boolean;
}

export function pagination({ limit, offset }: PageQuery, total: number): Pagination {
  return { limit, offset, total, hasMore: offset + limit < total };
}
