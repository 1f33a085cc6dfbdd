import { InterlockError } from '../errors';

/** A page of an offset-paged list, as every such list of /v2 answers it. */
export interface PageQuery {
  readonly limit: number;
  readonly offset: number;
}

export interface Pagination extends PageQuery {
  readonly total: number;
  readonly hasMore: boolean;
}

/** A query parameter that must be a whole number. Above the maximum it is clamped; anything that is no number is 400. */
export function wholeNumberQuery(
  query: Readonly<Record<string, unknown>>,
  name: string,
  rule: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const raw = query[name];
  if (raw === undefined || raw === '') return rule.fallback;
  if (typeof raw !== 'string' || !/^-?\d{1,15}$/.test(raw) || Number(raw) < rule.min) {
    throw InterlockError.invalidField(name, `must be a whole number from ${rule.min} to ${rule.max}`);
  }
  return Math.min(Number(raw), rule.max);
}

export function parsePage(
  query: Readonly<Record<string, unknown>>,
  limits: { readonly defaultLimit: number; readonly maxLimit: number } = { defaultLimit: 25, maxLimit: 100 },
): PageQuery {
  return {
    limit: wholeNumberQuery(query, 'limit', { fallback: limits.defaultLimit, min: 1, max: limits.maxLimit }),
    offset: wholeNumberQuery(query, 'offset', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER }),
  };
}

export function pagination(page: PageQuery, total: number): Pagination {
  return { ...page, total, hasMore: page.offset + page.limit < total };
}
