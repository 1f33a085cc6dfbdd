import type { Expectation, Touched } from './accounts';
import type { Fleet } from './fleet';

const BATCH = 500;
const SHOWN = 20;

/** How often the simulator has touched a row: its store may have at most that many versions more than one. */
export class Touches {
  private readonly counts = new Map<string, number>();
  readonly indexes = new Set<number>();

  add(touched: readonly Touched[]): void {
    for (const one of touched) {
      this.indexes.add(one.index);
      const key = keyOf(one);
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    }
  }

  of(row: Touched): number {
    return this.counts.get(keyOf(row)) ?? 0;
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

function keyOf({ index, resource, externalId }: Touched): string {
  return `${index}/${resource}/${externalId}`;
}

interface Stored {
  readonly id: string;
  readonly resource: Expectation['resource'];
  readonly externalId: string;
  readonly operation: string;
  readonly version: number;
  readonly data: Record<string, unknown>;
}

export interface Verdict {
  readonly integrations: number;
  readonly records: number;
  readonly faults: string[];
}

/**
 * The store against the simulator's truth: everything is there, as it is, and nothing was written oftener than it
 * changed.
 */
export async function compareWithTruth(fleet: Fleet, ids: readonly string[], touches: Touches): Promise<Verdict> {
  const faults: string[] = [];
  let records = 0;
  for (let from = 0; from < ids.length; from += BATCH) {
    const to = Math.min(from + BATCH, ids.length);
    const truth = await fleet.simulator.truth(from, to);
    const stored = await fleet.sql<Stored>(
      `SELECT integration_id AS id, resource_type AS resource, external_id AS "externalId", operation, version, data
       FROM records WHERE integration_id = ANY($1::uuid[]) AND resource_type IN ('customers', 'payments', 'devices')`,
      [ids.slice(from, to)],
    );
    records += stored.length;
    const numbers = new Map(ids.slice(from, to).map((id, offset) => [id, from + offset]));
    const found = new Map(stored.map((row) => [keyOf({ ...row, index: numbers.get(row.id)! }), row]));
    for (const expected of truth) {
      const key = keyOf(expected);
      const row = found.get(key);
      found.delete(key);
      if (!row) {
        if (!expected.optional) faults.push(`${key} is lost`);
        continue;
      }
      const changes = touches.of(expected);
      if (row.operation === 'deleted') faults.push(`${key} was deleted, but is there`);
      if (String(row.data[expected.field]) !== expected.value) faults.push(`${key} is stale`);
      if (row.version > 1 + changes) faults.push(`${key} has ${row.version} versions of ${changes} changes`);
    }
    for (const key of found.keys()) faults.push(`${key} is nowhere at the provider`);
  }
  return { integrations: ids.length, records, faults: shorten(faults) };
}

/** What the tables themselves say: no two runs of an integration at once, none that never ended, no schedule gone. */
export async function checkRuns(fleet: Fleet, integrations: number): Promise<string[]> {
  const [row] = await fleet.sql<
    Record<'overlapping' | 'live' | 'failed' | 'never' | 'schedules' | 'paused' | 'budgets', number>
  >(
    `SELECT
       (SELECT count(*)::int FROM (
          SELECT started_at < lag(finished_at) OVER (PARTITION BY integration_id, lane ORDER BY started_at) AS early
          FROM sync_runs WHERE started_at IS NOT NULL) r WHERE early) AS overlapping,
       (SELECT count(*)::int FROM sync_runs WHERE state IN ('waiting', 'queued', 'running')) AS live,
       (SELECT count(*)::int FROM sync_runs WHERE state = 'failed') AS failed,
       (SELECT count(*)::int FROM sync_health WHERE last_sync_at IS NULL) AS never,
       (SELECT count(*)::int FROM sync_schedules) AS schedules,
       (SELECT count(*)::int FROM sync_schedules WHERE NOT fires) AS paused,
       (SELECT count(*)::int FROM provider_budgets) AS budgets`,
  );
  const { overlapping, live, failed, never, schedules, paused, budgets } = row!;
  const faults: string[] = [];
  if (overlapping > 0) faults.push(`${overlapping} runs began before the one before them had ended`);
  if (live > 0) faults.push(`${live} runs never ended`);
  if (failed > 0) faults.push(`${failed} runs failed, although no provider did`);
  if (never > 0) faults.push(`${never} integrations never synced`);
  if (schedules !== integrations) faults.push(`${integrations - schedules} schedules are lost`);
  if (paused > 0) faults.push(`${paused} schedules are paused`);
  // they share an address, but none may have to wait for another's calls
  if (budgets !== integrations) faults.push(`${integrations} accounts have ${budgets} call budgets`);
  return faults;
}

export function shorten(faults: readonly string[]): string[] {
  if (faults.length <= SHOWN) return [...faults];
  return [...faults.slice(0, SHOWN), `and ${faults.length - SHOWN} more`];
}
