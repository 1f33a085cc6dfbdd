import { SetMetadata } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { InterlockError } from '../../errors';
import { QueryText, QueryWhole } from './query-fields';

/** Entries of a list that clients may read in one piece: so many come without being asked for less. */
export const LIST_LIMIT = 1_000;

/**
 * Metadata key of the query parameters that a handler's answer follows from: an Idempotency-Key stands for them too.
 */
export const LIST_QUERY = 'interlock:list-query';

/** Which part of a list is asked for. */
export interface ListRequest {
  readonly limit: number;
  /** Where the part before ended, in the list's own words; null: from the start. */
  readonly cursor: string | null;
}

/** A part of a list. */
export interface ListPart<T> {
  readonly entries: T[];
  /** Where the rest begins; null: there is none. */
  readonly next: string | null;
}

/** The members beside the entries when the list was cut; a whole list has none. */
export class ListEndDto {
  @ApiPropertyOptional({
    enum: [true],
    description:
      'The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.',
  })
  hasMore?: true;

  @ApiPropertyOptional({ type: String, description: 'The `cursor` of the rest, wherever `hasMore` is.' })
  nextCursor?: string;
}

/** The query of a list of which so many entries come in one piece. */
export function listQueryOf(most: number) {
  class Query {
    @QueryWhole({ fallback: most, min: 1, max: most })
    limit: number = most;

    @QueryText({ description: 'The `nextCursor` of the part before; left out: from the start.' })
    cursor?: string;
  }
  return Query;
}

export class ListQueryDto extends listQueryOf(LIST_LIMIT) {}

/** Marks a handler whose answer follows from a `ListQueryDto`. */
export const ReadsList = (): MethodDecorator => SetMetadata(LIST_QUERY, ['limit', 'cursor']);

/** 400 for a cursor of another list. */
export function listRequest({ limit, cursor }: ListQueryDto, list: string): ListRequest {
  return { limit, cursor: cursor === undefined ? null : cursorIn(cursor, list) };
}

export function listEnd(list: string, next: string | null): ListEndDto {
  return next === null ? {} : { hasMore: true, nextCursor: encode(`${list}.${next}`) };
}

/** The place of a list that is counted, in a cursor; 400 for one that is no place. */
export function offsetOf({ cursor }: ListRequest): number {
  if (cursor === null) return 0;
  if (!/^(0|[1-9]\d{0,9})$/.test(cursor)) throw invalidCursor();
  return Number(cursor);
}

/** A part of a list that is counted, from the rows behind `offsetOf`. */
export function countedPart<T>(request: ListRequest, found: { rows: T[]; hasMore: boolean }): ListPart<T> {
  const { rows, hasMore } = found;
  return { entries: rows, next: hasMore ? String(offsetOf(request) + rows.length) : null };
}

function cursorIn(value: string, list: string): string {
  const text = Buffer.from(value, 'base64url').toString('utf8');
  if (!text.startsWith(`${list}.`) || encode(text) !== value) throw invalidCursor();
  return text.slice(list.length + 1);
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

function invalidCursor(): InterlockError {
  return InterlockError.invalidField('cursor', 'must be a cursor that this endpoint returned');
}
