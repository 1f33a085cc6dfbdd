import { Injectable } from '@nestjs/common';
import { InterlockError } from '../platform/errors';
import type { ResourceType } from '../providers';
import { FeedRepository, type StoredRecord } from './store/feed.repository';

export interface FeedPage {
  readonly data: StoredRecord[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
}

const CURSOR_PREFIX = 'f1.';

/**
 * The compacted change feed: one entry per record, at the position of its last change. Positions follow commits, so a reader
 * that keeps its cursor sees the newest version of every record that changed, and no version twice.
 */
@Injectable()
export class RecordFeed {
  constructor(private readonly feed: FeedRepository) {}

  async page(
    integrationId: string,
    resourceType: ResourceType,
    options: { cursor: string | null; limit: number; includeDeleted: boolean },
  ): Promise<FeedPage> {
    const key = { integrationId, resourceType };
    const position = options.cursor === null ? 0 : decodeCursor(options.cursor);
    // a reader at the very start has nothing it could have missed
    if (position > 0 && position < (await this.feed.trimmedPosition(key))) throw new InterlockError('cursor_expired');
    const rows = await this.feed.after(key, position, { ...options, limit: options.limit + 1 });
    const hasMore = rows.length > options.limit;
    const data = hasMore ? rows.slice(0, options.limit) : rows;
    return { data, nextCursor: encodeCursor(data.at(-1)?.position ?? position), hasMore };
  }

  async one(integrationId: string, resourceType: ResourceType, externalId: string): Promise<StoredRecord> {
    const record = await this.feed.find({ integrationId, resourceType }, externalId);
    if (!record) throw new InterlockError('not_found');
    return record;
  }
}

/** The cursor of a feed that has no entries. */
export function emptyFeedCursor(): string {
  return encodeCursor(0);
}

function encodeCursor(position: number): string {
  return Buffer.from(`${CURSOR_PREFIX}${position}`, 'utf8').toString('base64url');
}

export function decodeCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const match = /^f1\.(0|[1-9]\d{0,15})$/.exec(text);
  if (!match || encodeCursor(Number(match[1])) !== cursor) {
    throw InterlockError.invalidField('cursor', 'must be a cursor that this endpoint returned');
  }
  return Number(match[1]);
}
