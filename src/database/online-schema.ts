import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';

/**
 * Changes to tables that are in use, for migrations with `transaction = false`: nobody who reads or writes waits for
 * them longer than a moment. Each step commits on its own and may be repeated: a migration that was broken off is run
 * again from its beginning.
 */

/** How long a change waits for its lock. Whoever comes after it waits as long, so it gives up and tries again later. */
const LOCK_TIMEOUT_MS = 250;
/**
 * How long a change may take once it has its lock: one that reads or rewrites the table belongs into steps that do not
 * hold it.
 */
const HOLD_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const PATIENCE_MS = 15 * 60_000;

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';
const QUERY_CANCELED = '57014';

/** PostgreSQL cuts longer names off, and then finds them by another name than they were given. */
const MAX_NAME_BYTES = 63;

export interface OnlineIndex {
  readonly name: string;
  readonly table: string;
  readonly unique?: boolean;
  /** What follows the table's name: `(integration_id, synced_at) WHERE operation = 'deleted'`. */
  readonly on: string;
}

/**
 * Changes that need a strong lock for a moment only, in one transaction. A table in use, by a long transaction too,
 * costs time and holds nobody up. Throws when the lock cannot be had within a quarter of an hour, and when a statement
 * needs longer than 5 s under it.
 */
export async function alterOnline(runner: QueryRunner, ...statements: readonly string[]): Promise<void> {
  refuseTransaction(runner);
  for (const statement of statements) refuseUnrepeatable(statement);
  await patiently(async () => {
    await runner.startTransaction();
    try {
      await runner.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await runner.query(`SET LOCAL statement_timeout = ${HOLD_TIMEOUT_MS}`);
      for (const statement of statements) await runner.query(statement);
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined);
      throw codeOf(error) === QUERY_CANCELED ? tooLong(error) : error;
    }
  });
}

/**
 * Builds the index while rows are written; on a partitioned table partition by partition. One that was broken off is
 * built anew.
 */
export async function createIndexOnline(runner: QueryRunner, index: OnlineIndex): Promise<void> {
  refuseTransaction(runner);
  const { name, table, on } = index;
  const partitions = await partitionsOf(runner, table);
  if (partitions === null) return build(runner, index);
  // it counts from the moment that every partition's part is attached
  await alterOnline(runner, `CREATE ${kindOf(index)} IF NOT EXISTS ${name} ON ONLY ${table} ${on}`);
  for (const partition of partitions) {
    const part = `${partition}_${name}`;
    await build(runner, { ...index, name: part, table: partition });
    await alterOnline(runner, `ALTER INDEX ${name} ATTACH PARTITION ${part}`);
  }
}

/** Does nothing when there is none. */
export async function dropIndexOnline(runner: QueryRunner, name: string): Promise<void> {
  refuseTransaction(runner);
  const [found] = await runner.query(`SELECT relkind FROM pg_class WHERE oid = to_regclass($1)`, [name]);
  // that of a partitioned table cannot be dropped concurrently; dropping reads nothing
  if (found?.relkind === 'I') await alterOnline(runner, `DROP INDEX IF EXISTS ${name}`);
  else await concurrently(runner, `DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
}

async function build(runner: QueryRunner, index: OnlineIndex): Promise<void> {
  const { name, table, on } = index;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new Error(`the index name ${name} is too long`);
  const [found] = await runner.query(
    `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1) AND indrelid = to_regclass($2)`,
    [name, table],
  );
  if (found?.valid) return;
  await patiently(async () => {
    await concurrently(runner, `DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await concurrently(runner, `CREATE ${kindOf(index)} CONCURRENTLY ${name} ON ${table} ${on}`);
  });
}

/** Waits for those who were there before, as long as that takes, and lets everybody pass meanwhile. */
async function concurrently(runner: QueryRunner, statement: string): Promise<void> {
  await runner.query(`SET lock_timeout = 0`);
  await runner.query(`SET statement_timeout = 0`);
  try {
    await runner.query(statement);
  } finally {
    await runner.query(`RESET lock_timeout`).catch(() => undefined);
    await runner.query(`RESET statement_timeout`).catch(() => undefined);
  }
}

async function patiently(change: () => Promise<void>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await change();
    } catch (error) {
      const code = codeOf(error);
      if (code !== LOCK_NOT_AVAILABLE && code !== DEADLOCK_DETECTED) throw error;
      if (performance.now() > end) {
        const message = `A table is in constant use. Look for a long transaction in pg_stat_activity, and migrate again.`;
        throw new Error(message, { cause: error });
      }
    }
    await sleep(pause * (0.5 + Math.random()));
  }
}

async function partitionsOf(runner: QueryRunner, table: string): Promise<string[] | null> {
  const [found] = await runner.query(`SELECT relkind FROM pg_class WHERE oid = to_regclass($1)`, [table]);
  if (found?.relkind !== 'p') return null;
  const rows: { name: string }[] = await runner.query(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = to_regclass($1) ORDER BY c.relname`,
    [table],
  );
  return rows.map((row) => row.name);
}

function refuseTransaction(runner: QueryRunner): void {
  if (!runner.isTransactionActive) return;
  throw new Error('the migration needs `transaction = false`, and to be undone without a transaction');
}

/** Run again after a migration that was broken off behind it, it must find its work done. */
function refuseUnrepeatable(text: string): void {
  const statement = text.replaceAll(/\s+/g, ' ');
  const creates = /\b(ADD COLUMN|CREATE (UNIQUE )?INDEX|CREATE TABLE)\b(?! IF NOT EXISTS)/;
  const drops = /\bDROP (COLUMN|CONSTRAINT|INDEX|TABLE)\b(?! IF EXISTS)/;
  const constrains = /\bADD CONSTRAINT\b/.test(statement) && !/\bDROP CONSTRAINT IF EXISTS\b/.test(statement);
  if (creates.test(statement) || drops.test(statement) || constrains) {
    throw new Error(`the statement cannot be repeated, it lacks IF [NOT] EXISTS: ${statement}`);
  }
}

function kindOf({ unique }: OnlineIndex): string {
  return unique ? 'UNIQUE INDEX' : 'INDEX';
}

function tooLong(cause: unknown): Error {
  const message = `A change held its table's lock for longer than ${HOLD_TIMEOUT_MS} ms: it must be made in steps.`;
  return new Error(message, { cause });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
