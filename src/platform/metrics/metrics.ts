import { Injectable, Logger } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Anybody may scrape: all who ask at about the same time are given one reading, and one costs connections of the pool.
 */
const SHARED_FOR_MS = 1_000;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The process's metrics. Labels come from closed lists (route templates, providers, codes), never from ids or input.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly logger = new Logger('metrics');
  private readonly requests: Histogram;
  private readonly refreshers: (() => Promise<void>)[] = [];
  private readonly refreshFailures: Counter;
  private shared: { readonly text: Promise<string>; endedAt: number | null } | null = null;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.requests = this.histogram('http_request_duration_seconds', 'Time to answer, by route template.', [
      'method',
      'route',
      'status',
    ]);
    this.refreshFailures = this.counter('metrics_refresh_failures_total', 'Scrapes that showed older values.');
  }

  /** Called before each scrape, for gauges that are read and not counted. */
  beforeScrape(refresh: () => Promise<void>): void {
    this.refreshers.push(refresh);
  }

  /** A count that is kept elsewhere. */
  countedElsewhere(name: string, help: string, read: () => number): void {
    this.once(name, (full) => {
      const counter: Counter = new Counter({
        name: full,
        help,
        registers: [this.registry],
        collect: () => {
          counter.reset();
          counter.inc(read());
        },
      });
      return counter;
    });
  }

  /** Names are prefixed with `interlock_`; asking again for a name returns the same metric. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    return this.once(name, (full) => new Counter({ name: full, help, labelNames, registers: [this.registry] }));
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return this.once(name, (full) => new Gauge({ name: full, help, labelNames, registers: [this.registry] }));
  }

  histogram(
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    buckets: readonly number[] = SECONDS,
  ): Histogram {
    const make = (full: string): Histogram =>
      new Histogram({ name: full, help, labelNames, buckets: [...buckets], registers: [this.registry] });
    return this.once(name, make);
  }

  observeRequest(answered: { method: string; route: string; status: number; durationMs: number }): void {
    const { method, route, status, durationMs } = answered;
    this.requests.observe({ method, route, status: String(status) }, durationMs / 1000);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** In the text format that Prometheus scrapes: a reading under way, or one that is not older than a second. */
  text(): Promise<string> {
    const { shared } = this;
    if (shared && (shared.endedAt === null || performance.now() - shared.endedAt < SHARED_FOR_MS)) return shared.text;
    const reading = { text: this.read(), endedAt: null as number | null };
    this.shared = reading;
    const end = (): void => void (reading.endedAt = performance.now());
    reading.text.then(end, end);
    return reading.text;
  }

  private async read(): Promise<string> {
    for (const refresh of this.refreshers) {
      try {
        await refresh();
      } catch (error) {
        // the counters of this process are worth a scrape all the same
        this.refreshFailures.inc();
        this.logger.warn({ msg: 'gauges were not refreshed', err: error });
      }
    }
    return this.registry.metrics();
  }

  private once<T>(name: string, make: (full: string) => T): T {
    const full = `interlock_${name}`;
    return (this.registry.getSingleMetric(full) as T | undefined) ?? make(full);
  }
}
