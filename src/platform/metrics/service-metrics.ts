import { Injectable } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import { Metrics } from './metrics';

const LATENESS_SECONDS = [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600];
const WAIT_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Why a run yielded. What is not listed counts as `time_slice`: its time slice was over. */
const YIELD_REASONS: ReadonlySet<string> = new Set([
  'shutdown',
  'rate_limited',
  'provider_incident',
  'provider_maintenance',
  'key_management',
]);

export interface RunStart {
  readonly kind: string;
  readonly trigger: string;
  readonly attempt: number;
  readonly dueAt: Date;
  readonly leasedAt: Date;
}

export type RunEnd =
  | { readonly kind: 'succeeded' | 'cancelled' }
  | { readonly kind: 'yielded'; readonly reason?: string }
  | { readonly kind: 'failed'; readonly verdict: string };

export interface ProviderCallFacts {
  readonly method: string;
  readonly status: number | null;
  readonly verdict: string | null;
  readonly durationMs: number;
}

/** The metrics of the service. Every label value comes from a closed list in the code: no id, no input, no merchant. */
@Injectable()
export class ServiceMetrics {
  private readonly lateness: Histogram;
  private readonly runs: Counter;
  private readonly records: Counter;
  private readonly calls: Histogram;
  private readonly waits: Histogram;
  private readonly replays: Counter;
  private readonly sightings: Counter;

  constructor(metrics: Metrics) {
    this.lateness = metrics.histogram(
      'sync_lateness_seconds',
      'Time from when a run was due to its start.',
      ['trigger'],
      LATENESS_SECONDS,
    );
    this.runs = metrics.counter('runs_total', 'Time slices of runs that ended, by result and cause.', [
      'kind',
      'result',
      'cause',
    ]);
    this.records = metrics.counter('records_total', 'Records read, by change.', ['resource', 'change']);
    this.calls = metrics.histogram(
      'provider_call_duration_seconds',
      'Attempts of provider calls, by status and verdict.',
      ['provider', 'environment', 'method', 'status', 'verdict'],
    );
    this.waits = metrics.histogram(
      'budget_wait_seconds',
      'Waits for a call budget of a provider account, by how they ended.',
      ['provider', 'outcome'],
      WAIT_SECONDS,
    );
    this.sightings = metrics.counter(
      'provider_sightings_total',
      'Fields, forms and words of providers that are in no list, counted when first seen, by kind.',
      ['provider', 'environment', 'kind'],
    );
    this.replays = metrics.counter('idempotency_replays_total', 'Answers replayed for an Idempotency-Key.');
  }

  /** Retries of a run are not late: the first attempt is. */
  runStarted({ trigger, attempt, dueAt, leasedAt }: RunStart): void {
    if (attempt === 1) this.lateness.observe({ trigger }, Math.max(0, leasedAt.getTime() - dueAt.getTime()) / 1000);
  }

  runEnded(kind: string, end: RunEnd): void {
    this.runs.inc({ kind, result: end.kind, cause: causeOf(end) });
  }

  /** Only what was committed. */
  recordsRead(
    resource: string,
    counts: Readonly<Record<'created' | 'updated' | 'unchanged' | 'deleted' | 'quarantined', number>>,
  ): void {
    for (const change of ['created', 'updated', 'unchanged', 'deleted', 'quarantined'] as const) {
      if (counts[change] > 0) this.records.inc({ resource, change }, counts[change]);
    }
  }

  providerCalled(provider: string, environment: string, call: ProviderCallFacts): void {
    const { method, durationMs } = call;
    // a provider may answer with any number: all unknown statuses are one label value
    const known = call.status !== null && call.status >= 100 && call.status <= 599;
    const status = call.status === null ? 'none' : known ? String(call.status) : 'other';
    this.calls.observe({ provider, environment, method, status, verdict: call.verdict ?? 'ok' }, durationMs / 1000);
  }

  budgetWaited(provider: string, outcome: 'granted' | 'refused', waitedMs: number): void {
    this.waits.observe({ provider, outcome }, waitedMs / 1000);
  }

  providerSighted(provider: string, environment: string, kind: string): void {
    this.sightings.inc({ provider, environment, kind });
  }

  answerReplayed(): void {
    this.replays.inc();
  }
}

function causeOf(end: RunEnd): string {
  if (end.kind === 'failed') return end.verdict;
  if (end.kind !== 'yielded') return 'none';
  return end.reason !== undefined && YIELD_REASONS.has(end.reason) ? end.reason : 'time_slice';
}
