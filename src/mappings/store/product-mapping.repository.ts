import { Injectable } from '@nestjs/common';
import type { IntegrationKey } from '../../integrations';
import { boundedQuery, Database, sqlOf, type BoundedRows, type Tx } from '../../platform/database';

/** What the merchant's side knew of the external product when it was mapped. */
export interface MappingMetadata {
  readonly name?: string;
  readonly type?: string;
  readonly charge_type?: string;
}

export interface ProductMapping {
  /** With its kind (`membership:70`); the provider's bare id where nothing of it has been synced. */
  readonly externalId: string;
  readonly internalId: string;
  readonly metadata: MappingMetadata;
}

const OF_KEY = `merchant_id = $1 AND environment = $2 AND provider = $3`;
const valuesOf = (key: IntegrationKey): string[] => [key.merchantId, key.environment, key.provider];

@Injectable()
export class ProductMappingRepository {
  constructor(private readonly database: Database) {}

  list(key: IntegrationKey, part: { limit: number; offset: number }): Promise<BoundedRows<ProductMapping>> {
    return boundedQuery<ProductMapping>(
      this.database,
      `SELECT external_id AS "externalId", internal_id AS "internalId", metadata FROM product_mappings
       WHERE ${OF_KEY} ORDER BY external_id COLLATE "C"`,
      valuesOf(key),
      part,
    );
  }

  /** All that are mapped: as many as one `replaceAll` may bring. */
  async externalIds(key: IntegrationKey): Promise<string[]> {
    const rows = await this.database.query<{ externalId: string }>(
      `SELECT external_id AS "externalId" FROM product_mappings WHERE ${OF_KEY}`,
      valuesOf(key),
    );
    return rows.map(({ externalId }) => externalId);
  }

  /** Precondition: the caller holds the integration's row lock. */
  async allIn(tx: Tx, key: IntegrationKey): Promise<ProductMapping[]> {
    return sqlOf(tx).query<ProductMapping>(
      `SELECT external_id AS "externalId", internal_id AS "internalId", metadata FROM product_mappings WHERE ${OF_KEY}`,
      valuesOf(key),
    );
  }

  /** Precondition: no external id occurs twice, and the caller holds the integration's row lock. */
  async replaceAll(tx: Tx, key: IntegrationKey, mappings: readonly ProductMapping[]): Promise<void> {
    await this.removeAll(tx, key);
    await sqlOf(tx).execute(
      `INSERT INTO product_mappings (merchant_id, environment, provider, external_id, internal_id, metadata)
       SELECT $1, $2, $3, m.external_id, m.internal_id, m.metadata
       FROM unnest($4::text[], $5::uuid[], $6::jsonb[]) AS m (external_id, internal_id, metadata)`,
      [
        ...valuesOf(key),
        mappings.map((mapping) => mapping.externalId),
        mappings.map((mapping) => mapping.internalId),
        mappings.map((mapping) => JSON.stringify(mapping.metadata)),
      ],
    );
  }

  async remove(tx: Tx, key: IntegrationKey, externalId: string): Promise<boolean> {
    const count = await sqlOf(tx).execute(`DELETE FROM product_mappings WHERE ${OF_KEY} AND external_id = $4`, [
      ...valuesOf(key),
      externalId,
    ]);
    return count === 1;
  }

  async removeAll(tx: Tx, key: IntegrationKey): Promise<void> {
    await sqlOf(tx).execute(`DELETE FROM product_mappings WHERE ${OF_KEY}`, valuesOf(key));
  }
}
