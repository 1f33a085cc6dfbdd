import type { Transport } from './transport';
import type { Arguments, CallOptions, ItemOf, OperationId, QueryOf } from './types';

/** What the lists of the service have in common, whichever way they are paged. */
interface ListBody<T> {
  readonly data?: T[];
  readonly items?: T[];
  readonly pagination?: { readonly offset: number; readonly hasMore: boolean };
  readonly hasMore?: boolean;
  readonly nextCursor?: string;
  readonly page?: number;
  readonly per_page?: number;
  readonly total?: number;
}

/** A list, read a page at a time as it is iterated. */
export class List<T> implements AsyncIterable<T> {
  constructor(private readonly read: (position: object) => Promise<object>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page;
  }

  /** Page by page, as the service hands them out. */
  async *pages(): AsyncGenerator<T[], void, undefined> {
    for (let position: object | undefined = {}; position;) {
      const body = (await this.read(position)) as ListBody<T>;
      yield body.data ?? body.items ?? [];
      position = nextPosition(body);
    }
  }

  /** Everything. */
  async all(): Promise<T[]> {
    const all: T[] = [];
    for await (const page of this.pages()) all.push(...page);
    return all;
  }
}

export type ListOf<O extends OperationId> = List<ItemOf<O>>;

export function list<O extends OperationId>(
  transport: Transport,
  operation: O,
  args: Arguments<O>,
  options?: CallOptions,
): ListOf<O> {
  return new List(async (position) => {
    const query = { ...args.query, ...position } as QueryOf<O>;
    return (await transport.send(operation, { ...args, query }, options)).body as object;
  });
}

/** The query of the next page; undefined after the last. */
function nextPosition(body: ListBody<unknown>): object | undefined {
  const { data, items, pagination, hasMore, nextCursor, page, per_page: perPage, total } = body;
  if (pagination) {
    return pagination.hasMore && data?.length ? { offset: pagination.offset + data.length } : undefined;
  }
  if (hasMore) return { cursor: nextCursor };
  return page && perPage && total && items?.length && page * perPage < total ? { page: page + 1 } : undefined;
}
