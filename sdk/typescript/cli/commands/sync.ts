import type { Interlock, ProviderId, SyncLog } from '../../src';
import { providerOf, type Command, type CommandContext } from '../command';
import { Progress } from '../progress';

export const syncCommand: Command = {
  name: 'sync',
  usage: '<provider>',
  summary: 'start a sync',
  options: {
    full: { type: 'boolean', help: 'read everything again, not only what changed' },
    follow: { type: 'boolean', help: 'wait for its end and show the progress of each resource' },
  },
  async run(context) {
    const { terminal, options, signal, client } = context;
    const provider = providerOf(context);
    const interlock = await client();
    const before = options['follow']
      ? await interlock.syncs.logs(provider, { latestOnly: 'true' }, { signal }).all()
      : [];
    const answer = await interlock.integrations.sync(provider, { fullResync: options['full'] === true }, { signal });
    if (!options['follow']) return terminal.result(answer, `Sync ${answer.jobId} has been asked for.`);
    await follow(interlock, context, { provider, jobId: answer.jobId, before });
  },
};

/** Waits for the end of a sync, shows how far it is, and prints what it did. */
export async function follow(
  interlock: Interlock,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
  { provider, jobId, before = [] }: { provider: ProviderId; jobId?: string; before?: readonly SyncLog[] },
): Promise<void> {
  const progress = new Progress(terminal, before);
  const onProgress = (logs: readonly SyncLog[]): void => progress.show(logs);
  let logs: SyncLog[];
  try {
    logs = await interlock.integrations.waitForSync(provider, {
      onProgress,
      signal,
      timeoutMs: 24 * 60 * 60_000,
      ...(jobId === undefined ? {} : { jobId }),
    });
  } finally {
    progress.end();
  }
  if (terminal.json) return terminal.rows(logs);
  terminal.rows(
    logs.map((log) => ({
      resource: log.resourceType,
      fetched: log.recordsFetched,
      created: log.recordsCreated,
      updated: log.recordsUpdated,
      deleted: log.recordsDeleted,
      quarantined: log.recordsQuarantined,
      seconds: log.durationMs === null ? null : (log.durationMs / 1000).toFixed(1),
    })),
  );
}
