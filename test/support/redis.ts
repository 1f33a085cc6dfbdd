import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { superviseProgram } from '../../src/database/embedded-postgres-supervisor';
import { findProgram } from './optional-programs';
import { freePort } from './ports';

export interface TestRedis {
  url: string;
  port: number;
  /** Of redis-server itself, for tests that kill or freeze it. */
  pid: number;
  stop(): Promise<void>;
}

export interface TestRedisOptions {
  /** Lines of its configuration, for this port. */
  readonly configuration?: (port: number) => readonly string[];
  /** As a Sentinel. */
  readonly sentinel?: boolean;
  /** How a test reaches it, where not in clear and as nobody. */
  readonly client?: RedisOptions;
}

const readyTimeoutMs = 20_000;

/** A private Redis that keeps nothing; null, said aloud, where there is no redis-server and none is required. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis | null> {
  const command = findProgram('redis');
  if (!command) {
    console.warn('redis-server is not on the PATH: what needs Redis is not tested here.');
    return null;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-redis-'));
  const logFile = path.join(folder, 'redis.log');
  const log = await open(logFile, 'a');
  const port = await freePort();
  const lines = ['bind 127.0.0.1', `dir ${folder}`, ...(options.configuration?.(port) ?? [`port ${port}`])];
  if (!options.sentinel) lines.push('save ""', 'appendonly no');
  await writeFile(path.join(folder, 'redis.conf'), lines.join('\n'));
  const server = superviseProgram({
    command,
    args: [path.join(folder, 'redis.conf'), ...(options.sentinel ? ['--sentinel'] : [])],
    cwd: folder,
    output: log.fd,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  let ending: string | undefined;
  void server.ended.then((outcome) => (ending = outcome));
  try {
    const deadline = Date.now() + readyTimeoutMs;
    for (;;) {
      const pid = await askProcessId({ ...options.client, port }).catch(() => undefined);
      if (pid) {
        server.unref();
        return { url: `redis://127.0.0.1:${port}`, port, pid, stop };
      }
      if (ending !== undefined || Date.now() > deadline) {
        throw new Error(`redis-server did not start (${ending ?? 'no answer'}): ${await readFile(logFile, 'utf8')}`);
      }
      await sleep(20);
    }
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await log.close();
  }
}

/** An answer proves that it is ready, and holds its number: the shell around it has another. */
async function askProcessId(options: RedisOptions): Promise<number | undefined> {
  const redis = new Redis({ host: '127.0.0.1', retryStrategy: () => null, lazyConnect: true, ...options });
  redis.on('error', () => undefined);
  try {
    const digits = /^process_id:(\d+)\r?$/m.exec(await redis.info('server'))?.[1];
    return digits ? Number(digits) : undefined;
  } finally {
    redis.disconnect();
  }
}
