import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { ProductRecord } from '../../providers';

/** The provider's bare id: what stands behind the kind that our own external ids of products carry. */
const BARE_ID = `regexp_replace(external_id, '^[a-z]+:', '')`;

export interface SyncedProduct extends Omit<ProductRecord, 'customerExternalId'> {
  readonly bareId: string;
}

export interface SyncedLineItem {
  readonly externalItemId: string;
  readonly description: string | null;
  readonly quantity: number;
  readonly amountMinor: number;
  readonly currency: string;
}

export interface SeenItem {
  readonly bareId: string;
  readonly name: string | null;
  /** How many live records name it: invoice lines, and the packages themselves. */
  readonly count: number;
  readonly lastSeenAt: Date;
}

/** What the synced records of an integration say about things that are sold. */
@Injectable()
export class SyncedItemRepository {
  constructor(private readonly database: Database) {}

  /** Live products of these kinds, by name. */
  products(integrationId: string, kinds: readonly string[]): Promise<SyncedProduct[]> {
    return this.database.query<SyncedProduct>(
      `SELECT ${BARE_ID} AS "bareId", data->>'name' AS name, data->>'kind' AS kind,
         (data->>'amountMinor')::float8 AS "amountMinor", data->>'currency' AS currency, data->>'interval' AS "interval",
         (data->>'visits')::float8 AS visits, (data->>'active')::boolean AS active, data->>'packageType' AS "packageType",
         data->>'chargeType' AS "chargeType", data->>'publicName' AS "publicName"
       FROM records WHERE integration_id = $1 AND resource_type = 'products' AND operation <> 'deleted'
         AND data->>'kind' = ANY($2::text[])
       ORDER BY data->>'name', external_id`,
      [integrationId, kinds],
    );
  }

  /** Items of live invoices, each as the newest invoice shows it. */
  lineItems(integrationId: string): Promise<SyncedLineItem[]> {
    return this.database.query<SyncedLineItem>(
      `SELECT DISTINCT ON (line->>'externalItemId' COLLATE "C") line->>'externalItemId' AS "externalItemId",
         line->>'description' AS description, (line->>'quantity')::float8 AS quantity,
         (line->>'amountMinor')::float8 AS "amountMinor", data->>'currency' AS currency
       FROM records, jsonb_array_elements(data->'lines') AS line
       WHERE integration_id = $1 AND resource_type = 'invoices' AND operation <> 'deleted'
         AND line->>'externalItemId' IS NOT NULL
       ORDER BY line->>'externalItemId' COLLATE "C", feed_position DESC`,
      [integrationId],
    );
  }

  /** Every bare id that a live package, membership or invoice line names; a package's own name goes before a line's. */
  seen(integrationId: string): Promise<SeenItem[]> {
    return this.database.query<SeenItem>(
      `WITH named AS (
         SELECT ${BARE_ID} AS id, data->>'name' AS name, true AS own, synced_at, feed_position FROM records
         WHERE integration_id = $1 AND resource_type = 'products' AND operation <> 'deleted'
           AND data->>'kind' IN ('package', 'membership')
         UNION ALL
         SELECT line->>'externalItemId', line->>'description', false, synced_at, feed_position
         FROM records, jsonb_array_elements(data->'lines') AS line
         WHERE integration_id = $1 AND resource_type = 'invoices' AND operation <> 'deleted'
           AND line->>'externalItemId' IS NOT NULL)
       SELECT id AS "bareId", (array_agg(name ORDER BY own DESC, feed_position DESC) FILTER (WHERE name IS NOT NULL))[1] AS name,
         count(*)::int AS count, max(synced_at) AS "lastSeenAt"
       FROM named GROUP BY id ORDER BY max(synced_at) DESC, id COLLATE "C"`,
      [integrationId],
    );
  }
}
