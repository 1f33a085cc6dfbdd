import type { TestApp } from './app';
import { makeClinic, type Clinic } from './clinic';
import { eventually } from './eventually';
import { statement } from './statements';

const EVERY_MS = 250;

export interface EndedRun {
  readonly id: string;
  readonly state: string;
  readonly begun: number;
}

/** Scheduled syncs of a few small accounts, one after the other without a pause, and what becomes of each. */
export interface RunLoad {
  /** Runs that have ended since it began. */
  ended(): Promise<number>;
  /** No more are begun; resolves when none is live, with all of them: how each ended, and how often it was begun. */
  finish(withinMs: number): Promise<EndedRun[]>;
}

export async function startRunLoad(running: TestApp, accounts: number): Promise<RunLoad> {
  const sql = <R>(text: string) => statement<R>(running.config.database.url, text);
  const clinics: Clinic[] = [];
  for (let account = 0; account < accounts; account += 1) {
    const clinic = await makeClinic(running, { sizes: { patients: 1, '*': 0 } });
    await clinic.activate().expect(200);
    clinics.push(clinic);
  }
  for (const clinic of clinics) await clinic.settled(60_000);
  await sql('DELETE FROM sync_runs');
  const due = (): Promise<unknown> => sql('UPDATE sync_schedules SET next_due_at = now() WHERE next_due_at > now()');
  const timer = setInterval(() => void due().catch(() => undefined), EVERY_MS);
  return {
    ended: async () =>
      (await sql<{ count: number }>('SELECT count(*)::int FROM sync_runs WHERE finished_at IS NOT NULL'))[0]!.count,
    async finish(withinMs) {
      clearInterval(timer);
      await sql(`UPDATE sync_schedules SET next_due_at = now() + interval '1 day'`);
      return runsWhenEnded(running.config.database.url, withinMs);
    },
  };
}

/** All runs, when none is live any more. Every lease raises the fence, so the fence says how often it was begun. */
export async function runsWhenEnded(databaseUrl: string, withinMs: number): Promise<EndedRun[]> {
  await eventually(async () => {
    const live = await statement(databaseUrl, `SELECT id FROM sync_runs WHERE finished_at IS NULL`);
    if (live.length > 0) throw new Error(`${live.length} are live`);
  }, withinMs);
  return statement<EndedRun>(databaseUrl, 'SELECT id, state, fence::int AS begun FROM sync_runs');
}

/** Each ended once and well, and none was begun a second time. */
export function expectEachOnce(runs: readonly { state: string; begun: number }[], atLeast: number): void {
  expect(runs.length).toBeGreaterThanOrEqual(atLeast);
  expect(runs.filter(({ state, begun }) => state !== 'succeeded' || begun !== 1)).toEqual([]);
}
