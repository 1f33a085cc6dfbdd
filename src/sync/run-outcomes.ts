import { Injectable } from '@nestjs/common';
import { aboutIntegration, EventLog } from '../events';
import { providerHostOf } from '../integrations';
import { AppConfig } from '../platform/config';
import { pipelined, type Tx } from '../platform/database';
import { VERDICT_POLICIES, type Verdict } from '../platform/outbound';
import { ProviderRegistry } from '../providers';
import { afterFailure, type BreakerState } from './breaker';
import { FencedOut, type LeasedRun, type RunUse } from './run';
import type { RunOutcome } from './run-handler';
import { HealthRepository } from './store/health.repository';
import { LogRepository } from './store/log.repository';
import { ProviderBreakerRepository } from './store/provider-breaker.repository';
import { RunEndRepository, type EndedIntegration } from './store/run-end.repository';
import { RunRepository, type HeldIntegration, type QueuedRun } from './store/run.repository';
import { ScheduleRepository } from './store/schedule.repository';

/**
 * What the end of a run does to its logs, its integration's health and its schedule: all in the transaction that ends
 * it.
 */
@Injectable()
export class RunOutcomes {
  constructor(
    private readonly runs: RunRepository,
    private readonly ends: RunEndRepository,
    private readonly logs: LogRepository,
    private readonly health: HealthRepository,
    private readonly schedules: ScheduleRepository,
    private readonly providerBreakers: ProviderBreakerRepository,
    private readonly providers: ProviderRegistry,
    private readonly config: AppConfig,
    private readonly events: EventLog,
  ) {}

  /** The run that waited behind it and takes its place; null: there is none. Throws FencedOut. */
  async succeed(tx: Tx, run: LeasedRun, use: RunUse): Promise<QueuedRun | null> {
    const end = await this.ends.succeed(tx, run, use);
    if (!end) throw new FencedOut();
    const { integration, before, changes, next } = end;
    if (run.kind !== 'sync') return next;
    this.tellRecovery(tx, integration, before);
    this.events.append(tx, integration, 'sync.completed', {
      ...aboutIntegration(integration),
      runId: run.id,
      ...changes,
    });
    return next;
  }

  /** Precondition: the caller holds the integration's row and the run's. */
  async record(
    tx: Tx,
    run: LeasedRun,
    integration: HeldIntegration,
    outcome: Exclude<RunOutcome, { kind: 'yielded' | 'succeeded' }>,
    use: RunUse,
  ): Promise<void> {
    if (outcome.kind === 'cancelled') {
      await this.runs.finish(tx, run, { state: 'cancelled' }, use);
      await this.logs.skipRest(tx, run.id, 'The run was cancelled.');
      return;
    }
    const policy = VERDICT_POLICIES[outcome.verdict];
    const code = outcome.code ?? policy.code;
    const end = { state: 'failed', errorCode: code, verdict: outcome.verdict, error: outcome.message } as const;
    await this.runs.finish(tx, run, end, use);
    await this.logs.skipRest(tx, run.id, 'Not reached: the run failed before.');
    if (run.kind !== 'sync') return;
    const outage = policy.blamesProvider && (await this.isOutage(tx, run, integration, outcome.verdict));
    const { asScheduled } = outcome;
    const failure = { verdict: outcome.verdict, code, message: outcome.message, blamed: !outage, asScheduled };
    await this.recordFailure(tx, integration, failure);
    this.events.append(tx, integration, 'sync.failed', {
      ...aboutIntegration(integration),
      runId: run.id,
      errorCode: code,
      error: told(outcome.message),
    });
  }

  private isOutage(tx: Tx, run: LeasedRun, integration: HeldIntegration, verdict: Verdict): Promise<boolean> {
    return this.providerBreakers.recordFailure(tx, {
      integration,
      runId: run.id,
      verdict,
      host: providerHostOf(this.config, integration),
      minHosts: this.hostPerMerchant(integration.provider) ? 2 : 1,
    });
  }

  /** One that has left the service while its run was under way is believed the more cautious thing. */
  private hostPerMerchant(provider: string): boolean {
    return !this.providers.has(provider) || this.providers.get(provider).entry.hostPerMerchant;
  }

  /** A success of an outside worker: the count is zero again and the breaker closed. */
  async recover(tx: Tx, integration: EndedIntegration): Promise<void> {
    const { id } = integration;
    const [before] = await pipelined(
      this.health.lock(tx, id),
      this.health.succeed(tx, id),
      this.schedules.setBreakerOpen(tx, id, false),
    );
    this.tellRecovery(tx, integration, before);
  }

  private tellRecovery(
    tx: Tx,
    integration: EndedIntegration,
    before: Pick<BreakerState, 'failedRuns' | 'breaker'>,
  ): void {
    const about = aboutIntegration(integration);
    if (before.failedRuns > 0) this.events.append(tx, integration, 'integration.recovered', about);
    if (before.breaker !== 'closed') this.events.append(tx, integration, 'integration.resumed', about);
  }

  async recordFailure(
    tx: Tx,
    integration: EndedIntegration,
    failure: { verdict: Verdict; code: string; message: string; blamed: boolean; asScheduled?: boolean },
  ): Promise<void> {
    const { id } = integration;
    const before = await this.health.lock(tx, id);
    const change = afterFailure(before, failure.verdict, failure.blamed);
    await this.health.fail(tx, id, change, failure);
    await this.schedules.setBreakerOpen(tx, id, change.breaker === 'open');
    if (change.retryInMs !== null && !failure.asScheduled) await this.schedules.bringForward(tx, id, change.retryInMs);
    const about = aboutIntegration(integration);
    const error = told(failure.message);
    if (before.failedRuns === 0) {
      this.events.append(tx, integration, 'integration.degraded', { ...about, errorCode: failure.code, error });
    }
    if (change.cause === 'auth' && before.cause !== 'auth') {
      this.events.append(tx, integration, 'integration.credentials_rejected', { ...about, error });
    } else if (change.breaker === 'open' && before.breaker === 'closed') {
      this.events.append(tx, integration, 'integration.paused', { ...about, cause: 'failures' });
    }
  }
}

/** An outside worker's text can be long. */
function told(message: string): string {
  return message.length > 200 ? `${message.slice(0, 199)}…` : message;
}
