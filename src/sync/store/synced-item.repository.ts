import { Injectable } from '@nestjs/common';
import { boundedQuery, type BoundedRows, Database } from '../../platform/database';
import { ofCurrentAccount } from './former-record.repository';
import { PRODUCT_KINDS, type ProductKind, type ProductRecord } from '../../providers';

const KINDS = PRODUCT_KINDS.join('|');
const LIVE = `operation <> 'deleted' AND ${ofCurrentAccount('$1')}`;
/** The provider's bare id: what stands behind the kind that our own external ids of products carry. */
const bareOf = (externalId: string): string => `regexp_replace(${externalId}, '^(${KINDS}):', '')`;
/** Null where the provider does not say: some count the ids of each kind from 1, so an equal bare id is not yet the same thing. */
const kindOf = (externalId: string): string => `substring(${externalId} FROM '^(${KINDS}):')`;
const ITEM_ID = `line->>'externalItemId'`;

export interface SyncedProduct extends Omit<ProductRecord, 'customerExternalId'> {
  readonly bareId: string;
}

export interface SyncedLineItem {
  readonly bareId: string;
  /** null: the invoice does not say. */
  readonly kind: ProductKind | null;
  readonly description: string | null;
  readonly quantity: number;
  readonly amountMinor: number;
  readonly currency: string;
}

export interface SeenItem {
  readonly bareId: string;
  /** null: an invoice names it, does not say what it is, and no package has its id. */
  readonly kind: ProductKind | null;
  readonly name: string | null;
  /** How many live records name it: invoice lines, and the packages themselves. */
  readonly count: number;
  readonly lastSeenAt: Date;
  /** Of all items of the list, also those of its other parts. */
  readonly totalCount: number;
}

interface Part {
  readonly limit: number;
  readonly offset: number;
}

/** What the synced records of an integration say about things that are sold. */
@Injectable()
export class SyncedItemRepository {
  constructor(private readonly database: Database) {}

  /** Live products of these kinds, by name. */
  products(integrationId: string, kinds: readonly string[], part: Part): Promise<BoundedRows<SyncedProduct>> {
    return boundedQuery<SyncedProduct>(
      this.database,
      `SELECT ${bareOf('external_id')} AS "bareId", data->>'name' AS name, data->>'kind' AS kind,
         (data->>'amountMinor')::float8 AS "amountMinor", data->>'currency' AS currency, data->>'interval' AS "interval",
         (data->>'visits')::float8 AS visits, (data->>'active')::boolean AS active, data->>'packageType' AS "packageType",
         data->>'chargeType' AS "chargeType", data->>'publicName' AS "publicName"
       FROM records WHERE integration_id = $1 AND resource_type = 'products' AND ${LIVE}
         AND data->>'kind' = ANY($2::text[])
       ORDER BY data->>'name', external_id`,
      [integrationId, kinds],
      part,
    );
  }

  /** Items of live invoices, each as the newest invoice shows it; items of two kinds with one bare id are two. */
  lineItems(integrationId: string, part: Part): Promise<BoundedRows<SyncedLineItem>> {
    return boundedQuery<SyncedLineItem>(
      this.database,
      `SELECT DISTINCT ON ("bareId", kind) ${bareOf(ITEM_ID)} COLLATE "C" AS "bareId", ${kindOf(ITEM_ID)} AS kind,
         line->>'description' AS description, (line->>'quantity')::float8 AS quantity,
         (line->>'amountMinor')::float8 AS "amountMinor", data->>'currency' AS currency
       FROM records, jsonb_array_elements(data->'lines') AS line
       WHERE integration_id = $1 AND resource_type = 'invoices' AND ${LIVE} AND ${ITEM_ID} IS NOT NULL
       ORDER BY "bareId", kind, feed_position DESC`,
      [integrationId],
      part,
    );
  }

  /**
   * Everything that a live package, membership or invoice line names, by bare id and kind. A line that does not say its kind means
   * the package with its id, where there is one; a package's own name goes before a line's. `only`, `except`: bare ids.
   */
  seen(
    integrationId: string,
    which: { readonly only?: readonly string[]; readonly except?: readonly string[] },
    part: Part,
  ): Promise<BoundedRows<SeenItem>> {
    return boundedQuery<SeenItem>(
      this.database,
      `WITH packages AS (
         SELECT ${bareOf('external_id')} AS id, data->>'kind' AS kind, data->>'name' AS name, synced_at, feed_position FROM records
         WHERE integration_id = $1 AND resource_type = 'products' AND ${LIVE}
           AND data->>'kind' IN ('package', 'membership')),
       lines AS (
         SELECT ${bareOf(ITEM_ID)} AS id, ${kindOf(ITEM_ID)} AS kind, line->>'description' AS name, synced_at, feed_position
         FROM records, jsonb_array_elements(data->'lines') AS line
         WHERE integration_id = $1 AND resource_type = 'invoices' AND ${LIVE} AND ${ITEM_ID} IS NOT NULL),
       named AS (
         SELECT id, kind, name, true AS own, synced_at, feed_position FROM packages
         UNION ALL
         SELECT id, coalesce(lines.kind, meant.kind), name, false, synced_at, feed_position
         FROM lines LEFT JOIN (SELECT id, min(kind) AS kind FROM packages GROUP BY id) AS meant USING (id))
       SELECT id AS "bareId", kind,
         (array_agg(name ORDER BY own DESC, feed_position DESC) FILTER (WHERE name IS NOT NULL))[1] AS name,
         count(*) AS count, max(synced_at) AS "lastSeenAt", (sum(count(*)) OVER ())::float8 AS "totalCount"
       FROM named WHERE ($2::text[] IS NULL OR id = ANY($2)) AND NOT (id = ANY($3::text[]))
       GROUP BY id, kind ORDER BY max(synced_at) DESC, id COLLATE "C", kind`,
      [integrationId, which.only ?? null, which.except ?? []],
      part,
    );
  }
}
