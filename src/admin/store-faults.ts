import type { Readiness, Store } from '../platform/health';

/** What is wrong with a store: it takes nothing, it answers slowly, or it does not answer. */
export interface StoreFault {
  readonly kind: 'refuses' | 'slow' | 'away';
  readonly reason: string;
}

/** What readiness has just found. Of a store that missed one check alone nobody knows yet that it is away. */
export async function storeFaults(
  readiness: Pick<Readiness, 'report' | 'missesOf'>,
): Promise<Record<Store, StoreFault | null>> {
  const report = await readiness.report();
  const faultOf = (store: Store): StoreFault | null => {
    const { reason } = report[store];
    if (reason === undefined) return null;
    const misses = readiness.missesOf(store);
    if (misses === 0) return { kind: 'refuses', reason };
    return misses === 1 ? { kind: 'slow', reason: 'answers slowly' } : { kind: 'away', reason };
  };
  return { database: faultOf('database'), queue: faultOf('queue') };
}
