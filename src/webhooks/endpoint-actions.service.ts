import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { EventRepository, exampleData, type EventScope, type EventType, type LoggedEvent } from '../events';
import { IdempotentEffects } from '../idempotency';
import { Notifications, UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { VaultError } from '../vault';
import { filterOf, type Attempt, type WebhookEndpoint } from './endpoint';
import type { Signer } from './endpoint-secret';
import { EndpointsService } from './endpoints.service';
import { EventBody } from './event-body';
import { Signers } from './signers';
import { DeliveryRepository } from './store/delivery.repository';
import { EndpointRepository, type ParkedEvent } from './store/endpoint.repository';
import { WebhookClient } from './webhook-client';
import { ENDPOINT_CHANNEL } from './webhook-dispatcher';

/** At the same time, of one endpoint. */
const MAX_REPLAYS = 10;

export type ReplayRequest = { readonly eventId: string } | { readonly from: Date; readonly to: Date | null };

/** What a replay delivers. */
export interface ReplayPreview {
  /** Those that the endpoint’s filters let pass. */
  readonly events: number;
  /** The first position of the log that it looks at. */
  readonly fromPosition: number;
  /** The last one; less than the first: there is nothing. */
  readonly toPosition: number;
}

/** null: the event itself is no longer kept, and cannot be replayed. */
export interface GivenUpEvent extends ParkedEvent {
  readonly event: Pick<LoggedEvent, 'type' | 'occurredAt'> | null;
}

/** What was delivered, and delivering on demand. */
@Injectable()
export class EndpointActions {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly rows: EndpointRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly events: EventRepository,
    private readonly client: WebhookClient,
    private readonly signers: Signers,
    private readonly body: EventBody,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly effects: IdempotentEffects,
    private readonly notifications: Notifications,
  ) {}

  /** The newest first. `before`: the last that the caller has seen. */
  async attempts(
    scope: EventScope,
    id: string,
    filter: { readonly eventId: string | null; readonly before: number | null; readonly limit: number },
  ): Promise<{ attempts: (Attempt & { id: number })[]; hasMore: boolean }> {
    await this.endpoints.get(scope, id);
    const found = await this.deliveries.attempts(id, { ...filter, limit: filter.limit + 1 });
    return { attempts: found.slice(0, filter.limit), hasMore: found.length > filter.limit };
  }

  /** Those that only a replay sends again, in the order of the log. */
  async givenUp(
    scope: EventScope,
    id: string,
    { after, limit }: { readonly after: number; readonly limit: number },
  ): Promise<{ events: GivenUpEvent[]; hasMore: boolean }> {
    await this.endpoints.get(scope, id);
    const found = await this.rows.parked(id, { after, limit: limit + 1 });
    const parked = found.slice(0, limit);
    const kept = await this.events.find(
      scope,
      parked.map(({ eventId }) => eventId),
    );
    const events = parked.map((row) => ({ ...row, event: kept.find((each) => each.id === row.eventId) ?? null }));
    return { events, hasMore: found.length > limit };
  }

  /**
   * Sends the example of a type once, now, also to an endpoint that is switched off. Says nothing of the endpoint's
   * health.
   */
  async test(scope: EventScope, id: string, type: EventType): Promise<Attempt> {
    const endpoint = await this.endpoints.get(scope, id);
    const event = { type, occurredAt: new Date(), data: exampleData(type) };
    const eventId = randomUUID();
    const message = { id: eventId, body: await this.body.of(event, false) };
    const delivery = await this.client.send(endpoint, await this.signersOf(scope, endpoint), message, {
      signal: new AbortController().signal,
      mayDispatch: () => undefined,
    });
    const { result, ...told } = delivery;
    const error =
      result.kind === 'delivered' ? null : result.kind === 'gone' ? 'The endpoint answered 410.' : result.message;
    const attempt: Attempt = {
      ...told,
      ...{ eventId, eventType: type, integrationId: null, attempt: 1, status: result.status, error },
      ...{ nextAction: 'none', nextAttemptAt: null },
    };
    await this.endpoints.underLock(scope, id, async (tx) => {
      await this.deliveries.addAttempt(tx, id, attempt);
      await this.record(tx, scope, id, 'tested', { type, status: result.status });
    });
    return attempt;
  }

  /** What `replay` would deliver now. */
  async preview(scope: EventScope, id: string, request: ReplayRequest): Promise<ReplayPreview> {
    const { range, events } = await this.plan(scope, id, request);
    return { events, fromPosition: range.position + 1, toPosition: range.untilPosition };
  }

  /** Delivers a part of the log, or one event, once more. Returns how many events that are. */
  async replay(scope: EventScope, id: string, request: ReplayRequest): Promise<{ events: number }> {
    const { range, events } = await this.plan(scope, id, request);
    return this.effects.once((keep) =>
      this.endpoints.underLock(scope, id, async (tx) => {
        if (events > 0) {
          if ((await this.deliveries.countReplays(tx, id)) >= MAX_REPLAYS) {
            throw new InterlockError('conflict', {
              message: `${MAX_REPLAYS} replays are under way: wait for one to end.`,
            });
          }
          await this.deliveries.addReplay(tx, id, { id: randomUUID(), ...range });
          // a turn that goes on and on would not see it
          await this.notifications.publish(tx, ENDPOINT_CHANNEL, id);
        }
        await this.record(tx, scope, id, 'replayed', { events });
        return keep(tx, { events });
      }),
    );
  }

  private async plan(
    scope: EventScope,
    id: string,
    request: ReplayRequest,
  ): Promise<{ range: { position: number; untilPosition: number }; events: number }> {
    const filter = filterOf(await this.endpoints.get(scope, id));
    const range = await this.rangeOf(scope, request);
    const events = await this.events.count(scope, range, filter);
    if (events === 0 && 'eventId' in request) {
      throw new InterlockError('unprocessable_entity', { message: 'The endpoint’s filters leave this event out.' });
    }
    return { range, events };
  }

  /** The secret is gone where the endpoint was deleted, or its secret replaced, since it was read. */
  private async signersOf(scope: EventScope, endpoint: WebhookEndpoint): Promise<Signer[]> {
    try {
      return await this.signers.of(endpoint);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return this.signers.of(await this.endpoints.get(scope, endpoint.id));
    }
  }

  private async rangeOf(
    scope: EventScope,
    request: ReplayRequest,
  ): Promise<{ position: number; untilPosition: number }> {
    if ('eventId' in request) {
      const [event] = await this.events.find(scope, [request.eventId]);
      if (!event) throw new InterlockError('not_found', { message: 'Event not found.' });
      return { position: event.position - 1, untilPosition: event.position };
    }
    const { from, to } = request;
    return this.unitOfWork.run(async (tx) => ({
      position: await this.events.positionBefore(tx, scope, from),
      untilPosition: to === null ? await this.events.head(tx, scope) : await this.events.positionBefore(tx, scope, to),
    }));
  }

  private async record(
    tx: Parameters<AuditLog['record']>[0],
    { merchantId, environment }: EventScope,
    id: string,
    act: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    const subject = { type: 'webhook_endpoint', id };
    await this.audit.record(tx, { action: `webhook_endpoint.${act}`, subject, merchantId, environment, details });
  }
}
