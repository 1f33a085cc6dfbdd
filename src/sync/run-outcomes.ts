import { Injectable } from '@nestjs/common';
import { providerHostOf, type Integration } from '../integrations';
import { AppConfig } from '../platform/config';
import { pipelined, type Tx } from '../platform/database';
import { VERDICT_POLICIES, type Verdict } from '../platform/outbound';
import { PROVIDER_CATALOGUE } from '../providers';
import { afterFailure } from './breaker';
import type { LeasedRun } from './run';
import type { RunOutcome } from './run-handler';
import { HealthRepository } from './store/health.repository';
import { LogRepository } from './store/log.repository';
import { ProviderBreakerRepository } from './store/provider-breaker.repository';
import { RunRepository } from './store/run.repository';
import { ScheduleRepository } from './store/schedule.repository';

/**
 * What the end of a run does to its logs, its integration's health and its schedule: all in the transaction that ends
 * it.
 */
@Injectable()
export class RunOutcomes {
  constructor(
    private readonly runs: RunRepository,
    private readonly logs: LogRepository,
    private readonly health: HealthRepository,
    private readonly schedules: ScheduleRepository,
    private readonly providerBreakers: ProviderBreakerRepository,
    private readonly config: AppConfig,
  ) {}

  async record(
    tx: Tx,
    run: LeasedRun,
    integration: Integration,
    outcome: Exclude<RunOutcome, { kind: 'yielded' }>,
  ): Promise<void> {
    if (outcome.kind === 'succeeded') {
      const recovered = run.kind === 'sync' ? this.recover(tx, integration.id) : Promise.resolve();
      await pipelined(this.runs.finish(tx, run, { state: 'succeeded' }), recovered);
      return;
    }
    if (outcome.kind === 'cancelled') {
      await this.runs.finish(tx, run, { state: 'cancelled' });
      await this.logs.skipRest(tx, run.id, 'The run was cancelled.');
      return;
    }
    const policy = VERDICT_POLICIES[outcome.verdict];
    const code = outcome.code ?? policy.code;
    await this.runs.finish(tx, run, {
      state: 'failed',
      errorCode: code,
      verdict: outcome.verdict,
      error: outcome.message,
    });
    await this.logs.skipRest(tx, run.id, 'Not reached: the run failed before.');
    if (run.kind !== 'sync') return;
    const outage = policy.blamesProvider && (await this.isOutage(tx, run, integration, outcome.verdict));
    const { asScheduled } = outcome;
    const failure = { verdict: outcome.verdict, code, message: outcome.message, blamed: !outage, asScheduled };
    await this.recordFailure(tx, integration.id, failure);
  }

  private isOutage(tx: Tx, run: LeasedRun, integration: Integration, verdict: Verdict): Promise<boolean> {
    return this.providerBreakers.recordFailure(tx, {
      integration,
      runId: run.id,
      verdict,
      host: providerHostOf(this.config, integration),
      minHosts: PROVIDER_CATALOGUE[integration.provider].hostPerMerchant ? 2 : 1,
    });
  }

  /** A success: the count is zero again and the breaker closed. */
  async recover(tx: Tx, integrationId: string): Promise<void> {
    await pipelined(this.health.succeed(tx, integrationId), this.schedules.setBreakerOpen(tx, integrationId, false));
  }

  async recordFailure(
    tx: Tx,
    integrationId: string,
    failure: { verdict: Verdict; code: string; message: string; blamed: boolean; asScheduled?: boolean },
  ): Promise<void> {
    const before = await this.health.lock(tx, integrationId);
    const change = afterFailure(before, failure.verdict, failure.blamed);
    await this.health.fail(tx, integrationId, change, failure);
    await this.schedules.setBreakerOpen(tx, integrationId, change.breaker === 'open');
    if (change.retryInMs !== null && !failure.asScheduled)
      await this.schedules.bringForward(tx, integrationId, change.retryInMs);
  }
}
