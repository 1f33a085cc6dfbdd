import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InterlockError } from '../platform/errors';
import type { ResourceType } from '../providers';
import { FeedRepository, type FeedEntry, type StoredRecord } from './store/feed.repository';

export interface FeedPage {
  readonly data: FeedEntry[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
}

/** Where a reader stands. */
export interface FeedCursor {
  /** The last entry that it has seen. */
  readonly position: number;
  /**
   * The end of the feed when the reader began. Records that were deleted before it were never sent to the reader, so it
   * does not need their tombstones until it arrives there.
   */
  readonly head: number;
}

/** Whose cursor it is. */
interface FeedIdentity {
  /** The number of reported restores of the database: entries that a reader saw before one may be lost. */
  readonly generation: number;
  /** Of integration and resource type. */
  readonly list: string;
}

const START = { generation: 0, position: 0, head: 0 };

/**
 * The compacted change feed: one entry per record, at the position of its last change. Positions follow commits, so a
 * reader that keeps its cursor sees the newest version of every record that changed, and no version twice.
 */
@Injectable()
export class RecordFeed {
  constructor(private readonly feed: FeedRepository) {}

  /**
   * 400 for a cursor of another list. 410 `cursor_expired` when a tombstone may have been removed that the reader has
   * not seen and would have needed, or when the database was restored: the cursor is of an older generation, or beyond
   * the end.
   */
  async page(
    integrationId: string,
    resourceType: ResourceType,
    options: { cursor: string | null; limit: number; includeDeleted: boolean },
  ): Promise<FeedPage> {
    const key = { integrationId, resourceType };
    const list = listOf(key);
    const from = options.cursor === null ? START : decodeCursor(options.cursor, list);
    const { generation, head, trimmed, entries: data, hasMore } = await this.feed.after(key, from.position, options);
    // a reader at the very start has nothing it could have missed
    const begins = from.position === 0;
    const isOfAnotherHistory = from.generation !== generation || Math.max(from.position, from.head) > head;
    if (!begins && (isOfAnotherHistory || trimmed > Math.max(from.position, from.head))) {
      throw new InterlockError('cursor_expired');
    }
    // at the end it has seen all there is, tombstones that it leaves out included
    const position = hasMore ? data.at(-1)!.position : Math.max(from.position, head);
    const next = { position, head: begins ? head : from.head };
    return { data, nextCursor: encodeCursor(next, { generation, list }), hasMore };
  }

  async one(integrationId: string, resourceType: ResourceType, externalId: string): Promise<StoredRecord> {
    const record = await this.feed.find({ integrationId, resourceType }, externalId);
    if (!record) throw new InterlockError('not_found');
    return record;
  }
}

/** The cursor of a feed that has no entries: the start of any. */
export function emptyFeedCursor(): string {
  return encodeText('f2.0');
}

/** The cursor of a reader that has seen a feed up to a position. */
export function feedCursorAt(
  feed: { integrationId: string; resourceType: ResourceType },
  position: number,
  generation: number,
): string {
  return encodeCursor({ position, head: position }, { generation, list: listOf(feed) });
}

/** `f2.<generation>.<list>.<position>`, and `.<head>` while the reader has not come that far. */
function encodeCursor({ position, head }: FeedCursor, { generation, list }: FeedIdentity): string {
  if (position === 0) return emptyFeedCursor();
  return encodeText(`f2.${generation}.${list}.${position}${head > position ? `.${head}` : ''}`);
}

const NUMBER = String.raw`[1-9]\d{0,15}`;
const CURSOR = new RegExp(`^f2\\.(?:0|(${NUMBER})\\.([0-9a-f]{8})\\.(${NUMBER})(?:\\.(${NUMBER}))?)$`);
/** As they were before a cursor named its list: the first generation. */
const OLD_CURSOR = new RegExp(`^f1\\.(0|${NUMBER})(?:\\.(${NUMBER}))?$`);

/** Throws `invalid_request` for what is no cursor, and for a cursor of another list than the one that is given. */
export function decodeCursor(cursor: string, list?: string): FeedCursor & { readonly generation: number } {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const old = OLD_CURSOR.exec(text);
  const found = CURSOR.exec(text);
  if ((!old && !found) || encodeText(text) !== cursor)
    throw invalidCursor('must be a cursor that this endpoint returned');
  if (old) return { generation: 1, position: Number(old[1]), head: Number(old[2] ?? old[1]) };
  const [, generation = '0', ofList, position = '0', head = position] = found!;
  if (list !== undefined && ofList !== undefined && ofList !== list) throw invalidCursor('is a cursor of another list');
  return { generation: Number(generation), position: Number(position), head: Number(head) };
}

function listOf({ integrationId, resourceType }: { integrationId: string; resourceType: ResourceType }): string {
  return hash('sha256', `${integrationId}/${resourceType}`, 'hex').slice(0, 8);
}

function encodeText(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

function invalidCursor(rule: string): InterlockError {
  return InterlockError.invalidField('cursor', rule);
}
