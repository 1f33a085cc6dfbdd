import { setTimeout as sleep } from 'node:timers/promises';
import { FeedReader } from '../support/feed-reader';
import { SLOTS } from './accounts';
import { Fleet } from './fleet';
import { drained, makeDue, runSchedule, stopSchedule } from './schedule';
import { issueKeys, seedIntegrations } from './seed';
import type { SimulatorCounts } from './simulator';
import {
  between,
  biggestTables,
  oftenestStatements,
  percentile,
  readUsage,
  round,
  Watch,
  type PhaseCosts,
  type StatementCosts,
  type TableSizes,
} from './usage';
import { checkRuns, compareWithTruth, shorten, Touches } from './verify';

export interface ScaleOptions {
  readonly integrations: number;
  readonly merchants: number;
  /** Of everybody's own schedule: at their intervals, or as much faster as this machine can do. */
  readonly minutes: number;
  readonly apis: number;
  readonly workers: number;
  readonly seed: number;
  readonly queue: 'redis' | 'postgres';
  readonly durable: boolean;
  readonly leaseSeconds: number;
  /** Of one size's schedule. */
  readonly longestWindowMs: number;
  /** How many of the blows fall, from the first on; all unless told. */
  readonly blows?: number;
  readonly log: (line: string) => void;
}

/** Both sizes go through the same phases. */
export interface StageCosts {
  readonly integrations: number;
  /** All due at once: as fast as it goes. */
  readonly firstSyncs: PhaseCosts;
  /** Their schedule, at a pace that leaves room. */
  readonly schedule: PhaseCosts & {
    readonly compression: number;
    readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number };
  };
  readonly databaseBytes: number;
  readonly bytesPerIntegration: number;
}

export interface ScaleReport {
  readonly seed: number;
  readonly queue: 'redis' | 'postgres';
  readonly small: StageCosts;
  readonly large: StageCosts;
  readonly connections: Readonly<Record<string, number>>;
  readonly provider: SimulatorCounts;
  readonly statements: readonly StatementCosts[];
  readonly tables: readonly TableSizes[];
  readonly acts: readonly string[];
  readonly changes: number;
  readonly feedEntries: number;
  readonly records: number;
  readonly verifiedIntegrations: number;
  readonly faults: readonly string[];
}

/** Of what the first syncs showed to be possible: a schedule that leaves no room is always late. */
const PACE = 0.6;
/** What a start costs may grow by this much from the small size to the large one, by noise of batches and retries. */
const FLAT = 1.15;
/** Fewer starts than these say nothing about what one costs. */
const ENOUGH_STARTS = 100;

/** null where there is no redis-server and none is required. */
export async function scaleRun(options: ScaleOptions): Promise<ScaleReport | null> {
  const perMerchant = Math.ceil(options.integrations / options.merchants);
  if (perMerchant > SLOTS.length) throw new Error(`a merchant has at most ${SLOTS.length} integrations`);
  const fleet = new Fleet({ ...options, perMerchant });
  try {
    return (await fleet.start()) ? await new ScaleRun(fleet, options, perMerchant).run() : null;
  } finally {
    await fleet.stop();
  }
}

class ScaleRun {
  private readonly ids: string[] = [];
  private readonly touches = new Touches();
  private readonly acts: string[] = [];
  private readonly faults: string[] = [];
  private readers: FeedReader[] = [];
  private readonly random: () => number;

  constructor(
    private readonly fleet: Fleet,
    private readonly options: ScaleOptions,
    private readonly perMerchant: number,
  ) {
    this.random = randomFrom(options.seed);
  }

  async run(): Promise<ScaleReport> {
    const { fleet, options } = this;
    const { log } = options;
    const watch = new Watch(fleet);
    log(`starting ${options.apis} api and ${options.workers} worker processes`);
    await fleet.startProcesses();
    watch.start();
    try {
      const smallSize = Math.max(1, Math.floor(options.integrations / 10));
      const small = await this.stage(smallSize, false);
      const large = await this.stage(options.integrations, true);
      await this.settle();
      log('comparing the store with the truth');
      const verdict = await compareWithTruth(fleet, this.ids, this.touches);
      this.faults.push(...verdict.faults, ...(await checkRuns(fleet, this.ids.length)), ...this.readerFaults());
      const provider = await fleet.simulator.counts();
      if (provider.refused > 0) this.faults.push(`${provider.refused} calls went over an account's budget`);
      for (const phase of ['firstSyncs', 'schedule'] as const) {
        if (small[phase].starts < ENOUGH_STARTS) continue;
        const ratio = large[phase].statementsPerStart / small[phase].statementsPerStart;
        if (ratio > FLAT) this.faults.push(`${phase}: a start takes ${round(ratio)} times the statements it took`);
      }
      return {
        seed: options.seed,
        queue: options.queue,
        small,
        large,
        connections: Object.fromEntries(watch.connections),
        provider,
        statements: await oftenestStatements(fleet, 40),
        tables: await biggestTables(fleet, 10),
        acts: this.acts,
        changes: this.touches.total,
        feedEntries: this.readers.reduce((sum, reader) => sum + reader.entries, 0),
        records: verdict.records,
        verifiedIntegrations: verdict.integrations,
        faults: this.faults,
      };
    } finally {
      await watch.stop();
    }
  }

  /**
   * Grows to that size, syncs what is new, then goes through its schedule; `rough` with processes that die and come.
   */
  private async stage(size: number, rough: boolean): Promise<StageCosts> {
    const { fleet, options } = this;
    const { log } = options;
    log(`seeding ${size - this.ids.length} integrations`);
    const seeding = { seed: options.seed, perMerchant: this.perMerchant };
    const fresh = await seedIntegrations(fleet, seeding, this.ids.length, size);
    this.ids.push(...fresh);
    if (rough) await this.openReaders();
    await fleet.sql('ANALYZE');

    log(`first sync of ${fresh.length} integrations, all at once`);
    const begun = await readUsage(fleet);
    await makeDue(fleet, fresh);
    await drained(fleet, log);
    const firstSyncs = between(begun, await readUsage(fleet));
    log(`  ${firstSyncs.startsPerSecond} starts a second`);

    const pace = (firstSyncs.startsPerSecond * PACE) / (await this.startsPerSecond());
    const compression = Math.max(1, pace, (options.minutes * 60_000) / options.longestWindowMs);
    const windowMs = (options.minutes * 60_000) / compression;
    log(`${options.minutes} minutes of the schedule of ${size}, in ${Math.round(windowMs / 1_000)} s`);
    const before = await readUsage(fleet);
    const [clock] = await fleet.sql<{ now: string }>('SELECT now()::text AS now');
    await runSchedule(fleet, compression);
    await Promise.all([this.changeFor(windowMs), rough ? this.roughen(windowMs) : null]);
    await stopSchedule(fleet);
    await drained(fleet, log);
    const schedule = between(before, await readUsage(fleet));
    const [disk] = await fleet.sql<{ bytes: number }>('SELECT pg_database_size(current_database())::float8 AS bytes');
    return {
      integrations: size,
      firstSyncs,
      schedule: { ...schedule, compression: round(compression), latenessMs: await this.lateness(clock!.now) },
      databaseBytes: disk!.bytes,
      bytesPerIntegration: Math.round(disk!.bytes / size),
    };
  }

  /** By everybody's own interval. */
  private async startsPerSecond(): Promise<number> {
    const [row] = await this.fleet.sql<{ rate: number }>(
      `SELECT sum(1.0 / ((configuration->>'syncIntervalMinutes')::int * 60))::float8 AS rate FROM integrations`,
    );
    return row!.rate;
  }

  /** The providers change while everything runs: about one change for every twentieth integration. */
  private async changeFor(windowMs: number): Promise<void> {
    const until = performance.now() + windowMs;
    const wanted = Math.max(20, this.ids.length / 20);
    const roundMs = 500;
    const perRound = Math.ceil(wanted / (windowMs / roundMs));
    while (performance.now() < until) {
      await this.change(perRound);
      for (const reader of this.readers) await reader.catchUp().catch(() => undefined);
      await sleep(roundMs);
    }
  }

  private async change(count: number): Promise<void> {
    const changes = Array.from({ length: count }, () => ({
      index: Math.floor(this.random() * this.ids.length),
      draw: this.random(),
    }));
    this.touches.add(await this.fleet.simulator.change(changes));
  }

  /** One blow after the other, at the same parts of the window every time. */
  private async roughen(windowMs: number): Promise<void> {
    const { fleet, options } = this;
    const begun = performance.now();
    const all: [number, string, () => Promise<unknown>][] = [
      [0.15, 'kill -9 a worker', () => fleet.kill(fleet.workers, 0)],
      [0.3, 'add a worker', () => fleet.startWorker()],
      [0.45, 'SIGTERM a worker', () => this.terminateWorker()],
      [0.5, 'add another worker', () => fleet.startWorker()],
      [0.6, 'kill -9 an api', () => fleet.kill(fleet.apis, 0)],
      [0.65, 'add an api', () => fleet.startApi()],
    ];
    const blows = all.slice(0, options.blows);
    for (const [share, name, blow] of blows) {
      await sleep(Math.max(0, begun + share * windowMs - performance.now()));
      options.log(`  ${name}`);
      this.acts.push(name);
      await blow();
    }
  }

  private async terminateWorker(): Promise<void> {
    const code = await this.fleet.terminate(this.fleet.workers, 0);
    if (code !== 0) this.faults.push(`a worker that was asked to stop ended with ${code}`);
  }

  private async openReaders(): Promise<void> {
    const merchants = Math.min(10, Math.floor(this.ids.length / this.perMerchant));
    const keys = await issueKeys(this.fleet, this.options.seed, merchants);
    this.readers = keys.map((key, index) => {
      const api = () => this.fleet.apis[index % Math.max(1, this.fleet.apis.length)]?.url ?? 'http://127.0.0.1:9';
      return new FeedReader(() => `${api()}/v2/integrations/practicehub/records/customers`, key);
    });
  }

  /**
   * What changed after an integration's last sync is read once more, after the margin that providers need to settle.
   */
  private async settle(): Promise<void> {
    const { fleet, options } = this;
    const changed = [...this.touches.indexes].map((index) => this.ids[index]!);
    options.log(`settling: ${changed.length} integrations whose provider has changed`);
    await makeDue(fleet, changed);
    await drained(fleet, options.log);
    for (const reader of this.readers) await reader.catchUp();
  }

  private readerFaults(): string[] {
    return shorten(this.readers.flatMap((reader) => reader.faults.map((fault) => `a reader: ${fault}`)));
  }

  private async lateness(since: string) {
    const rows = await this.fleet.sql<{ ms: number }>(
      `SELECT greatest(0, extract(epoch FROM started_at - due_at) * 1000)::float8 AS ms FROM sync_runs
       WHERE trigger = 'scheduled' AND created_at >= $1::timestamptz AND started_at IS NOT NULL ORDER BY 1`,
      [since],
    );
    const sorted = rows.map((row) => row.ms);
    return {
      p50: round(percentile(sorted, 0.5)),
      p99: round(percentile(sorted, 0.99)),
      max: round(sorted.at(-1) ?? 0),
    };
  }
}

/** A repeatable sequence of numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) % 4_294_967_296;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
