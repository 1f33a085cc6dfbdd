import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Drain } from './drain';

export interface ShutdownSteps {
  readonly drain: Drain;
  readonly server: Server;
  /** Stops what the application runs and closes what it holds; workers requeue their runs. */
  readonly closeApplication: () => Promise<void>;
  /** How long readiness fails while requests are still accepted, so that no balancer sends to a closed door. */
  readonly noticeMs: number;
  readonly graceMs: number;
}

/**
 * Readiness fails first; then no new connection is taken, the requests in flight finish, the application closes.
 * Resolves to false when the grace time ran out before everything had ended.
 */
export async function shutDownGracefully(steps: ShutdownSteps): Promise<boolean> {
  const { drain, server, graceMs } = steps;
  const outOfTime = new AbortController();
  const late = sleep(graceMs, false, { signal: outOfTime.signal }).catch(() => false);
  const ended = (async (): Promise<boolean> => {
    drain.start();
    await sleep(Math.min(steps.noticeMs, graceMs / 4));
    if (server.listening) server.close();
    await drain.requestsServed();
    // what is left are connections without a request
    server.closeAllConnections();
    await steps.closeApplication();
    return true;
  })();
  try {
    return await Promise.race([ended, late]);
  } finally {
    outOfTime.abort();
  }
}
