import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database, UnitOfWork } from '../../../src/platform/database';
import { PlaintextSecret, Vault, VaultRotation, type RotationProgress } from '../../../src/vault';
import { credentialOf, startVaultProcess, temporaryFolder, type VaultProcess } from '../../integration/vault-context';
import { migratedDatabase } from '../../support/database';

export interface VaultChaosReport {
  readonly runs: number;
  readonly kills: number;
  /** Kills by what the rotation was doing; a kill before its first batch counts as `begun`. */
  readonly killedWhile: Readonly<Record<string, number>>;
  /** What was found wrong; empty is good. */
  readonly faults: string[];
}

interface Known {
  readonly id: string;
  readonly owner: string;
  readonly text: string;
  destroyed: boolean;
}

const root = path.resolve(__dirname, '../../..');

/**
 * Rotates again and again in a process that is killed with SIGKILL at a random point, up to three times, while secrets
 * are sealed and destroyed beside it; then lets it end. Every secret must open, and none may be left on the old key.
 */
export async function vaultChaos(options: {
  readonly runs: number;
  readonly seed: number;
  readonly secrets?: number;
  readonly log?: (line: string) => void;
}): Promise<VaultChaosReport> {
  const random = randomFrom(options.seed);
  const database = await migratedDatabase();
  const folder = await temporaryFolder();
  const here = await startVaultProcess({ DATABASE_URL: database.url, DATA_DIR: folder.path });
  const world = new World(here);
  const faults: string[] = [];
  const killedWhile: Record<string, number> = {};
  let kills = 0;
  try {
    for (let count = options.secrets ?? 120; count > 0; count--) await world.seal();
    for (let run = 1; run <= options.runs; run++) {
      const mode = random() < 0.5 ? 'rewrap' : 'reencrypt';
      await here.get(VaultRotation).rotateKeyring('chaos');
      const killsWanted = 1 + Math.floor(random() * 3);
      let ended: RotationProgress | null = null;
      for (let attempt = 0; ended === null; attempt++) {
        const batch = 1 + Math.floor(random() * 15);
        const child = new RotatingProcess(database.url, folder.path, mode, batch);
        // a batch is a line, in moving and again in verifying
        const lines = Math.floor(random() * 1.6 * (world.live / batch));
        const kill = attempt < killsWanted ? child.killAfter(lines, random() * 12) : Promise.resolve(null);
        const [, killed, outcome] = await Promise.all([world.change(random), kill, child.ended]);
        if (killed !== null) {
          // its lease would lapse in some seconds; what is tested is what comes after
          await here.get(Database).execute(`UPDATE vault_rotations SET lease_until = now() WHERE finished_at IS NULL`);
          kills++;
          killedWhile[killed] = (killedWhile[killed] ?? 0) + 1;
        } else if (outcome === null) {
          throw new Error(`run ${run}: the rotating process failed:\n${child.output}`);
        }
        ended = outcome;
      }
      const wrong = [...(await world.check()), ...endFaults(ended)].map((fault) => `run ${run} (${mode}): ${fault}`);
      faults.push(...wrong);
      options.log?.(`run ${run}/${options.runs}: ${mode}, ${kills} kills so far, ${wrong.length} faults`);
    }
  } finally {
    await here.close();
    await database.drop();
    await folder.remove();
  }
  return { runs: options.runs, kills, killedWhile, faults };
}

function endFaults(ended: RotationProgress): string[] {
  const good = ended.state === 'done' && ended.remaining === 0 && ended.failures.length === 0;
  return good ? [] : [`it ended as ${JSON.stringify(ended)}`];
}

class World {
  private readonly secrets: Known[] = [];

  constructor(private readonly here: VaultProcess) {}

  get live(): number {
    return this.secrets.filter((secret) => !secret.destroyed).length;
  }

  async seal(): Promise<void> {
    const owner = randomUUID();
    const text = `secret of ${owner}`;
    const id = await this.here
      .get(UnitOfWork)
      .run((tx) => this.here.get(Vault).seal(tx, credentialOf(owner), PlaintextSecret.fromString(text)));
    this.secrets.push({ id, owner, text, destroyed: false });
  }

  /** As many new secrets as destroyed ones. */
  async change(random: () => number): Promise<void> {
    for (let count = 0; count < 4; count++) {
      const live = this.secrets.filter((secret) => !secret.destroyed);
      const victim = live[Math.floor(random() * live.length)]!;
      const [before, between] = [random() * 300, random() * 300];
      await sleep(before);
      await this.seal();
      await sleep(between);
      victim.destroyed = true;
      await this.here.get(UnitOfWork).run((tx) => this.here.get(Vault).destroy(tx, victim.id));
    }
  }

  async check(): Promise<string[]> {
    const faults: string[] = [];
    for (const { id, owner, text, destroyed } of this.secrets) {
      const outcome = await this.here
        .get(Vault)
        .open(id, credentialOf(owner), { purpose: 'chaos' })
        .then(
          (secret) => (secret.reveal() === text ? 'opens' : 'opens as something else'),
          (error: unknown) => (error as { reason?: string }).reason ?? String(error),
        );
      const wanted = destroyed ? 'secret_destroyed' : 'opens';
      if (outcome !== wanted) faults.push(`${id}: ${outcome}, not ${wanted}`);
    }
    const rotation = this.here.get(VaultRotation);
    const current = await rotation.currentKey();
    for (const key of await rotation.keysInUse()) {
      if (key.keyId === current.keyId && key.keyVersion === current.keyVersion) continue;
      faults.push(`${key.count} left on ${key.keyId}#${key.keyVersion}`);
    }
    return faults;
  }
}

class RotatingProcess {
  output = '';
  /** How the rotation ended; null when its process was killed or failed. */
  readonly ended: Promise<RotationProgress | null>;
  private readonly child;
  private lines = 0;

  constructor(databaseUrl: string, dataDir: string, mode: string, batch: number) {
    this.child = spawn(
      process.execPath,
      ['-r', './scripts/register.cjs', path.join(__dirname, 'rotating-process.ts')],
      {
        cwd: root,
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          DATABASE_URL: databaseUrl,
          DATA_DIR: dataDir,
          CHAOS_MODE: mode,
          CHAOS_BATCH: String(batch),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.lines += text.split('\n').length - 1;
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', () => {
        const last = /^ended (.*)$/m.exec(this.output);
        resolve(last ? (JSON.parse(last[1]!) as RotationProgress) : null);
      });
    });
  }

  /** Kills it so many batches and milliseconds after its rotation has begun; null when it ended before. */
  async killAfter(batches: number, ms: number): Promise<string | null> {
    const isGone = () => this.child.exitCode !== null || this.child.signalCode !== null;
    while (!isGone() && this.lines < batches + 1) await sleep(1);
    await sleep(ms);
    if (isGone()) return null;
    this.child.kill('SIGKILL');
    // it may have ended between the two
    if ((await this.ended) !== null) return null;
    if (this.child.signalCode !== 'SIGKILL') return null;
    return this.output.trim().split('\n').at(-1)!.split(' ')[0] || 'begun';
  }
}

/** mulberry32: the same seed kills in the same places, as far as clocks allow. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
