import { readdirSync, readFileSync } from 'node:fs';
import type { Fleet } from './fleet';

/** One tick of the kernel's clock for a process's time: 10 ms everywhere that Linux runs. */
const TICK_MS = 10;

/** What had been used when it was read; two of them make a phase. */
export interface Usage {
  readonly atMs: number;
  readonly statements: number;
  /** Spent in statements, on the server. */
  readonly databaseMs: number;
  readonly transactions: number;
  readonly starts: number;
  readonly calls: number;
  /** Processor time; null where the machine does not tell (no /proc). */
  readonly serviceCpuMs: number | null;
  readonly databaseCpuMs: number | null;
}

export async function readUsage(fleet: Fleet): Promise<Usage> {
  const [row] = await fleet.sql<{ statements: number; ms: number; transactions: number; starts: number; pid: number }>(
    // the heartbeat of every process's signal channel is not work
    `SELECT (SELECT coalesce(sum(calls), 0)::float8 FROM pg_stat_statements WHERE query <> 'SELECT $1') AS statements,
       (SELECT coalesce(sum(total_exec_time), 0)::float8 FROM pg_stat_statements) AS ms,
       (SELECT (xact_commit + xact_rollback)::float8 FROM pg_stat_database WHERE datname = current_database())
         - (SELECT coalesce(sum(calls), 0)::float8 FROM pg_stat_statements WHERE query = 'SELECT $1') AS transactions,
       (SELECT count(*)::int FROM sync_runs WHERE started_at IS NOT NULL) AS starts,
       pg_backend_pid() AS pid`,
  );
  const { calls } = await fleet.simulator.counts();
  return {
    atMs: performance.now(),
    statements: row!.statements,
    databaseMs: row!.ms,
    transactions: row!.transactions,
    starts: row!.starts,
    calls,
    serviceCpuMs: cpuOf(fleet.processIds()),
    databaseCpuMs: cpuOfServer(row!.pid),
  };
}

export interface PhaseCosts {
  readonly seconds: number;
  readonly starts: number;
  readonly startsPerSecond: number;
  readonly statementsPerSecond: number;
  readonly statementsPerStart: number;
  readonly transactionsPerStart: number;
  readonly callsPerStart: number;
  readonly databaseMsPerStart: number;
  readonly serviceCpuMsPerStart: number | null;
  readonly databaseCpuMsPerStart: number | null;
}

export function between(before: Usage, after: Usage): PhaseCosts {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const starts = after.starts - before.starts;
  const perStart = (to: number | null, from: number | null): number | null =>
    to === null || from === null ? null : round((to - from) / Math.max(1, starts));
  return {
    seconds: round(seconds),
    starts,
    startsPerSecond: round(starts / seconds),
    statementsPerSecond: round((after.statements - before.statements) / seconds),
    statementsPerStart: perStart(after.statements, before.statements)!,
    transactionsPerStart: perStart(after.transactions, before.transactions)!,
    callsPerStart: perStart(after.calls, before.calls)!,
    databaseMsPerStart: perStart(after.databaseMs, before.databaseMs)!,
    serviceCpuMsPerStart: perStart(after.serviceCpuMs, before.serviceCpuMs),
    databaseCpuMsPerStart: perStart(after.databaseCpuMs, before.databaseCpuMs),
  };
}

export interface StatementCosts {
  readonly callsPerStart: number;
  readonly msPerStart: number;
  readonly text: string;
}

/** The statements that were sent oftenest, over the whole run. */
export async function oftenestStatements(fleet: Fleet, limit: number): Promise<StatementCosts[]> {
  return fleet.sql<StatementCosts>(
    `WITH s AS (SELECT count(*)::float8 AS starts FROM sync_runs WHERE started_at IS NOT NULL)
     SELECT round((sum(calls) / starts)::numeric, 2)::float8 AS "callsPerStart",
       round((sum(total_exec_time) / starts)::numeric, 2)::float8 AS "msPerStart",
       left(regexp_replace(query, '\\s+', ' ', 'g'), 100) AS text
     FROM pg_stat_statements, s GROUP BY starts, 3 ORDER BY 1 DESC LIMIT $1`,
    [limit],
  );
}

export interface TableSizes {
  readonly table: string;
  readonly rows: number;
  /** With its indexes; what has been updated and not been vacuumed yet counts too. */
  readonly bytes: number;
}

/** What grows: the biggest tables, partitions together. */
export async function biggestTables(fleet: Fleet, limit: number): Promise<TableSizes[]> {
  await fleet.sql('ANALYZE');
  return fleet.sql<TableSizes>(
    `SELECT regexp_replace(c.relname, '^records_p\\d+$', 'records') AS table, sum(greatest(c.reltuples, 0))::float8 AS rows,
       sum(pg_total_relation_size(c.oid))::float8 AS bytes
     FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 3 DESC LIMIT $1`,
    [limit],
  );
}

/** Looks every second, from start to stop, at what only shows while it happens. */
export class Watch {
  readonly connections = new Map<string, number>();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly fleet: Fleet) {}

  start(): void {
    this.timer = setInterval(() => {
      this.looking = this.look().catch(() => undefined);
    }, 1_000);
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    const rows = await this.fleet.sql<{ name: string; count: number }>(
      `SELECT CASE WHEN application_name = '' THEN 'queue' ELSE application_name END AS name, count(*)::int AS count
       FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'scale' GROUP BY 1
       UNION ALL SELECT 'all', count(*)::int FROM pg_stat_activity
         WHERE datname = current_database() AND application_name <> 'scale'`,
    );
    for (const { name, count } of rows) this.connections.set(name, Math.max(this.connections.get(name) ?? 0, count));
    cpuOf(this.fleet.processIds());
  }
}

const remembered = new Map<number, number>();

/** A process that has ended is counted as it was last seen. */
function cpuOf(pids: readonly number[]): number | null {
  let sum = 0;
  for (const pid of pids) {
    const ticks = ticksOf(pid);
    if (ticks !== null) remembered.set(pid, ticks.own);
    sum += remembered.get(pid) ?? 0;
  }
  return remembered.size === 0 ? null : sum * TICK_MS;
}

/** The server's processes that run, and those that it has outlived. */
function cpuOfServer(backend: number): number | null {
  const parent = ticksOf(backend)?.parent;
  const server = parent === undefined ? null : ticksOf(parent);
  if (server === null) return null;
  let sum = server.own + server.ended;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const ticks = ticksOf(Number(name));
    if (ticks !== null && ticks.parent === parent) sum += ticks.own;
  }
  return sum * TICK_MS;
}

function ticksOf(pid: number): { own: number; ended: number; parent: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name in brackets may hold spaces
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (index: number) => Number(fields[index - 3]);
    return { own: at(14) + at(15), ended: at(16) + at(17), parent: at(4) };
  } catch {
    return null;
  }
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}
