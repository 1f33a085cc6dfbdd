import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosClinic } from './chaos-clinic';
import type { Random } from './random';
import { LEASE_SECONDS, type World } from './world';

const HOUR_MS = 3_600_000;

/** What a blow may hit, and whom it has to wait for. */
export interface Ring {
  readonly world: World;
  readonly clinics: readonly ChaosClinic[];
  readonly random: Random;
  /** Runs the work while no episode is going on. */
  alone(work: () => Promise<void>): Promise<void>;
}

/** What happens to all at once. One blow after the other; changes, syncs and episodes go on meanwhile. */
export type Blow = (ring: Ring, note: (line: string) => void) => Promise<void>;

export const BLOWS: Readonly<Record<string, Blow>> = {
  async killWorker({ world, random }) {
    const index = random.pick(world.workerIndexes);
    await world.killWorker(index);
    await world.startWorker(index);
  },

  /** SIGSTOP for longer than a lease, then SIGCONT. */
  async freezeWorker({ world, random }, note) {
    const index = random.pick(world.workerIndexes);
    note(`worker ${index}, longer than ${LEASE_SECONDS} s`);
    await world.freezeWorker(index);
  },

  crashPostgres: ({ world }) => world.crashPostgres(),

  loseQueue: ({ world }) => (world.options.queue === 'redis' ? world.flushRedis() : loseJobs(world)),

  async restartQueue({ world }) {
    if (world.options.queue === 'redis') await world.restartRedis();
  },

  async breakNetwork({ world, random }) {
    world.simulator.addFaults([{ kind: 'cut', times: random.whole(5, 15) }]);
  },

  async slowProvider({ world }) {
    world.simulator.addFaults([{ kind: 'delay', delayMs: 400, times: 20 }]);
  },

  async silentPostgres({ world, random }, note) {
    const ms = random.whole(500, 4_000);
    note(`${ms} ms`);
    await world.silencePostgres(ms);
  },

  /** A process that has opened no credential yet asks the KMS for each. */
  async throttleKms({ world, random }, note) {
    if (!world.kms) return;
    const ms = random.whole(500, 4_000);
    note(`${ms} ms`);
    const index = random.pick(world.workerIndexes);
    await world.killWorker(index);
    const started = world.startWorker(index);
    world.kms.inject({ kind: 'throttle', action: 'Decrypt' });
    await Promise.all([started, sleep(ms)]);
    world.kms.heal();
  },

  async jumpClock({ world, random }, note) {
    const process = random.pick(['api', 'worker-0', 'worker-1'] as const);
    const offsetMs = random.chance(0.3) ? 0 : random.whole(-48 * HOUR_MS, 48 * HOUR_MS);
    note(`${process} by ${Math.round(offsetMs / HOUR_MS)} h`);
    await world.setClock(process, offsetMs);
  },

  /** The restore is reported, and whoever reads a feed from before it is told so by 410. */
  async failover({ world, random, alone }, note) {
    if (!world.standby || world.failovers > 0) return;
    const lostMs = random.whole(200, 3_000);
    note(`${lostMs} ms are lost`);
    await alone(() => world.failOver(lostMs));
  },
};

/** The queue's own tables forget every job; the run rows remember. */
async function loseJobs(world: World): Promise<void> {
  const tables = await world.sql<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename LIKE '%job%'`,
  );
  for (const { name } of tables) await world.sql(`DELETE FROM ${name}`).catch(() => undefined);
}
