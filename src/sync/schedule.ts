import { createHash } from 'node:crypto';

/** A stable place in the interval, so that integrations made in the same minute do not all fire together. */
export function offsetMs(integrationId: string, intervalMs: number): number {
  const digest = createHash('sha256').update(integrationId).digest();
  return Number(digest.readBigUInt64BE(0) % BigInt(intervalMs));
}
