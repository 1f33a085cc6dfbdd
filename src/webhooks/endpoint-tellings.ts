import type { EventLog, LoggedEvent } from '../events';
import type { Tx } from '../platform/database';
import { DISABLED_AFTER_MS } from './delivery-rules';
import type { WebhookEndpoint } from './endpoint';
import type { EndpointRepository } from './store/endpoint.repository';

/** What is told of an endpoint, in the commit that makes it so. */
export type Telling =
  | { readonly type: 'webhook_endpoint.failing'; readonly since: Date; readonly disablesAt: Date }
  | { readonly type: 'webhook_endpoint.disabled'; readonly reason: 'failing' | 'gone' }
  | { readonly type: 'webhook_endpoint.event_parked'; readonly event: LoggedEvent };

export function failingSince(since: Date): Telling {
  const disablesAt = new Date(since.getTime() + DISABLED_AFTER_MS);
  return { type: 'webhook_endpoint.failing', since, disablesAt };
}

/** Appends it, and switches the endpoint off where that is what is told. */
export async function tellOf(
  { log, endpoints }: { readonly log: EventLog; readonly endpoints: EndpointRepository },
  tx: Tx,
  endpoint: WebhookEndpoint,
  telling: Telling,
): Promise<void> {
  const endpointId = endpoint.id;
  if (telling.type === 'webhook_endpoint.disabled') {
    const { type, reason } = telling;
    if (await endpoints.disable(tx, endpointId, reason)) log.append(tx, endpoint, type, { endpointId, reason });
  } else if (telling.type === 'webhook_endpoint.failing') {
    const times = { failingSince: telling.since.toISOString(), disablesAt: telling.disablesAt.toISOString() };
    log.append(tx, endpoint, telling.type, { endpointId, ...times });
  } else {
    const { id: eventId, type: eventType } = telling.event;
    log.append(tx, endpoint, telling.type, { endpointId, eventId, eventType });
  }
}
