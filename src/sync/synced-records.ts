import { Injectable } from '@nestjs/common';
import type { BoundedRows, Tx } from '../platform/database';
import type { ProductKind, ResourceType } from '../providers';
import { RecordFeed } from './record-feed';
import { FeedRepository, type KnownRecord } from './store/feed.repository';
import {
  SyncedItemRepository,
  type ItemPart,
  type SeenItem,
  type SyncedLineItem,
  type SyncedProduct,
} from './store/synced-item.repository';

/** Reads the synced records of an integration for other modules. */
@Injectable()
export class SyncedRecords {
  constructor(
    private readonly feed: FeedRepository,
    private readonly items: SyncedItemRepository,
    private readonly records: RecordFeed,
  ) {}

  /** One page of the feed: `RecordFeed.page`. */
  changes(...page: Parameters<RecordFeed['page']>): ReturnType<RecordFeed['page']> {
    return this.records.page(...page);
  }

  /** null: never synced, or deleted. Precondition: the transaction holds the integration's row lock. */
  async known(tx: Tx, integrationId: string, resource: ResourceType, externalId: string): Promise<KnownRecord | null> {
    const record = await this.feed.read(tx, { integrationId, resourceType: resource }, externalId);
    return record?.operation === 'deleted' ? null : record;
  }

  /** Live products of these kinds, by name. A plan that the provider lists for each holder and period appears once. */
  products(integrationId: string, kinds: readonly string[], part: ItemPart): Promise<BoundedRows<SyncedProduct>> {
    return this.items.products(integrationId, kinds, part);
  }

  /** Items of live invoices, each as the newest invoice shows it; items of two kinds with one bare id are two. */
  lineItems(integrationId: string, part: ItemPart): Promise<BoundedRows<SyncedLineItem>> {
    return this.items.lineItems(integrationId, part);
  }

  /** Everything that a live package, membership or invoice line names: `SyncedItemRepository.seen`. */
  seen(
    integrationId: string,
    which: { readonly only?: readonly string[]; readonly except?: readonly string[] },
    part: ItemPart,
  ): Promise<BoundedRows<SeenItem>> {
    return this.items.seen(integrationId, which, part);
  }

  /**
   * Which kinds of live products and invoice items have each of the bare ids, in order; an id that nothing has is
   * absent.
   */
  kindsOf(integrationId: string, bareIds: readonly string[]): Promise<ReadonlyMap<string, readonly ProductKind[]>> {
    return this.items.kindsOf(integrationId, bareIds);
  }
}
