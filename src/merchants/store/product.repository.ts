import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly amountMinor: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
}

/** Everything a merchant owns belongs to this pair; nothing crosses from one environment to the other. */
export interface MerchantScope {
  readonly merchantId: string;
  readonly environment: Environment;
}

const COLUMNS = `id, name, kind, amount_minor AS "amountMinor", currency`;

@Injectable()
export class ProductRepository {
  constructor(private readonly database: Database) {}

  /**
   * Precondition: no id occurs twice. Rows are locked in the order of their ids, so concurrent calls cannot deadlock.
   */
  async upsert(tx: Tx, scope: MerchantScope, products: readonly Product[]): Promise<number> {
    return sqlOf(tx).execute(
      `INSERT INTO products (merchant_id, environment, id, name, kind, amount_minor, currency)
       SELECT $1, $2, p.id, p.name, p.kind, p.amount_minor, p.currency
       FROM unnest($3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::text[]) AS p (id, name, kind, amount_minor, currency)
       ORDER BY p.id
       ON CONFLICT (merchant_id, environment, id) DO UPDATE
         SET name = excluded.name, kind = excluded.kind, amount_minor = excluded.amount_minor,
             currency = excluded.currency, updated_at = now()`,
      [
        scope.merchantId,
        scope.environment,
        products.map((product) => product.id),
        products.map((product) => product.name),
        products.map((product) => product.kind),
        products.map((product) => product.amountMinor),
        products.map((product) => product.currency),
      ],
    );
  }

  page(scope: MerchantScope, page: { limit: number; offset: number }): Promise<Product[]> {
    return this.database.query<Product>(
      `SELECT ${COLUMNS} FROM products WHERE merchant_id = $1 AND environment = $2 ORDER BY name, id LIMIT $3 OFFSET $4`,
      [scope.merchantId, scope.environment, page.limit, page.offset],
    );
  }

  async count(scope: MerchantScope): Promise<number> {
    const rows = await this.database.query<{ total: number }>(
      `SELECT count(*) AS total FROM products WHERE merchant_id = $1 AND environment = $2`,
      [scope.merchantId, scope.environment],
    );
    return rows[0]!.total;
  }

  first(scope: MerchantScope, limit: number): Promise<Product[]> {
    return this.database.query<Product>(
      `SELECT ${COLUMNS} FROM products WHERE merchant_id = $1 AND environment = $2 ORDER BY id LIMIT $3`,
      [scope.merchantId, scope.environment, limit],
    );
  }

  byIds(scope: MerchantScope, ids: readonly string[]): Promise<Product[]> {
    return this.database.query<Product>(
      `SELECT ${COLUMNS} FROM products WHERE merchant_id = $1 AND environment = $2 AND id = ANY ($3::uuid[])`,
      [scope.merchantId, scope.environment, ids],
    );
  }
}
