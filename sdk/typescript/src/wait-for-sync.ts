import { InterlockError } from './errors';
import { sleep } from './sleep';
import type { Transport } from './transport';
import type { CallOptions, ProviderId, SyncLog } from './types';

const TIMEOUT_MS = 10 * 60_000;
const FIRST_POLL_MS = 300;
const LAST_POLL_MS = 3_000;

/** The sync ended, and not with success. */
export class SyncFailedError extends InterlockError {
  override name = 'SyncFailedError';

  constructor(
    message: string,
    /** One for each resource type. */
    readonly logs: readonly SyncLog[],
  ) {
    super(message);
  }
}

/** The sync has not ended in the time given to it; it goes on. `explain` says what it waits for. */
export class SyncTimeoutError extends InterlockError {
  override name = 'SyncTimeoutError';

  constructor(
    message: string,
    readonly logs: readonly SyncLog[],
  ) {
    super(message);
  }
}

export interface WaitForSyncOptions extends CallOptions {
  /** The sync to wait for, as `sync()` returned it; left out: the first sync after an activation, or the newest. */
  readonly jobId?: string;
  /** For the sync, not for each call; ten minutes unless told. */
  readonly timeoutMs?: number;
  /** The log entries each time they are looked at. */
  readonly onProgress?: (logs: readonly SyncLog[]) => void;
}

/** Waits for the end of a sync and returns its log entries, one for each resource type. */
export async function waitForSync(
  transport: Transport,
  provider: ProviderId,
  { jobId, timeoutMs = TIMEOUT_MS, onProgress, ...options }: WaitForSyncOptions,
): Promise<SyncLog[]> {
  const endsAt = Date.now() + timeoutMs;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 1.5, LAST_POLL_MS)) {
    const query = jobId === undefined ? { latestOnly: 'true' as const } : { jobId, limit: 100 };
    const logs = (await transport.send('listSyncLogs', { path: { provider }, query }, options)).body.data;
    onProgress?.(logs);
    const hasEnded = logs.length > 0 && logs.every(({ status }) => status !== 'pending' && status !== 'syncing');
    if (hasEnded) {
      const { data: integration } = (await transport.send('getIntegration', { path: { provider } }, options)).body;
      const { lastSyncAt = null, lastSyncError = null, status = null } = integration ?? {};
      // the entries end before the run, which then looks for deletions; those of a former account are older than an
      // activation
      const isSettled = status !== 'syncing' && (jobId !== undefined || lastSyncAt !== null || lastSyncError !== null);
      if (isSettled) return successful(logs);
    }
    if (Date.now() + pollMs >= endsAt) {
      throw new SyncTimeoutError(`The sync of ${provider} has not ended within ${timeoutMs} ms; it goes on.`, logs);
    }
    await sleep(pollMs, options.signal);
  }
}

function successful(logs: SyncLog[]): SyncLog[] {
  const bad = logs.find(({ status }) => status === 'failed') ?? logs.find(({ status }) => status === 'skipped');
  if (!bad) return logs;
  throw new SyncFailedError(`The sync of ${bad.resourceType} ${bad.status}: ${bad.error ?? 'no reason given'}`, logs);
}
