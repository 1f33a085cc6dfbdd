/** Throws the signal's reason as soon as it is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** What a promise brings, or what `onTimeout` makes of the time being over. The promise itself goes on. */
export async function within<T>(
  promise: Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
  onTimeout: () => Error,
): Promise<T> {
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal!.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const time = sleep(ms, stop.signal).then(() => {
    throw onTimeout();
  });
  try {
    return await Promise.race([promise, time]);
  } finally {
    signal?.removeEventListener('abort', abort);
    time.catch(() => undefined);
    stop.abort();
  }
}
