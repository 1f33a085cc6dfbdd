import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { superviseProgram } from '../../src/database/embedded-postgres-supervisor';
import { findProgram } from './optional-programs';
import { freePort } from './ports';

export interface TestRedis {
  url: string;
  /** Of redis-server itself, for tests that kill or freeze it. */
  pid: number;
  stop(): Promise<void>;
}

const readyTimeoutMs = 10_000;

/** A private Redis that keeps nothing; null, said aloud, where there is no redis-server and none is required. */
export async function startTestRedis(): Promise<TestRedis | null> {
  const command = findProgram('redis');
  if (!command) {
    console.warn('redis-server is not on the PATH: what needs Redis is not tested here.');
    return null;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-redis-'));
  const logFile = path.join(folder, 'redis.log');
  const log = await open(logFile, 'a');
  const port = await freePort();
  const server = superviseProgram({
    command,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
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
      const pid = await askProcessId(port).catch(() => undefined);
      if (pid) {
        server.unref();
        return { url: `redis://127.0.0.1:${port}`, pid, stop };
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
async function askProcessId(port: number): Promise<number | undefined> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
  socket.write('INFO server\r\nQUIT\r\n');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  const digits = /^process_id:(\d+)\r?$/m.exec(answer)?.[1];
  return digits ? Number(digits) : undefined;
}
