import { Interlock, type DebugEvent, type InterlockOptions } from '../../sdk/typescript/src';
import type { FaultyProxy } from './faulty-proxy';

const FAST = { backoff: { baseMs: 5, capMs: 50 }, attemptTimeoutMs: 5_000 };

/** A client that waits little between its attempts, and whose debug events are kept. */
export function sdkClient(
  proxy: FaultyProxy,
  options: Omit<InterlockOptions, 'baseUrl'>,
  events: DebugEvent[],
): Interlock {
  return new Interlock({ baseUrl: proxy.url, ...FAST, debug: (event) => events.push(event), ...options });
}

/** The error of a call, which is one of this class. */
export async function thrownBy<E extends Error>(
  call: PromiseLike<unknown>,
  Class: abstract new (...args: never[]) => E,
): Promise<E> {
  const error: unknown = await Promise.resolve(call).then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Class);
  return error as E;
}
