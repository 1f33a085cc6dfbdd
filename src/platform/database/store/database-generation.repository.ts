import { Injectable } from '@nestjs/common';
import { Database } from '../database';
import { sqlOf, type Tx } from '../tx';

/**
 * Which history this database is. What an earlier one held may be lost here: the last commits before a failover, or all
 * since a backup. `database_incarnation()` tells most changes by itself (docs/adr/0022); the rest is reported by `cli
 * db restored`.
 */
@Injectable()
export class DatabaseGenerationRepository {
  constructor(private readonly database: Database) {}

  /** How many restores were reported, plus one. */
  async current(): Promise<number> {
    const rows = await this.database.query<{ generation: number }>('SELECT generation FROM database_generation');
    return rows[0]!.generation;
  }

  /** A restore was done. The new generation: by the clock, so that one backup that is restored twice makes two. */
  async bump(tx: Tx): Promise<number> {
    const rows = await sqlOf(tx).query<{ generation: number }>(
      `UPDATE database_generation SET generation = greatest(generation + 1, extract(epoch FROM now())::int / 60)
       RETURNING generation`,
    );
    return rows[0]!.generation;
  }

  /** Writes down since when the incarnation is another one. True: it is. */
  async notice(): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT 1 FROM database_generation WHERE incarnation <> database_incarnation()',
    );
    if (rows.length === 0) return false;
    await this.database.execute('UPDATE database_generation SET incarnation = database_incarnation(), since = now()');
    return true;
  }
}
