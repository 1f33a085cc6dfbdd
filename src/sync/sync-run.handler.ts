import { Injectable, Logger } from '@nestjs/common';
import { CredentialGone, IntegrationRepository, ProviderSession, type OpenedSession } from '../integrations';
import { groupedBy } from '../platform/collections';
import { pipelined, type Tx } from '../platform/database';
import { VERDICT_POLICIES } from '../platform/outbound';
import { ProviderRegistry, type ResourceType, type ServedProvider, type Stream } from '../providers';
import { askedWaitMs, gateWaitMs } from './breaker';
import { CommitGroup } from './commit-group';
import { parseCursor } from './cursor';
import { enabledStreams } from './enabled-streams';
import { FormerRecords } from './former-records';
import { PageCommit } from './page-commit';
import { FencedOut } from './run';
import { toRunFailure, type RunFailure } from './run-failure';
import { RunFence, type FenceTarget } from './run-fence';
import { RunHandler, type RunContext, type RunOutcome } from './run-handler';
import { CursorRepository, type StoredStream } from './store/cursor.repository';
import { LogRepository, type RunLogRow } from './store/log.repository';
import { ProviderBreakerRepository } from './store/provider-breaker.repository';
import { StreamSync } from './stream-sync';

/** The run's log entries and where its streams stand: only this run moves them while it holds its lease. */
interface RunEntries {
  readonly logs: readonly RunLogRow[];
  readonly cursors: ReadonlyMap<string, StoredStream>;
}

interface OpenedRun extends RunEntries {
  readonly session: OpenedSession;
}

/** One attempt of a run. */
interface Work extends OpenedRun {
  readonly context: RunContext;
  readonly target: FenceTarget;
  readonly byResource: ReadonlyMap<ResourceType, readonly Stream[]>;
}

/** `next` begins when this one ends. */
interface ResourceTurn {
  readonly resource: ResourceType;
  readonly next: ResourceType | null;
}

const NEVER_READ: StoredStream = { cursor: parseCursor(undefined), quarantined: false };

/**
 * Reads everything the integration's settings ask for, resource by resource, customers before invoices before payments.
 */
@Injectable()
export class SyncRunHandler extends RunHandler {
  readonly kind = 'sync';
  private readonly logger = new Logger('sync');

  constructor(
    private readonly integrations: IntegrationRepository,
    private readonly sessions: ProviderSession,
    private readonly former: FormerRecords,
    private readonly streams: StreamSync,
    private readonly fence: RunFence,
    private readonly commits: PageCommit,
    private readonly providers: ProviderRegistry,
    private readonly logs: LogRepository,
    private readonly cursors: CursorRepository,
    private readonly providerBreakers: ProviderBreakerRepository,
  ) {
    super();
  }

  async execute(context: RunContext): Promise<RunOutcome> {
    const { run } = context;
    const integration = await this.integrations.findById(run.integrationId);
    if (!integration || integration.state !== 'active') return { kind: 'cancelled' };

    const target = { run, integration };
    // no question for the provider: done whether it works or not
    if (run.formerRecords || run.epoch !== integration.epoch) {
      const left = await this.former.leave(context, target);
      if (left === 'yielded') return { kind: 'yielded' };
    }
    const waits = await this.waitsForProvider(target);
    if (waits) return waits;

    const provider = await this.providers.seek(integration.provider);
    const enabled = enabledStreams(provider.adapter.streams, integration.configuration, run.resources);
    const byResource = groupedBy(enabled, ({ resource }) => resource);
    const opened = await this.open(context, target, provider, [...byResource.keys()]);
    if ('kind' in opened) return opened;
    return this.sync({ context, target, byResource, ...opened });
  }

  private async waitsForProvider({ run, integration }: FenceTarget): Promise<RunOutcome | null> {
    if (!run.providerTrouble) return null;
    const gate = await this.providerBreakers.gate(integration.provider, integration.environment, run.id);
    if (gate.pass) return null;
    return { kind: 'yielded', notBeforeMs: gateWaitMs(gate.retryInMs, run.gateWaits), reason: 'provider_incident' };
  }

  private async open(
    context: RunContext,
    target: FenceTarget,
    provider: ServedProvider,
    resources: readonly ResourceType[],
  ): Promise<OpenedRun | RunOutcome> {
    const { run, integration } = target;
    let entries!: RunEntries;
    try {
      const session = await this.sessions.open(integration, `run:${run.kind}`, {
        signal: context.signal,
        provider,
        mayDispatch: () => context.assertHeld(),
        duringCall: (call) => context.duringCall(call),
        runId: run.id,
        askOnce: run.insists,
        audited: (record) =>
          this.fence.run(target, async (tx) => {
            [entries] = await pipelined(this.openEntries(tx, target, resources), record(tx));
          }),
      });
      return { session, ...entries };
    } catch (error) {
      this.rethrowUnlessFailure(context, error);
      if (error instanceof CredentialGone) return { kind: 'cancelled' };
      const failure = toRunFailure(error);
      if (failure.waitReason === null) return this.failed(failure);
      const notBeforeMs = gateWaitMs(failure.retryAfterMs!, run.gateWaits);
      return { kind: 'yielded', notBeforeMs, reason: failure.waitReason };
    }
  }

  /** In the transaction that audits the opening of the credential. */
  private async openEntries(
    tx: Tx,
    { run, integration }: FenceTarget,
    resources: readonly ResourceType[],
  ): Promise<RunEntries> {
    const [logs, cursors] = await pipelined(
      this.logs.open(tx, run, integration.provider, resources),
      this.cursors.findAll(tx, integration.id),
    );
    const [first] = unfinished(resources, logs);
    const begun = logs.some(({ resourceType, status }) => resourceType === first && status === 'syncing');
    if (first && !begun) await this.logs.start(tx, run.id, first);
    return { logs, cursors };
  }

  private async sync(work: Work): Promise<RunOutcome> {
    const { target, byResource, logs } = work;
    // what failed before a hand-back has failed: the run must not end as if it had not
    const failedBefore = logs.find((log) => log.failure !== null)?.failure;
    let failure: RunFailure | null = failedBefore
      ? { ...failedBefore, retryAfterMs: null, waitReason: null, status: null }
      : null;
    const group = new CommitGroup(this.commits, target, this.reportingSuccess(target));
    const resources = unfinished(byResource.keys(), logs);
    for (const [index, resource] of resources.entries()) {
      // in one transaction: a resource ends, and the next one begins
      const next = resources[index + 1] ?? null;
      try {
        if ((await this.syncResource(work, group, { resource, next })) === 'yielded') return { kind: 'yielded' };
      } catch (error) {
        this.rethrowUnlessFailure(work.context, error);
        await group.flush();
        const found = toRunFailure(error);
        if (found.waitReason !== null) {
          return { kind: 'yielded', notBeforeMs: askedWaitMs(found.retryAfterMs!), reason: found.waitReason };
        }
        await this.recordFailure(target, { resource, next }, found, error);
        failure ??= found;
        if (VERDICT_POLICIES[found.verdict].endsSync) break;
      }
    }
    return failure ? this.failed(failure) : { kind: 'succeeded' };
  }

  private async syncResource(
    { context, target, session, byResource, cursors }: Work,
    group: CommitGroup,
    { resource, next }: ResourceTurn,
  ): Promise<'done' | 'yielded'> {
    const streams = byResource.get(resource)!;
    const resourceBegunAt = performance.now();
    for (const stream of streams) {
      const logEnd = stream === streams.at(-1) ? { next } : null;
      const stored = cursors.get(stream.key) ?? NEVER_READ;
      const work = { context, target: { ...target, stream }, session, group, resourceBegunAt, logEnd };
      const outcome = await this.streams.run(work, stored);
      if (outcome === 'done_before' && logEnd) {
        await this.fence.run(target, (tx) => this.logs.succeed(tx, target.run.id, resource, next));
      }
      if (outcome !== 'yielded') continue;
      await group.flush();
      return 'yielded';
    }
    if (next === null) await group.flush();
    return 'done';
  }

  private async recordFailure(
    target: FenceTarget,
    { resource, next }: ResourceTurn,
    failure: RunFailure,
    error: unknown,
  ): Promise<void> {
    const { run, integration } = target;
    const { verdict } = failure;
    this.logger.warn({
      msg: 'a resource failed',
      runId: run.id,
      integrationId: integration.id,
      resource,
      verdict,
      err: verdict === 'internal' ? error : undefined,
    });
    await this.fence.run(target, async (tx) => {
      await this.logs.fail(tx, run.id, resource, failure);
      const key = { integrationId: integration.id, resourceType: resource };
      await this.cursors.markFailed(tx, key, run.id, failure.message);
      if (!VERDICT_POLICIES[verdict].endsSync && next) await this.logs.start(tx, run.id, next);
    });
  }

  /**
   * The first page that came home says that the provider works, long before a first import ends; later ones say nothing
   * new.
   */
  private reportingSuccess({ run, integration }: FenceTarget): () => Promise<void> {
    const { provider, environment, merchantId } = integration;
    let reported: Promise<void> | undefined;
    return async () => {
      if (!run.providerTrouble) return;
      await (reported ??= this.providerBreakers.recordSuccess(provider, environment, merchantId));
    };
  }

  private failed(failure: RunFailure): RunOutcome {
    return {
      kind: 'failed',
      verdict: failure.verdict,
      message: failure.message,
      status: failure.status,
      code: failure.code,
      nextAction: failure.nextAction,
    };
  }

  /** An abort and a lost fence are not failures of anybody: the executor knows what to do with them. */
  private rethrowUnlessFailure(context: RunContext, error: unknown): void {
    if (context.signal.aborted || error instanceof FencedOut) throw error;
  }
}

/** In their order; what a run that takes up again has done already is left out. */
function unfinished(resources: Iterable<ResourceType>, logs: readonly RunLogRow[]): ResourceType[] {
  const ended = new Set(
    logs.filter(({ status }) => status === 'success' || status === 'failed').map(({ resourceType }) => resourceType),
  );
  return [...resources].filter((resource) => !ended.has(resource));
}
