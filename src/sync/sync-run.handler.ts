import { Injectable, Logger } from '@nestjs/common';
import {
  CredentialGone,
  IntegrationRepository,
  ProviderSession,
  type Integration,
  type OpenedSession,
} from '../integrations';
import { groupedBy } from '../platform/collections';
import { pipelined, type Tx } from '../platform/database';
import { VERDICT_POLICIES } from '../platform/outbound';
import { ProviderRegistry, type ResourceType } from '../providers';
import { askedWaitMs, gateWaitMs } from './breaker';
import { CommitGroup } from './commit-group';
import { parseCursor } from './cursor';
import { enabledStreams } from './enabled-streams';
import { FormerRecords } from './former-records';
import { PageCommit } from './page-commit';
import { FencedOut, type LeasedRun } from './run';
import { toRunFailure, type RunFailure } from './run-failure';
import { RunFence } from './run-fence';
import { RunHandler, type RunContext, type RunOutcome } from './run-handler';
import { CursorRepository, type StoredStream } from './store/cursor.repository';
import { LogRepository, type RunLogRow } from './store/log.repository';
import { ProviderBreakerRepository } from './store/provider-breaker.repository';
import { StreamSync } from './stream-sync';

/** The run's log entries and where its streams stand: only this run moves them while it holds its lease. */
interface OpenedRun {
  readonly logs: readonly RunLogRow[];
  readonly cursors: ReadonlyMap<string, StoredStream>;
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
    if (run.providerTrouble) {
      const gate = await this.providerBreakers.gate(integration.provider, integration.environment, run.id);
      if (!gate.pass) {
        const notBeforeMs = gateWaitMs(gate.retryInMs, run.attempt);
        return { kind: 'yielded', notBeforeMs, reason: 'provider_incident' };
      }
    }

    const { streams } = this.providers.get(integration.provider);
    const enabled = enabledStreams(streams, integration.configuration, run.resources);
    const byResource = groupedBy(enabled, ({ resource }) => resource);
    let session: OpenedSession;
    let opened!: OpenedRun;
    let failure: RunFailure | null = null;
    try {
      session = await this.sessions.open(integration, `run:${run.kind}`, {
        signal: context.signal,
        mayDispatch: () => context.assertHeld(),
        duringCall: (call) => context.duringCall(call),
        runId: run.id,
        askOnce: run.insists,
        audited: (record) =>
          this.fence.run(target, async (tx) => {
            [opened] = await pipelined(this.open(tx, run, integration, byResource.keys()), record(tx));
          }),
      });
    } catch (error) {
      this.rethrowUnlessFailure(context, error);
      if (error instanceof CredentialGone) return { kind: 'cancelled' };
      failure = toRunFailure(error);
      if (failure.waitReason === null) return this.failed(failure);
      const notBeforeMs = gateWaitMs(failure.retryAfterMs!, run.attempt);
      return { kind: 'yielded', notBeforeMs, reason: failure.waitReason };
    }

    const { logs, cursors } = opened;
    // what failed before a hand-back has failed: the run must not end as if it had not
    const failedBefore = logs.find((log) => log.failure !== null)?.failure;
    if (failedBefore) failure = { ...failedBefore, retryAfterMs: null, waitReason: null, status: null };

    const afterCommit = once(async () => {
      if (!run.providerTrouble) return;
      const { provider, environment, merchantId } = integration;
      await this.providerBreakers.recordSuccess(provider, environment, merchantId);
    });
    const group = new CommitGroup(this.commits, target, afterCommit);
    const resources = unfinished(byResource.keys(), logs);
    for (const [index, resource] of resources.entries()) {
      // in one transaction: a resource ends, and the next one begins
      const next = resources[index + 1] ?? null;
      try {
        const streams = byResource.get(resource)!;
        for (const stream of streams) {
          const logEnd = stream === streams.at(-1) ? { next } : null;
          const stored = cursors.get(stream.key) ?? NEVER_READ;
          const hooks = { group, logEnd };
          const outcome = await this.streams.run(context, integration, session, stream, stored, hooks);
          if (outcome === 'done_before' && logEnd) {
            await this.fence.run(target, (tx) => this.logs.succeed(tx, run.id, resource, next));
          }
          if (outcome !== 'yielded') continue;
          await group.flush();
          return { kind: 'yielded' };
        }
        if (next === null) await group.flush();
      } catch (error) {
        this.rethrowUnlessFailure(context, error);
        await group.flush();
        const resourceFailure = toRunFailure(error);
        if (resourceFailure.waitReason !== null) {
          return {
            kind: 'yielded',
            notBeforeMs: askedWaitMs(resourceFailure.retryAfterMs!),
            reason: resourceFailure.waitReason,
          };
        }
        this.logger.warn({
          msg: 'a resource failed',
          runId: run.id,
          integrationId: integration.id,
          resource,
          verdict: resourceFailure.verdict,
          err: resourceFailure.verdict === 'internal' ? error : undefined,
        });
        const { endsSync } = VERDICT_POLICIES[resourceFailure.verdict];
        await this.fence.run(target, async (tx) => {
          await this.logs.fail(tx, run.id, resource, resourceFailure);
          const key = { integrationId: integration.id, resourceType: resource };
          await this.cursors.markFailed(tx, key, run.id, resourceFailure.message);
          if (!endsSync && next) await this.logs.start(tx, run.id, next);
        });
        failure ??= resourceFailure;
        if (endsSync) break;
      }
    }
    if (failure) return this.failed(failure);
    return { kind: 'succeeded' };
  }

  /** In the transaction that audits the opening of the credential. */
  private async open(
    tx: Tx,
    run: LeasedRun,
    integration: Integration,
    resources: Iterable<ResourceType>,
  ): Promise<OpenedRun> {
    const all = [...resources];
    const [logs, cursors] = await pipelined(
      this.logs.open(tx, run, integration.provider, all),
      this.cursors.findAll(tx, integration.id),
    );
    const [first] = unfinished(all, logs);
    const begun = logs.some(({ resourceType, status }) => resourceType === first && status === 'syncing');
    if (first && !begun) await this.logs.start(tx, run.id, first);
    return { logs, cursors };
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

/**
 * The first page that came home says that the provider works, long before a first import ends; later ones say nothing
 * new.
 */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

/** In their order; what a run that takes up again has done already is left out. */
function unfinished(resources: Iterable<ResourceType>, logs: readonly RunLogRow[]): ResourceType[] {
  const ended = new Set(
    logs.filter(({ status }) => status === 'success' || status === 'failed').map(({ resourceType }) => resourceType),
  );
  return [...resources].filter((resource) => !ended.has(resource));
}
