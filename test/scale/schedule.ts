import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from './fleet';
import { NEVER_MS } from './seed';

/** A phase in which nothing moves for so long is stuck. */
const STUCK_MS = 90_000;

/** All of them are due now, as after an hour in which the service was away. */
export async function makeDue(fleet: Fleet, ids: readonly string[]): Promise<void> {
  await quietly(fleet, `UPDATE sync_schedules SET next_due_at = now() WHERE integration_id = ANY($1::uuid[])`, [ids]);
}

/** Everybody's own interval, `compression` times as fast, each at a place of its own in it. */
export async function runSchedule(fleet: Fleet, compression: number): Promise<void> {
  await quietly(
    fleet,
    `UPDATE sync_schedules s SET interval_ms = t.ms, offset_ms = t.shift,
       next_due_at = to_timestamp((floor((extract(epoch FROM now()) * 1000 - t.shift) / t.ms + 1) * t.ms + t.shift) / 1000.0)
     FROM (SELECT id, ms, (hashtextextended(id::text, 0) & 2147483647) % ms AS shift
           FROM (SELECT id, greatest(1, ((configuration->>'syncIntervalMinutes')::int * 60000 / $1::float8)::bigint) AS ms
                 FROM integrations) i) t
     WHERE s.integration_id = t.id`,
    [compression],
  );
}

export async function stopSchedule(fleet: Fleet): Promise<void> {
  await quietly(
    fleet,
    `UPDATE sync_schedules SET interval_ms = $1::bigint, next_due_at = now() + $1::bigint * interval '1 millisecond'
     WHERE next_due_at > now()`,
    [NEVER_MS],
  );
}

/** Until no schedule is due and no run is live. Throws when nothing moves any more. */
export async function drained(fleet: Fleet, log: (line: string) => void): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  let movedAt = performance.now();
  let saidAt = performance.now();
  for (;;) {
    const [row] = await fleet.sql<{ due: number; live: number }>(
      `SELECT (SELECT count(*)::int FROM sync_schedules WHERE fires AND next_due_at <= now()) AS due,
         (SELECT count(*)::int FROM sync_runs WHERE state IN ('waiting', 'queued', 'running')) AS live`,
    );
    const left = row!.due + row!.live;
    if (left === 0) return;
    const now = performance.now();
    if (left < best) {
      best = left;
      movedAt = now;
    }
    if (now - movedAt > STUCK_MS) throw new Error(`${left} runs do not move: ${JSON.stringify(row)}`);
    if (now - saidAt > 15_000) {
      log(`  ${left} to go`);
      saidAt = now;
    }
    await sleep(left > 1_000 ? 500 : 100);
  }
}

/** Without the triggers that note every change of an interval for the timeline: nobody has changed one. */
async function quietly(fleet: Fleet, text: string, values: unknown[]): Promise<void> {
  await fleet.sql(`SET session_replication_role = replica`);
  try {
    await fleet.sql(text, values);
  } finally {
    await fleet.sql(`SET session_replication_role = origin`);
  }
}
