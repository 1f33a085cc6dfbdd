import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { AppConfig } from '../../platform/config';

/** Arbitrary, ours in this database. */
const ROTATION_LOCK = 4_711_011;

/**
 * Keeps two processes from doing the same rotation twice; what keeps rows right is the check of their generation. The lock
 * belongs to a connection of its own: it is free again the moment its process dies.
 */
@Injectable()
export class RotationLock {
  constructor(private readonly config: AppConfig) {}

  /** null when another process holds it. */
  async acquire(): Promise<{ release(): Promise<void> } | null> {
    const client = new pg.Client({
      connectionString: this.config.database.directUrl,
      application_name: 'interlock-rotation',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    // losing it costs double work at worst
    client.on('error', () => undefined);
    await client.connect();
    const release = async (): Promise<void> => client.end().catch(() => undefined);
    try {
      const answer = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
        ROTATION_LOCK,
      ]);
      if (answer.rows[0]?.locked) return { release };
    } catch (error) {
      await release();
      throw error;
    }
    await release();
    return null;
  }
}
