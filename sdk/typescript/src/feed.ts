import { InterlockError } from './errors';
import { CursorExpiredError } from './generated/errors';
import { sleep } from './sleep';
import type { Transport } from './transport';
import type { CallOptions, ProviderId, QueryOf, RecordOf, ResourceType } from './types';

const POLL_MS = 5_000;

export interface FeedReset {
  readonly provider: ProviderId;
  readonly resourceType: ResourceType;
  /** The one that the service does not take any more. */
  readonly cursor: string;
}

/**
 * The cursor does not belong to the feed as it is now: it is older than the tombstones that are kept, or the database
 * was restored. Read the feed from its start, and drop what you have stored and the feed does not show.
 */
export class FeedResetError extends InterlockError implements FeedReset {
  override name = 'FeedResetError';
  readonly code = 'cursor_expired';
  readonly provider: ProviderId;
  readonly resourceType: ResourceType;
  readonly cursor: string;

  constructor(reset: FeedReset, cause: CursorExpiredError) {
    super(`The feed of ${reset.provider} ${reset.resourceType} begins anew: ${cause.message}`, { cause });
    this.provider = reset.provider;
    this.resourceType = reset.resourceType;
    this.cursor = reset.cursor;
  }
}

export interface FeedOptions extends CallOptions {
  /** Where an earlier reader stopped; left out: from the start. */
  readonly cursor?: string | undefined;
  /** Records in a batch, 1 to 500. */
  readonly limit?: number;
  /** Whether deleted records are shown, by their last data; true unless told. */
  readonly includeDeleted?: boolean;
  /** Whether to wait at the end for what changes next, until the signal is aborted. */
  readonly follow?: boolean;
  /** How long to wait there. */
  readonly pollMs?: number;
  /** Called instead of throwing FeedResetError; the feed is then read from its start. */
  readonly onReset?: (reset: FeedReset) => void | Promise<void>;
}

export interface FeedBatch<R extends ResourceType> {
  readonly records: readonly RecordOf<R>[];
  /** After these records: store it together with what you make of them. */
  readonly cursor: string;
}

/**
 * The change feed of one resource type: each record once, at its newest version, in the order in which they changed.
 */
export class Feed<R extends ResourceType> implements AsyncIterable<RecordOf<R>> {
  private position: string | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly provider: ProviderId,
    private readonly resourceType: R,
    private readonly options: FeedOptions,
  ) {
    this.position = options.cursor;
  }

  /** After the last batch that was iterated to its end. A reader that goes on from here misses nothing. */
  get cursor(): string | undefined {
    return this.position;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordOf<R>, void, undefined> {
    for await (const { records } of this.batches()) yield* records;
  }

  /** Batch by batch, each with its cursor; none is empty. */
  async *batches(): AsyncGenerator<FeedBatch<R>, void, undefined> {
    const { follow = false, pollMs = POLL_MS, signal } = this.options;
    for (;;) {
      const page = await this.page();
      if (page === undefined) continue;
      if (page.data.length > 0) yield { records: page.data as unknown as RecordOf<R>[], cursor: page.nextCursor };
      this.position = page.nextCursor;
      if (page.hasMore) continue;
      if (!follow) return;
      await sleep(pollMs, signal);
    }
  }

  /** Undefined after a reset. */
  private async page() {
    const { limit, includeDeleted, onReset } = this.options;
    const { provider, resourceType, position: cursor } = this;
    const query = { cursor, limit, includeDeleted: includeDeleted === false ? 'false' : undefined };
    try {
      const args = { path: { provider, resourceType }, query: query as QueryOf<'listRecords'> };
      return (await this.transport.send('listRecords', args, this.options)).body;
    } catch (error) {
      if (!(error instanceof CursorExpiredError) || cursor === undefined) throw error;
      const reset = { provider, resourceType, cursor };
      if (!onReset) throw new FeedResetError(reset, error);
      await onReset(reset);
      this.position = undefined;
      return undefined;
    }
  }
}
