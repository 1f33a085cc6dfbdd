import { target } from './target';

export const WEBHOOK_TARGETS = {
  'webhooks.deliveries': target({
    bench: 'webhooks',
    what: 'signed deliveries from the log to one receiver, 100 endpoints',
    reference: 'a plain loop: BullMQ on Redis, HMAC, undici',
    unit: 'deliveries/s',
    measure: 'ratio',
    bound: { atLeast: 0.5 },
  }),
  'webhooks.delay': target({
    bench: 'webhooks',
    what: 'p95 from an event to its arrival, 100 endpoints',
    reference: null,
    unit: 'ms',
    measure: 'value',
    bound: { atMost: 300 },
  }),
  'webhooks.beside-slow': target({
    bench: 'webhooks',
    what: 'p95 from an event to its arrival, beside 50 slow endpoints of another merchant',
    reference: 'the same without them',
    unit: 'ms',
    measure: 'ratio',
    bound: { atMost: 1.2 },
  }),
  'webhooks.rows': target({
    bench: 'webhooks',
    what: 'rows that an endpoint costs which was off for 1,000,000 events',
    reference: null,
    unit: 'rows',
    measure: 'value',
    bound: { atMost: 1 },
  }),
  'webhooks.catch-up': target({
    bench: 'webhooks',
    what: 'events sent to one endpoint that is back, each a delivery',
    reference: null,
    unit: 'events/s',
    measure: 'value',
    bound: { atLeast: 5_000 },
  }),
  'webhooks.memory': target({
    bench: 'webhooks',
    what: 'peak RSS of the worker that catches up',
    reference: 'its peak RSS before',
    unit: 'MB',
    measure: 'ratio',
    bound: { atMost: 1.2 },
  }),
} as const;
