import { Injectable } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import type { LoggedEvent } from '../events';
import { Metrics } from '../platform/metrics';
import type { Delivery } from './webhook-client';

const SECONDS = [0.05, 0.1, 0.3, 1, 5, 30, 300, 3_600, 86_400];

/** What deliveries are counted by: never an endpoint, of which there are any number. */
@Injectable()
export class WebhookMetrics {
  private readonly attempts: Counter;
  private readonly delays: Histogram;

  constructor(metrics: Metrics) {
    this.attempts = metrics.counter('webhook_attempts_total', 'Tries of events, by what came of them.', ['result']);
    for (const result of ['delivered', 'gone', 'failed']) this.attempts.inc({ result }, 0);
    this.delays = metrics.histogram(
      'webhook_delivery_delay_seconds',
      'From an event to the answer that took it.',
      [],
      SECONDS,
    );
  }

  attempted({ result }: Delivery, event: LoggedEvent): void {
    this.attempts.inc({ result: result.kind });
    if (result.kind === 'delivered') this.delays.observe((Date.now() - event.occurredAt.getTime()) / 1000);
  }
}
