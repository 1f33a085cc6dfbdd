import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ENVIRONMENTS } from '../platform/http';
import { Metrics } from '../platform/metrics';
import { ProviderRegistry } from '../providers';
import { SYNC_WORDS } from '../sync';
import { FINDING_CODES } from './finding-kinds';
import { FindingsService } from './findings.service';
import { GaugeRepository } from './store/gauge.repository';

/** Concurrent scrapes share one reading. */
const FRESH_FOR_MS = 5_000;
/** The label of findings that concern no environment. */
const OF_THE_SERVICE = 'service';
const BREAKER_STATES = ['closed', 'open', 'half_open'];
const LIVE_STATES = ['waiting', 'queued', 'running'];

/** Gauges that are read from the database: the same on every process, so a dashboard takes the maximum. */
@Injectable()
export class ServiceGauges implements OnModuleInit {
  private readAt = -FRESH_FOR_MS;

  constructor(
    private readonly metrics: Metrics,
    private readonly repository: GaugeRepository,
    private readonly findings: FindingsService,
    private readonly providers: ProviderRegistry,
  ) {}

  onModuleInit(): void {
    this.metrics.beforeScrape(() => this.refresh());
  }

  private async refresh(): Promise<void> {
    if (performance.now() - this.readAt < FRESH_FOR_MS) return;
    const reading = await this.repository.read();
    const { findings } = await this.findings.read();
    this.readAt = performance.now();
    const { metrics } = this;
    const place = ['provider', 'environment'];
    const integrations = metrics.gauge('integrations', 'Active integrations by health.', [...place, 'health']);
    const breakers = metrics.gauge('breakers', 'Active integrations by the state of their breaker.', [
      ...place,
      'state',
    ]);
    const incidents = metrics.gauge('provider_incident', '1 while several merchants see a provider fail.', place);
    const lag = metrics.gauge('freshness_lag_seconds', 'How long the last successful syncs are past their interval.', [
      ...place,
      'quantile',
    ]);
    lag.reset();
    // every combination is there from the start: a series that appears with the first failure has no rate
    for (const provider of this.providers.ids()) {
      for (const environment of ENVIRONMENTS) {
        incidents.set({ provider, environment }, 0);
        for (const health of SYNC_WORDS.healths) integrations.set({ provider, environment, health }, 0);
        for (const state of BREAKER_STATES) breakers.set({ provider, environment, state }, 0);
      }
    }
    for (const { count, ...labels } of reading.healths) integrations.set({ ...labels }, count);
    for (const { count, ...labels } of reading.breakers) breakers.set({ ...labels }, count);
    for (const labels of reading.incidents) incidents.set(labels, 1);
    for (const { provider, environment, median, p95, max } of reading.freshness) {
      lag.set({ provider, environment, quantile: '0.5' }, median);
      lag.set({ provider, environment, quantile: '0.95' }, p95);
      lag.set({ provider, environment, quantile: '1' }, max);
    }
    const live = metrics.gauge('live_runs', 'Runs that have not ended.', ['state']);
    const oldest = metrics.gauge('oldest_live_run_seconds', 'Age of the oldest run that has not ended.', ['state']);
    for (const state of LIVE_STATES) {
      const found = reading.runs.find((row) => row.state === state);
      live.set({ state }, found?.count ?? 0);
      oldest.set({ state }, Math.max(0, found?.oldestSeconds ?? 0));
    }
    const found = metrics.gauge('findings', 'Findings of the overview: how many items each concerns.', [
      'code',
      'environment',
    ]);
    for (const code of FINDING_CODES) {
      for (const environment of [...ENVIRONMENTS, OF_THE_SERVICE]) {
        const counts = findings
          .filter((finding) => finding.code === code && (finding.environment ?? OF_THE_SERVICE) === environment)
          .map(({ count }) => Math.max(count, 1));
        const sum = counts.reduce((total, count) => total + count, 0);
        found.set({ code, environment }, sum);
      }
    }
    metrics.gauge('deletion_plans_held', 'Deletion plans that wait for an operator.').set(reading.plansHeld);
    metrics.gauge('quarantined_rows', 'Quarantined rows.').set(reading.quarantined);
  }
}
