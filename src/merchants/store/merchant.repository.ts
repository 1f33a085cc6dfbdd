import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';

export interface Merchant {
  readonly id: string;
  readonly name: string;
  /** ISO 4217, upper case. */
  readonly defaultCurrency: string;
  readonly createdAt: Date;
}

const COLUMNS = `id, name, default_currency AS "defaultCurrency", created_at AS "createdAt"`;

@Injectable()
export class MerchantRepository {
  constructor(private readonly database: Database) {}

  async insert(tx: Tx, merchant: Omit<Merchant, 'createdAt'>): Promise<Merchant> {
    const rows = await sqlOf(tx).query<Merchant>(
      `INSERT INTO merchants (id, name, default_currency) VALUES ($1, $2, $3) RETURNING ${COLUMNS}`,
      [merchant.id, merchant.name, merchant.defaultCurrency],
    );
    return rows[0]!;
  }

  async find(id: string): Promise<Merchant | null> {
    const rows = await this.database.query<Merchant>(`SELECT ${COLUMNS} FROM merchants WHERE id = $1`, [id]);
    return rows[0] ?? null;
  }

  async findByName(name: string): Promise<Merchant | null> {
    const rows = await this.database.query<Merchant>(
      `SELECT ${COLUMNS} FROM merchants WHERE name = $1 ORDER BY created_at, id LIMIT 1`,
      [name],
    );
    return rows[0] ?? null;
  }

  list(page: { limit: number; offset: number }): Promise<Merchant[]> {
    return this.database.query<Merchant>(
      `SELECT ${COLUMNS} FROM merchants ORDER BY created_at, id LIMIT $1 OFFSET $2`,
      [page.limit, page.offset],
    );
  }
}
