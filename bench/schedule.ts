import 'reflect-metadata';
import { Client } from 'pg';
import { UnitOfWork } from '../src/platform/database';
import { Dispatcher } from '../src/sync/dispatcher';
import { RunQueue } from '../src/sync/run.queue';
import { ScheduleRepository } from '../src/sync/store/schedule.repository';
import { startTestApp, type TestApp } from '../test/support/app';
import { benchmark, median, seconds, type Sample } from './support/benchmark';
import { fairness } from './support/fairness';
import { fillIntegrations } from './support/fill';
import { startBenchPostgres } from './support/postgres';

const sizes = {
  schedules: { full: 100_000, quick: 2_000 },
  few: { full: 1_000, quick: 200 },
  ticks: { full: 200, quick: 5 },
  /** Claimed in each run. */
  claims: { full: 20_000, quick: 600 },
  small: { full: 100, quick: 4 },
  big: { full: 20, quick: 2 },
  rows: { full: 1_000_000, quick: 20_000 },
};

interface Scheduler {
  readonly app: TestApp;
  readonly client: Client;
  readonly dispatcher: Dispatcher;
}

/**
 * What the dispatcher costs with nothing due, what it claims when all is due, and whether small runs get their turn.
 */
benchmark({ sizes }, async ({ runs, sizes, log, report }) => {
  const postgres = await startBenchPostgres();
  try {
    const few = await schedulerOf(sizes.few);
    const many = await schedulerOf(sizes.schedules);
    try {
      report('schedule.idle-tick', await idleTicks(many, few, runs, sizes.ticks), `median of ${sizes.ticks} ticks`);
      await claims(many, runs, sizes.claims, log, report);
    } finally {
      for (const { client, app } of [few, many]) {
        await client.end();
        await app.close();
      }
    }
    const note = `${sizes.small} runs due at once, one worker; ${sizes.big} first syncs of ${sizes.rows} records`;
    report(
      'schedule.fairness',
      await fairness({ runs, small: sizes.small, big: sizes.big, bigRows: sizes.rows }, log),
      note,
    );
  } finally {
    await postgres.stop();
  }
});

/** A database of its own with that many active schedules, and a dispatcher on it that ticks only when told. */
async function schedulerOf(schedules: number): Promise<Scheduler> {
  const app = await startTestApp({ environment: { ROLE: 'api', LOG_LEVEL: 'warn' } });
  const client = new Client({ connectionString: app.config.database.url });
  await client.connect();
  await fillIntegrations(client, schedules);
  const get = app.app.get.bind(app.app);
  return { app, client, dispatcher: new Dispatcher(get(UnitOfWork), get(ScheduleRepository), get(RunQueue)) };
}

/** In turns, so that what else the machine does hits both. Milliseconds. */
async function idleTicks(many: Scheduler, few: Scheduler, runs: number, ticks: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let run = -1; run < runs; run++) {
    const times: Record<'ours' | 'reference', number[]> = { ours: [], reference: [] };
    for (let tick = 0; tick < ticks; tick++) {
      times.ours.push(1000 * (await seconds(() => many.dispatcher.tick())));
      times.reference.push(1000 * (await seconds(() => few.dispatcher.tick())));
    }
    // the first run warms up
    if (run >= 0) samples.push({ ours: median(times.ours), reference: median(times.reference) });
  }
  return samples;
}

/** The claim with its run rows, and the whole tick with the jobs added to the queue. */
async function claims(
  { app, client, dispatcher }: Scheduler,
  runs: number,
  count: number,
  log: (line: string) => void,
  report: (id: 'schedule.claims' | 'schedule.dispatched', samples: Sample[], note: string) => void,
): Promise<void> {
  const schedules = app.app.get(ScheduleRepository);
  const unitOfWork = app.app.get(UnitOfWork);
  const claimed: Sample[] = [];
  const dispatched: Sample[] = [];
  const measure = async (work: () => Promise<unknown>): Promise<Sample> => {
    await makeDue(client, count);
    const took = await seconds(work);
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM sync_runs WHERE state = 'queued'`,
    );
    // one whose next slot came meanwhile is claimed too
    if (rows[0]!.count < count) throw new Error(`${rows[0]!.count} runs instead of ${count}.`);
    return { ours: rows[0]!.count / took };
  };
  for (let run = 0; run < runs; run++) {
    claimed.push(
      await measure(async () => {
        while ((await unitOfWork.run((tx) => schedules.claimDue(tx, 500))).length === 500);
      }),
    );
    dispatched.push(
      await measure(async () => {
        while (await dispatcher.tick());
      }),
    );
    log(`claims ${Math.round(claimed[run]!.ours)}/s, with their jobs ${Math.round(dispatched[run]!.ours)}/s`);
  }
  const note = `${count} due in batches of 500, one dispatcher`;
  report('schedule.claims', claimed, note);
  report('schedule.dispatched', dispatched, `${note}, queue on PostgreSQL`);
}

async function makeDue(client: Client, count: number): Promise<void> {
  await client.query('DELETE FROM sync_runs');
  await client.query(
    `UPDATE sync_schedules SET next_due_at = now() - random() * interval '1 minute'
     WHERE integration_id IN (SELECT integration_id FROM sync_schedules ORDER BY next_due_at DESC LIMIT $1)`,
    [count],
  );
  await client.query('VACUUM ANALYZE sync_schedules');
  await client.query('VACUUM ANALYZE sync_runs');
}
