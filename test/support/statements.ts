import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';

const IDLE_MS = 1_000;
const pools = new Map<string, Pool>();

/** A statement of a test, over a connection that is kept a moment: to open one takes longer than most statements. */
export async function statement<R>(url: string, text: string, values: unknown[] = []): Promise<R[]> {
  let pool = pools.get(url);
  if (!pool) {
    pool = new Pool({ connectionString: url, idleTimeoutMillis: IDLE_MS, allowExitOnIdle: true });
    // a database is dropped under its connections
    pool.on('error', () => undefined);
    pools.set(url, pool);
  }
  return (await pool.query(text, values)).rows as R[];
}

export async function endStatements(url: string): Promise<void> {
  const pool = pools.get(url);
  pools.delete(url);
  // through a proxy that is frozen a connection never ends
  if (pool) await Promise.race([pool.end(), sleep(IDLE_MS, undefined, { ref: false })]);
}
