import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { IntegrationRepository, ProviderSession } from '../../../src/integrations';
import { ProviderFailure } from '../../../src/platform/outbound';
import { adminOf } from '../../support/admin';
import { startTestApp, type TestApp } from '../../support/app';
import { makeClinic } from '../../support/clinic';
import { grantManifest, startGrantServer, type GrantServer } from '../../support/grants';
import { randomFrom, type Random } from '../engine/random';
import type { Met } from './grant-process';

export interface GrantChaosReport {
  readonly seed: number;
  readonly refreshes: number;
  readonly kills: number;
  readonly lostAnswers: number;
  /** Grants whose consent is to be given again; each of them had a refresh whose answer nobody has. */
  readonly over: number;
  readonly faults: string[];
}

const root = path.resolve(__dirname, '../../..');
/** Of a process that was killed while it refreshed. */
const LEASE_MS = 60_000;
const LOST = 'The answer to an earlier refresh was lost';

/**
 * Processes that all use the same grants, whose access tokens live for two seconds, are killed with SIGKILL while the
 * provider's answers get lost or fail. A grant may end only where the answer to one of its refreshes was lost, on the
 * wire or with the process that had it, and is told so.
 */
export async function grantChaos(options: {
  readonly seed: number;
  readonly seconds: number;
  readonly processes: number;
  readonly grants?: number;
}): Promise<GrantChaosReport> {
  const random = randomFrom(options.seed);
  const server = await startGrantServer({ rows: 0, delayMs: 0 });
  const app = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true', ROLE: 'api' } });
  const world = new GrantWorld(server, app);
  try {
    await world.prepare(options.grants ?? 8);
    await Promise.all(Array.from({ length: options.processes }, () => world.start()));
    const until = Date.now() + options.seconds * 1_000;
    while (Date.now() < until) await world.blow(random);
    await server.faults({ lost: 0, failing: 0, refreshMs: 0 });
    await sleep(2_000);
    await world.stopAll();
    return { seed: options.seed, ...(await world.report()) };
  } finally {
    await world.stopAll();
    await app.close();
    await server.stop();
  }
}

class GrantWorld {
  private readonly children = new Set<ChildProcess>();
  private readonly ids: string[] = [];
  private readonly met: Met[] = [];
  private readonly faults: string[] = [];
  private kills = 0;
  private lostAnswers = 0;

  constructor(
    private readonly server: GrantServer,
    private readonly app: TestApp,
  ) {}

  async prepare(grants: number): Promise<void> {
    const admin = await adminOf(this.app, 'admin');
    await admin('put', '/providers/acme/manifest', { manifest: grantManifest(), reason: 'chaos' }).expect(200);
    for (let index = 0; index < grants; index++) {
      const clinic = await makeClinic(this.app);
      const account = `clinic-${index}`;
      const { url: baseUrl, clientSecret } = this.server;
      const credentials = { account, clientSecret, baseUrl, refreshToken: await this.server.consent(account) };
      const { body } = await clinic.call('post', '/v2/integrations/acme/activate', { credentials }).expect(200);
      this.ids.push(body.data.id);
    }
  }

  async start(): Promise<void> {
    const { database, dataDir } = this.app.config;
    const program = path.join(__dirname, 'grant-process.ts');
    const child = spawn(process.execPath, ['-r', path.join(root, 'scripts/register.cjs'), program], {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        DATABASE_URL: database.url,
        DATABASE_POOL_SIZE: '2',
        DATA_DIR: dataDir,
        OUTBOUND_ALLOW_PRIVATE: 'true',
        GRANTS: this.ids.join(','),
        PROVIDER_URL: this.server.url,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.add(child);
    child.once('exit', (code) => {
      this.children.delete(child);
      if (code !== null) this.faults.push(`a process ended by itself, with ${code}`);
    });
    const begun = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line === 'begun') resolve();
        else if (line.startsWith('{')) this.met.push(JSON.parse(line) as Met);
      });
    });
    await Promise.race([begun, once(child, 'exit')]);
  }

  async blow(random: Random): Promise<void> {
    await sleep(random.whole(100, 900));
    await this.server.faults({ refreshMs: random.whole(0, 120) });
    if (random.chance(0.4)) {
      const child = random.pick([...this.children]);
      this.kills++;
      child.kill('SIGKILL');
      await this.start();
    }
    if (random.chance(0.15)) await this.server.faults({ failing: random.whole(1, 3) });
    if (random.chance(0.08)) {
      this.lostAnswers++;
      await this.server.faults({ lost: 1 });
    }
  }

  async stopAll(): Promise<void> {
    await Promise.all(
      [...this.children].map(async (child) => {
        const gone = once(child, 'exit');
        this.kills++;
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }

  async report(): Promise<Omit<GrantChaosReport, 'seed'>> {
    const { faults, kills, lostAnswers, met } = this;
    for (const { integrationId, verdict, message } of met) {
      if (verdict === 'none' || verdict === 'internal') faults.push(`${integrationId}: ${message}`);
      // a grant that ends although no answer was lost was used twice
      if (verdict === 'auth' && !message.startsWith(LOST)) faults.push(`${integrationId} is over: ${message}`);
    }
    let over = 0;
    for (const id of this.ids) {
      const end = await this.endOf(id);
      if (end === null) continue;
      over++;
      if (!end.startsWith(LOST)) faults.push(`${id} is over: ${end}`);
    }
    if (over > kills + lostAnswers)
      faults.push(`${over} grants are over, after ${kills} kills and ${lostAnswers} losses`);
    const { refreshes } = await this.server.counted();
    return { refreshes, kills, lostAnswers, over, faults };
  }

  /** Why the grant is over; null: it serves, if need be once the lease of a process that was killed has ended. */
  private async endOf(id: string): Promise<string | null> {
    const sessions = this.app.app.get(ProviderSession, { strict: false });
    const integrations = this.app.app.get(IntegrationRepository, { strict: false });
    for (const until = Date.now() + 2 * LEASE_MS; ;) {
      try {
        const signal = AbortSignal.timeout(2 * LEASE_MS);
        const { call } = await sessions.open((await integrations.findById(id))!, 'chaos', { signal });
        await call.accessToken!(null);
        return null;
      } catch (error) {
        if (!(error instanceof ProviderFailure)) throw error;
        if (error.verdict === 'auth') return error.message;
        if (Date.now() > until) return `it does not come to an end: ${error.message}`;
      }
    }
  }
}
