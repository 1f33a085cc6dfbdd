import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import type { ResourceType } from '../providers';
import { FeedRepository, type KnownRecord, type StoredRecord } from './store/feed.repository';

export interface FeedPage {
  readonly data: StoredRecord[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
}

/** Where a reader stands. */
export interface FeedCursor {
  /** The last entry that it has seen. */
  readonly position: number;
  /**
   * Where the feed stood when it began to read from the start. What was deleted up to there it has never seen alive: while it is
   * still on its way, tombstones may go before it without its missing anything.
   */
  readonly head: number;
}

const START: FeedCursor = { position: 0, head: 0 };

/**
 * The compacted change feed: one entry per record, at the position of its last change. Positions follow commits, so a reader
 * that keeps its cursor sees the newest version of every record that changed, and no version twice.
 */
@Injectable()
export class RecordFeed {
  constructor(private readonly feed: FeedRepository) {}

  /** 410 `cursor_expired` when a tombstone may have been removed that the reader has not seen and would have needed. */
  async page(
    integrationId: string,
    resourceType: ResourceType,
    options: { cursor: string | null; limit: number; includeDeleted: boolean },
  ): Promise<FeedPage> {
    const from = options.cursor === null ? START : decodeCursor(options.cursor);
    const key = { integrationId, resourceType };
    const { head, trimmed, entries: data, hasMore } = await this.feed.after(key, from.position, options);
    // a reader at the very start has nothing it could have missed
    const begins = from.position === 0;
    if (!begins && trimmed > Math.max(from.position, from.head)) throw new InterlockError('cursor_expired');
    // at the end it has seen all there is, tombstones that it leaves out included
    const position = hasMore ? data.at(-1)!.position : Math.max(from.position, head);
    return { data, nextCursor: encodeCursor({ position, head: begins ? head : from.head }), hasMore };
  }

  async one(integrationId: string, resourceType: ResourceType, externalId: string): Promise<StoredRecord> {
    const record = await this.feed.find({ integrationId, resourceType }, externalId);
    if (!record) throw new InterlockError('not_found');
    return record;
  }

  /** null: never synced, or deleted. Precondition: the transaction holds the integration's row lock. */
  async known(tx: Tx, integrationId: string, resource: ResourceType, externalId: string): Promise<KnownRecord | null> {
    const record = await this.feed.read(tx, { integrationId, resourceType: resource }, externalId);
    return record?.operation === 'deleted' ? null : record;
  }
}

/** The cursor of a feed that has no entries. */
export function emptyFeedCursor(): string {
  return encodeCursor(START);
}

/** `f1.<position>`, and `.<head>` while the reader has not come that far. */
function encodeCursor({ position, head }: FeedCursor): string {
  const text = head > position ? `f1.${position}.${head}` : `f1.${position}`;
  return Buffer.from(text, 'utf8').toString('base64url');
}

export function decodeCursor(cursor: string): FeedCursor {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const match = /^f1\.(0|[1-9]\d{0,15})(?:\.([1-9]\d{0,15}))?$/.exec(text);
  const found = match && { position: Number(match[1]), head: Number(match[2] ?? match[1]) };
  if (!found || encodeCursor(found) !== cursor) {
    throw InterlockError.invalidField('cursor', 'must be a cursor that this endpoint returned');
  }
  return found;
}
