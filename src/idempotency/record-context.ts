import type { SealContext } from '../vault';

/** What the secrets of a record are bound to. */
export function contextOf(recordId: string): SealContext {
  return { purpose: 'idempotent_response', ownerId: recordId };
}
