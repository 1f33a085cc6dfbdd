import { setTimeout as sleep } from 'node:timers/promises';

/** Tries again until the assertion holds; then its last failure is the test's. */
export async function eventually(assertion: () => unknown, withinMs = 10_000, everyMs = 50): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await sleep(everyMs);
    }
  }
}
