import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DevCredentials } from '../../src/dev-credentials';
import { environmentVariableNames } from '../../src/platform/config';
import { freePort } from '../../test/support/ports';
import { DemoFailure } from './failure';
import { logTail } from './log-tail';

const root = path.resolve(__dirname, '../..');
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const CREDENTIALS_TIMEOUT_MS = 10_000;
const KEPT_CHARACTERS = 200_000;

/** The built service as a child process, with a data folder of its own; both are gone after `stop`. */
export class ServiceProcess {
  readonly dataDir = mkdtempSync(path.join(os.tmpdir(), 'interlock-demo-'));
  private child: ChildProcess | null = null;
  private output = '';
  private url = '';

  /** Resolves once it is ready. */
  async start(signal: AbortSignal): Promise<string> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const child = spawn(process.execPath, ['--enable-source-maps', path.join(root, 'dist/main.js')], {
      cwd: root,
      env: { ...withoutOurVariables(process.env), PORT: String(port), DATA_DIR: this.dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
      // a group of its own: Ctrl-C is for this process, which then stops the service in order
      detached: true,
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-KEPT_CHARACTERS);
      });
    }
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.isReady())) {
      if (!this.isAlive()) throw new DemoFailure('The service ended while it was starting.');
      if (Date.now() > deadline) throw new DemoFailure(`The service was not ready in ${START_TIMEOUT_MS / 1000} s.`);
      await sleep(100, undefined, { signal });
    }
    return this.url;
  }

  /** Written at the first start, maybe a moment after the service answers. */
  async credentials(signal: AbortSignal): Promise<DevCredentials> {
    const file = path.join(this.dataDir, 'dev-credentials.json');
    const deadline = Date.now() + CREDENTIALS_TIMEOUT_MS;
    for (;;) {
      const text = readOrNull(file);
      if (text !== null) return JSON.parse(text) as DevCredentials;
      if (Date.now() > deadline) throw new DemoFailure(`The service wrote no ${file}.`);
      await sleep(100, undefined, { signal });
    }
  }

  isAlive(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  logTail(): string[] {
    return logTail(this.output);
  }

  /** Ends the service in order and removes its folder; says so when it had to be forced. */
  async stop(): Promise<string | null> {
    let forced: string | null = null;
    const { child } = this;
    if (child !== null && this.isAlive()) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const inTime = await Promise.race([ended.then(() => true), sleep(STOP_TIMEOUT_MS, false, { ref: false })]);
      if (!inTime) {
        forced = `The service did not stop in ${STOP_TIMEOUT_MS / 1000} s and was killed`;
        child.kill('SIGKILL');
        await ended;
      }
    }
    this.removeFolder();
    return forced;
  }

  /** The last resort of an exit handler: nothing may be awaited any more. */
  destroy(): void {
    if (this.isAlive()) this.child?.kill('SIGKILL');
    this.removeFolder();
  }

  private removeFolder(): void {
    // where the database's account may not enter the folder, the service keeps the database elsewhere and says where
    const elsewhere = readOrNull(path.join(this.dataDir, 'postgres.location'))?.trim();
    for (const folder of [elsewhere, this.dataDir]) {
      if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }

  private async isReady(): Promise<boolean> {
    return fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => answer.status === 200,
      () => false,
    );
  }
}

/** A DATABASE_URL that happens to be set must not make the demonstration write into somebody's database. */
function withoutOurVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = new Set(environmentVariableNames());
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.has(name)));
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
