import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiQuery } from '@nestjs/swagger';
import { wholeNumberQuery } from '../../../platform/http';
import type { NodePage } from '../../store/node.repository';

const PAGE = { fallback: 1, min: 1, max: 10_000 };
const PER_PAGE = { fallback: 10, min: 1, max: 100 };

export interface PageNumber extends NodePage {
  readonly page: number;
  readonly perPage: number;
}

export function parseNumberedPage(query: Readonly<Record<string, unknown>>): PageNumber {
  const page = wholeNumberQuery(query, 'page', PAGE);
  const perPage = wholeNumberQuery(query, 'per_page', PER_PAGE);
  return { page, perPage, limit: perPage, offset: (page - 1) * perPage };
}

/** The two query parameters of a list, for the document. */
export function ApiNumberedPage(): MethodDecorator {
  const describe = (name: string, { fallback, min, max }: typeof PAGE): MethodDecorator =>
    ApiQuery({
      name,
      required: false,
      schema: { type: 'integer', minimum: min, maximum: max, default: fallback },
      description: 'A larger one is clamped; anything that is no whole number is 400.',
    });
  return applyDecorators(describe('page', PAGE), describe('per_page', PER_PAGE));
}

export class NumberedPageDto {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: PAGE.max, example: 1 })
  page: number;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: PER_PAGE.max, example: 10 })
  per_page: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 1 })
  total: number;
}
