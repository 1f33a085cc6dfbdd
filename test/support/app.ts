import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from '../../src/app.setup';
import { loadConfig, type AppConfig } from '../../src/platform/config';
import { AppLogger } from '../../src/platform/logging';
import { ProviderRegistry } from '../../src/providers';
import { startSandboxServer, type Sandbox } from '../../src/sandbox';
import { checkAnswers } from './checked-answers';
import { migratedDatabase } from './database';
import { findProgram } from './optional-programs';
import { freePort } from './ports';
import { startTestRedis } from './redis';
import { endStatements } from './statements';

export const QUEUE_BACKENDS = ['postgres', 'redis'] as const;
export type QueueBackend = (typeof QUEUE_BACKENDS)[number];

export interface TestAppOverrides {
  /** Where BullMQ runs; PostgreSQL unless told. */
  readonly queue?: QueueBackend;
  /** Environment variables over the test's own, `undefined` to take one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** A database that another test application made: two processes on one state. Not dropped by this one. */
  readonly databaseUrl?: string;
  /** A Redis that another test application made. */
  readonly redisUrl?: string;
  /** A data folder (local keyring) that another test application made. */
  readonly dataDir?: string;
}

export interface TestApp {
  readonly app: NestExpressApplication;
  /** Origin, without a slash at the end. It listens for real: supertest takes it as it takes an app. */
  readonly url: string;
  readonly config: AppConfig;
  readonly sandbox: Sandbox;
  /** Where the simulators listen: an origin of their own. */
  readonly sandboxUrl: string;
  /** Every log line so far, as written: to look for what must be there, and for canaries that must not. */
  readonly logs: readonly string[];
  /** Like an orderly end of the process; drops what it made. */
  close(): Promise<void>;
}

/**
 * The whole application on a migrated database of its own, listening. Null where Redis is asked for and there is none.
 */
export async function startTestApp(overrides: TestAppOverrides & { queue: 'redis' }): Promise<TestApp | null>;
export async function startTestApp(overrides?: TestAppOverrides): Promise<TestApp>;
export async function startTestApp(overrides: TestAppOverrides = {}): Promise<TestApp | null> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    let redisUrl = overrides.redisUrl;
    if (overrides.queue === 'redis' && redisUrl === undefined) {
      const redis = await startTestRedis();
      if (!redis) return null;
      undo.push(() => redis.stop());
      redisUrl = redis.url;
    }
    let databaseUrl = overrides.databaseUrl;
    if (databaseUrl === undefined) {
      const database = await migratedDatabase();
      undo.push(() => database.drop());
      databaseUrl = database.url;
    }
    let dataDir = overrides.dataDir;
    if (dataDir === undefined) {
      const made = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-app-'));
      undo.push(() => rm(made, { recursive: true, force: true }));
      dataDir = made;
    }
    const simulators = await startSandboxServer();
    undo.push(() => simulators.close());
    const config = loadConfig({
      NODE_ENV: 'test',
      PORT: String(await freePort()),
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      LOG_LEVEL: 'debug',
      DEV_CREDENTIALS: 'false',
      SANDBOX_PROVIDERS: 'true',
      SANDBOX_ORIGIN: simulators.url,
      RATE_LIMIT_LIVE_PER_MINUTE: '0',
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      EXCHANGE_LIMIT_PER_ADDRESS: '0',
      ...overrides.environment,
    });
    undo.push(() => endStatements(config.database.url));
    const logs: string[] = [];
    const logger = new AppLogger({
      level: config.logLevel,
      destination: { write: (line) => void logs.push(line) },
    });
    const app = await createApp(config, { logger });
    undo.push(() => app.close());
    checkAnswers(app.getHttpServer() as Server, app.get(ProviderRegistry, { strict: false }));
    await app.listen(config.port, '127.0.0.1');
    const { sandbox, url: sandboxUrl } = simulators;
    return { app, url: `http://127.0.0.1:${config.port}`, config, sandbox, sandboxUrl, logs, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The same tests over both queue backends, one after the other (BullMQ chooses its backend process-wide). Where there
 * is no Redis the second half is a visible, skipped test; with REQUIRE_REDIS=1 it fails instead.
 */
export function describeOnBothQueues(
  title: string,
  tests: (application: () => TestApp) => void,
  overrides: Omit<TestAppOverrides, 'queue'> = {},
): void {
  describe.each(QUEUE_BACKENDS)(`${title} (queue on %s)`, (queue) => {
    if (queue === 'redis' && findProgram('redis') === null) {
      it.skip('needs redis-server, which is not on the PATH', () => undefined);
      return;
    }
    let running: TestApp | null = null;
    beforeAll(async () => {
      running = await startTestApp({ ...overrides, queue } as TestAppOverrides);
    }, 60_000);
    afterAll(async () => running?.close());
    tests(() => {
      if (!running) throw new Error('the test application did not start');
      return running;
    });
  });
}
