import { Injectable } from '@nestjs/common';
import { boundedQuery, Database, type BoundedRows } from '../../platform/database';
import { PRODUCT_KINDS, type ProductKind, type ProductRecord } from '../../providers';
import { ofCurrentAccount } from './former-record.repository';

const KINDS = PRODUCT_KINDS.join('|');
const LIVE = `operation <> 'deleted' AND ${ofCurrentAccount('$1')}`;
/** The provider's bare id: what stands behind the kind that our own external ids of products carry. */
const bareOf = (externalId: string): string => `regexp_replace(${externalId}, '^(${KINDS}):', '')`;
/**
 * Null where the provider does not say: some count the ids of each kind from 1, so an equal bare id is not yet the same
 * thing.
 */
const kindOf = (externalId: string): string => `substring(${externalId} FROM '^(${KINDS}):')`;
const ITEM_ID = `line->>'externalItemId'`;
/** Rows that a merchant sees as one. */
const PLAN = `coalesce(data->>'planKey', external_id)`;
const FIRST_OF_PLAN = `ORDER BY length(external_id), external_id COLLATE "C"`;

export interface SyncedProduct extends Pick<
  ProductRecord,
  'name' | 'kind' | 'amountMinor' | 'currency' | 'interval' | 'visits' | 'active'
> {
  readonly packageType: string | null;
  readonly chargeType: string | null;
  readonly publicName: string | null;
  /** With its kind. Of a plan: that of the first of its rows. */
  readonly externalId: string;
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
  /** Of a plan: that of the first of its rows. */
  readonly bareId: string;
  /** All bare ids that it was seen under. */
  readonly bareIds: readonly string[];
  /** null: an invoice names it, does not say what it is, and no package has its id. */
  readonly kind: ProductKind | null;
  readonly name: string | null;
  /** How many live records name it: invoice lines, and the packages themselves. */
  readonly count: number;
  readonly lastSeenAt: Date;
  /** Of all items of the list, also those of its other parts. */
  readonly totalCount: number;
}

export interface ItemPart {
  readonly limit: number;
  readonly offset: number;
}

/** What the synced records of an integration say about things that are sold. */
@Injectable()
export class SyncedItemRepository {
  constructor(private readonly database: Database) {}

  /** Live products of these kinds, by name: a plan that is sold by a row for each holder and period once. */
  products(integrationId: string, kinds: readonly string[], part: ItemPart): Promise<BoundedRows<SyncedProduct>> {
    return boundedQuery<SyncedProduct>(
      this.database,
      `SELECT external_id AS "externalId", data->>'name' AS name, data->>'kind' AS kind,
         (data->>'amountMinor')::float8 AS "amountMinor", data->>'currency' AS currency, data->>'interval' AS "interval",
         (data->>'visits')::float8 AS visits, active, data->>'packageType' AS "packageType",
         data->>'chargeType' AS "chargeType", data->>'publicName' AS "publicName"
       FROM (SELECT external_id, data, row_number() OVER (PARTITION BY ${PLAN} ${FIRST_OF_PLAN}) AS row_of_plan,
           bool_or((data->>'active')::boolean) OVER (PARTITION BY ${PLAN}) AS active
         FROM records WHERE integration_id = $1 AND resource_type = 'products' AND ${LIVE}
           AND data->>'kind' = ANY($2::text[])) AS rows
       WHERE row_of_plan = 1
       ORDER BY data->>'name', external_id`,
      [integrationId, kinds],
      part,
    );
  }

  /** Items of live invoices, each as the newest invoice shows it; items of two kinds with one bare id are two. */
  lineItems(integrationId: string, part: ItemPart): Promise<BoundedRows<SyncedLineItem>> {
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
   * Everything that a live package, membership or invoice line names, by bare id and kind; rows of one plan are one. A
   * line that does not say its kind means the package with its id, where there is one; a package's own name goes before
   * a line's. `only`: bare ids. `except`: ids, bare or with their kind; one row of a plan stands for all of it.
   */
  seen(
    integrationId: string,
    which: { readonly only?: readonly string[]; readonly except?: readonly string[] },
    part: ItemPart,
  ): Promise<BoundedRows<SeenItem>> {
    return boundedQuery<SeenItem>(
      this.database,
      `WITH packages AS MATERIALIZED (
         SELECT ${bareOf('external_id')} AS id, data->>'kind' AS kind, data->>'name' AS name, synced_at, feed_position,
           first_value(${bareOf('external_id')}) OVER (PARTITION BY ${PLAN} ${FIRST_OF_PLAN}) AS plan_id
         FROM records WHERE integration_id = $1 AND resource_type = 'products' AND ${LIVE}
           AND data->>'kind' IN ('package', 'membership')),
       lines AS (
         SELECT ${bareOf(ITEM_ID)} AS id, ${kindOf(ITEM_ID)} AS kind, line->>'description' AS name, synced_at, feed_position
         FROM records, jsonb_array_elements(data->'lines') AS line
         WHERE integration_id = $1 AND resource_type = 'invoices' AND ${LIVE} AND ${ITEM_ID} IS NOT NULL),
       named AS (
         SELECT id, plan_id, kind, name, true AS own, synced_at, feed_position FROM packages
         UNION ALL
         SELECT id, coalesce(meant.plan_id, id), coalesce(lines.kind, meant.kind), name, false, synced_at, feed_position
         FROM lines LEFT JOIN (
             SELECT id, kind, plan_id, kind AS said FROM packages
             UNION ALL
             (SELECT DISTINCT ON (id) id, kind, plan_id, NULL FROM packages ORDER BY id, kind)) AS meant
           USING (id) WHERE meant.id IS NULL OR lines.kind IS NOT DISTINCT FROM meant.said
         UNION ALL
         SELECT id, id, kind, name, false, synced_at, feed_position FROM lines
         WHERE kind IS NOT NULL AND EXISTS (SELECT FROM packages WHERE packages.id = lines.id)
           AND NOT EXISTS (SELECT FROM packages WHERE packages.id = lines.id AND packages.kind = lines.kind))
       SELECT plan_id AS "bareId", array_agg(DISTINCT id) AS "bareIds", kind,
         (array_agg(name ORDER BY own DESC, feed_position DESC) FILTER (WHERE name IS NOT NULL))[1] AS name,
         count(*) AS count, max(synced_at) AS "lastSeenAt", (sum(count(*)) OVER ())::float8 AS "totalCount"
       FROM named WHERE $2::text[] IS NULL OR id = ANY($2)
       GROUP BY plan_id, kind
       HAVING NOT coalesce(bool_or(id = ANY($3::text[]) OR kind || ':' || id = ANY($3::text[])), false)
       ORDER BY max(synced_at) DESC, plan_id COLLATE "C", kind`,
      [integrationId, which.only ?? null, which.except ?? []],
      part,
    );
  }

  /**
   * Which kinds of live products and invoice items have each of the bare ids, in order; an id that nothing has is
   * absent.
   */
  async kindsOf(
    integrationId: string,
    bareIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly ProductKind[]>> {
    if (bareIds.length === 0) return new Map();
    const rows = await this.database.query<{ id: string; kinds: ProductKind[] }>(
      `SELECT id, array_agg(DISTINCT kind ORDER BY kind) AS kinds FROM (
         SELECT ${bareOf('external_id')} AS id, ${kindOf('external_id')} AS kind FROM records
         WHERE integration_id = $1 AND resource_type = 'products' AND operation <> 'deleted' AND external_id = ANY($3::text[])
         UNION ALL
         SELECT ${bareOf(ITEM_ID)}, ${kindOf(ITEM_ID)} FROM records, jsonb_array_elements(data->'lines') AS line
         WHERE integration_id = $1 AND resource_type = 'invoices' AND operation <> 'deleted' AND ${ITEM_ID} = ANY($3::text[])
       ) AS named WHERE id = ANY($2::text[]) AND kind IS NOT NULL GROUP BY id`,
      [integrationId, bareIds, PRODUCT_KINDS.flatMap((kind) => bareIds.map((id) => `${kind}:${id}`))],
    );
    return new Map(rows.map(({ id, kinds }) => [id, kinds]));
  }
}
