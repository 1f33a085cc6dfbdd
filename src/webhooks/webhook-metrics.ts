import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Counter, Gauge, Histogram } from 'prom-client';
import type { LoggedEvent } from '../events';
import { Metrics } from '../platform/metrics';
import { DeliveryRepository } from './store/delivery.repository';
import type { Delivery } from './webhook-client';

const SECONDS = [0.05, 0.1, 0.3, 1, 5, 30, 300, 3_600, 86_400];

/** What deliveries are counted by: never an endpoint, of which there are any number. */
@Injectable()
export class WebhookMetrics implements OnModuleInit {
  private readonly attempts: Counter;
  private readonly delays: Histogram;
  private readonly firstTries: Histogram;
  private readonly waiting: Gauge;

  constructor(
    private readonly metrics: Metrics,
    private readonly deliveries: DeliveryRepository,
  ) {
    this.attempts = metrics.counter('webhook_attempts_total', 'Tries of events, by what came of them.', ['result']);
    for (const result of ['delivered', 'gone', 'failed']) this.attempts.inc({ result }, 0);
    this.delays = metrics.histogram(
      'webhook_delivery_delay_seconds',
      'From an event to the answer that took it.',
      [],
      SECONDS,
    );
    this.firstTries = metrics.histogram(
      'webhook_first_try_delay_seconds',
      'From an event to the beginning of its first try, replays aside.',
      [],
      SECONDS,
    );
    this.waiting = metrics.gauge(
      'webhook_endpoints_waiting',
      'Endpoints that have something to do and that no worker has in hand.',
    );
  }

  onModuleInit(): void {
    this.metrics.beforeScrape(async () => this.waiting.set(await this.deliveries.countWaiting()));
  }

  attempted({ result, attemptedAt }: Delivery, { occurredAt }: LoggedEvent, isFirst: boolean): void {
    this.attempts.inc({ result: result.kind });
    if (isFirst) this.firstTries.observe(Math.max(0, attemptedAt.getTime() - occurredAt.getTime()) / 1000);
    if (result.kind === 'delivered') this.delays.observe((Date.now() - occurredAt.getTime()) / 1000);
  }
}
