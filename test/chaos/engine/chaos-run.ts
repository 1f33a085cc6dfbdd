import { setTimeout as sleep } from 'node:timers/promises';
import { BLOWS, type Ring } from './blows';
import { makeClinics, type ChaosClinic } from './chaos-clinic';
import { EPISODES } from './episodes';
import { randomFrom, type Random } from './random';
import { settleAndCompare } from './settle';
import { World, type Queue } from './world';
import { drawKinds } from './zones';

/** Every action that a run may take, by name. */
export const ACTIONS: readonly string[] = [...Object.keys(BLOWS), ...Object.keys(EPISODES)];

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Some of `ACTIONS`; all, unless told. */
  readonly actions?: readonly string[];
}

export interface ChaosReport {
  readonly seed: number;
  readonly queue: Queue;
  readonly acts: Record<string, number>;
  readonly changes: number;
  readonly runs: number;
  readonly feedEntries: number;
  /** What episodes have looked at before the end. */
  readonly checks: number;
  /** What was done, in its order, with the time in seconds. */
  readonly log: readonly string[];
  readonly faults: readonly string[];
}

/** What a seed runs against: half of the worlds have a KMS, a third a standby. */
export async function startWorld(seed: number, queue: Queue): Promise<World> {
  const world = new World({ queue, kms: seed % 2 === 0, standby: seed % 3 === 0 });
  try {
    await world.start();
    return world;
  } catch (error) {
    await world.stop();
    throw error;
  }
}

/**
 * One run: the simulator keeps the truth and keeps changing, while whatever the actions name happens to the service,
 * its servers and the providers' answers. After settling, the store must equal the truth, and each reader of a feed
 * must have seen it in order.
 */
export async function chaosRun(world: World, options: ChaosOptions): Promise<ChaosReport> {
  const random = randomFrom(options.seed);
  const begun = performance.now();
  const log: string[] = [];
  const acts: Record<string, number> = {};
  const faults: string[] = [];
  const wanted = new Set(options.actions ?? ACTIONS);
  const noteOf = (who: string, name: string) => {
    acts[name] = (acts[name] ?? 0) + 1;
    const note = (line: string): void => {
      log.push(`${((performance.now() - begun) / 1_000).toFixed(1)} ${who}${name}${line && `: ${line}`}`);
    };
    note('');
    return note;
  };
  let changes = 0;
  let clinics: ChaosClinic[] = [];
  try {
    clinics = await makeClinics(world, options.seed, drawKinds(random));
    for (const { accountKey, zone, timezone } of clinics) log.push(`${accountKey}: ${zone}, told ${timezone}`);
    await Promise.all(
      clinics.map(async (clinic) => {
        await clinic.activate();
        await clinic.sync({ full: false });
        clinic.doubtful = clinic.timezone !== null && clinic.timezone !== clinic.zone;
      }),
    );
    const until = Date.now() + options.seconds * 1_000;
    const turn = new Turns();
    const ring: Ring = { world, clinics, random, alone: (work) => turn.alone(work) };
    const going = clinics.map(async (clinic, index) => {
      const own = randomFrom(options.seed * 100 + index);
      const names = Object.keys(EPISODES).filter((name) => wanted.has(name));
      while (names.length > 0 && Date.now() < until) {
        const name = own.pick(names);
        await turn.among(async () => {
          const found = await EPISODES[name]!(clinic, own, noteOf(`${clinic.accountKey} `, name));
          faults.push(...found.map((fault) => `${name}: ${fault}`));
        });
        await sleep(own.whole(0, 300));
      }
    });
    const blows = Object.keys(BLOWS).filter((name) => wanted.has(name));
    let blowing = Promise.resolve();
    while (Date.now() < until) {
      changes += change(random.pick(clinics), random);
      if (random.chance(0.2)) for (const clinic of clinics) void ask(clinic, random.chance(0.1));
      if (blows.length > 0 && random.chance(0.15)) {
        const name = random.pick(blows);
        blowing = blowing.then(() => (Date.now() < until ? BLOWS[name]!(ring, noteOf('', name)) : undefined));
      }
      const readers = Object.values(random.pick(clinics).readers);
      await Promise.all(readers.map((reader) => reader.catchUp().catch(() => undefined)));
      await sleep(50 + random.whole(0, 150));
    }
    await Promise.all([...going, blowing]);
    await calm(world, clinics);
    log.push('settling');
    faults.push(...(await settleAndCompare(world, clinics)));
  } catch (error) {
    faults.push(`it broke off: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const counted = await world.sql<{ count: number }>('SELECT count(*)::int AS count FROM sync_runs').catch(() => []);
  const readers = clinics.flatMap((clinic) => Object.values(clinic.readers));
  return {
    seed: options.seed,
    queue: world.options.queue,
    acts,
    changes,
    runs: counted[0]?.count ?? 0,
    feedEntries: readers.reduce((sum, reader) => sum + reader.entries, 0),
    checks: clinics.reduce((sum, clinic) => sum + clinic.checks, 0),
    log,
    faults,
  };
}

/** Episodes go on side by side; what must be alone waits for them, and they for it. */
class Turns {
  private going = 0;
  private gate: Promise<void> | null = null;

  async among(work: () => Promise<void>): Promise<void> {
    while (this.gate) await this.gate;
    this.going++;
    await work().finally(() => this.going--);
  }

  async alone(work: () => Promise<void>): Promise<void> {
    const done = (async () => {
      while (this.going > 0) await sleep(20);
      await work();
    })();
    this.gate = done.catch(() => undefined);
    await done.finally(() => (this.gate = null));
  }
}

/** The owner of an account goes on working. */
function change(clinic: ChaosClinic, random: Random): number {
  const { simulator } = clinic.world;
  const resource = random.pick(['patients', 'patients', 'payments', 'services'] as const);
  const apiKey = clinic.accountKey;
  const kind = random.next();
  if (kind < 0.7) simulator.change({ resource, count: random.whole(1, 4), apiKey });
  else if (clinic.quiet) return 0;
  else if (kind < 0.9) simulator.create({ resource, count: random.whole(1, 2), apiKey });
  else simulator.delete({ resource, count: 1, apiKey });
  return 1;
}

async function ask(clinic: ChaosClinic, full: boolean): Promise<void> {
  if (clinic.quiet) return;
  await clinic.call('POST', '/sync', { fullResync: full }).catch(() => undefined);
}

/** Everything that came goes again, but for what is an account's nature: its clock, its zone and its filter. */
async function calm(world: World, clinics: readonly ChaosClinic[]): Promise<void> {
  world.simulator.clearFaults();
  world.kms?.heal();
  for (const process of ['api', 'worker-0', 'worker-1'] as const) await world.setClock(process, 0);
  for (const index of world.workerIndexes) if (!world.workers[index]) await world.startWorker(index);
  for (const clinic of clinics) {
    if (clinic.timezone === null || clinic.timezone === clinic.zone) continue;
    await clinic.must('POST', '/deactivate');
    await clinic.activate(clinic.zone);
  }
}
