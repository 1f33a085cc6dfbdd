import { setTimeout as sleep } from 'node:timers/promises';
import { RateBudget } from '../platform/outbound';

/** So many calls a second, evenly: for one process that asks one account alone. */
export function paced(perSecond: number): RateBudget {
  let nextAt = 0;
  return new (class extends RateBudget {
    async acquire(signal: AbortSignal): Promise<void> {
      const now = performance.now();
      const at = Math.max(now, nextAt);
      nextAt = at + 1000 / perSecond;
      if (at > now) await sleep(at - now, undefined, { signal });
    }
  })();
}
