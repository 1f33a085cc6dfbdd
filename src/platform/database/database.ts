import { Injectable, Optional } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { sqlOverClient } from './pg-sql';
import type { Sql, Values } from './sql';

/** Reads outside a transaction, for `store/` only: one statement, one pooled connection. */
@Injectable()
export class Database implements Sql {
  private readonly sql: Sql;

  constructor(dataSource: DataSource, @Optional() config?: AppConfig) {
    // TypeORM owns the pool; its PostgreSQL driver exposes it as `master`
    const { master } = dataSource.driver as unknown as { master: Pool };
    // behind a pooler the next statement may use another connection, which does not have our statement names
    this.sql = sqlOverClient(master, config?.database.pooled === false);
  }

  query<R = Record<string, unknown>>(text: string, values?: Values): Promise<R[]> {
    return this.sql.query<R>(text, values);
  }

  execute(text: string, values?: Values): Promise<number> {
    return this.sql.execute(text, values);
  }
}
