import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { Sql } from './sql';
import { sqlOverClient } from './pg-sql';

/** Reads outside a transaction, for `store/` only: one statement, one pooled connection. */
@Injectable()
export class Database implements Sql {
  private readonly sql: Sql;

  constructor(dataSource: DataSource) {
    // TypeORM owns the pool; its PostgreSQL driver exposes it as `master`
    const pool = (): Pool => (dataSource.driver as unknown as { master: Pool }).master;
    this.sql = {
      query: (text, values) => sqlOverClient(pool()).query(text, values),
      execute: (text, values) => sqlOverClient(pool()).execute(text, values),
    };
  }

  query<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]> {
    return this.sql.query<R>(text, values);
  }

  execute(text: string, values?: readonly unknown[]): Promise<number> {
    return this.sql.execute(text, values);
  }
}
