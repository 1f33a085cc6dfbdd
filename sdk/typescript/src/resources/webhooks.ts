import { call, type Call } from '../api-call';
import { list, type ListOf } from '../list';
import type { Transport } from '../transport';
import type { AnswerOf, BodyOf, CallOptions, QueryOf } from '../types';

/** What happened, in commit order. */
export class Events {
  constructor(private readonly transport: Transport) {}

  list(query?: QueryOf<'listEvents'>, options?: CallOptions): ListOf<'listEvents'> {
    return list(this.transport, 'listEvents', { query }, options);
  }

  /** One page, with the `nextCursor` to go on after: also at the end, for what happens next. */
  async page(query?: QueryOf<'listEvents'>, options?: CallOptions): Promise<AnswerOf<'listEvents'>> {
    return (await this.transport.send('listEvents', { query }, options)).body;
  }

  get(eventId: string, options?: CallOptions): Call<'getEvent'> {
    return call(this.transport, 'getEvent', { path: { eventId } }, options);
  }
}

/** Where events are sent to. */
export class WebhookEndpoints {
  constructor(private readonly transport: Transport) {}

  /** Its secret is in this answer alone. */
  create(body: BodyOf<'createWebhookEndpoint'>, options?: CallOptions): Call<'createWebhookEndpoint'> {
    return call(this.transport, 'createWebhookEndpoint', { body }, options);
  }

  list(options?: CallOptions): Call<'listWebhookEndpoints'> {
    return call(this.transport, 'listWebhookEndpoints', {}, options);
  }

  get(endpointId: string, options?: CallOptions): Call<'getWebhookEndpoint'> {
    return call(this.transport, 'getWebhookEndpoint', { path: { endpointId } }, options);
  }

  update(
    endpointId: string,
    body: BodyOf<'updateWebhookEndpoint'>,
    options?: CallOptions,
  ): Call<'updateWebhookEndpoint'> {
    return call(this.transport, 'updateWebhookEndpoint', { path: { endpointId }, body }, options);
  }

  delete(endpointId: string, options?: CallOptions): Call<'deleteWebhookEndpoint'> {
    return call(this.transport, 'deleteWebhookEndpoint', { path: { endpointId } }, options);
  }

  /** Events are signed with both secrets until the overlap ends. */
  rotateSecret(
    endpointId: string,
    body?: BodyOf<'rotateWebhookEndpointSecret'>,
    options?: CallOptions,
  ): Call<'rotateWebhookEndpointSecret'> {
    return call(this.transport, 'rotateWebhookEndpointSecret', { path: { endpointId }, body }, options);
  }

  attempts(
    endpointId: string,
    query?: QueryOf<'listWebhookAttempts'>,
    options?: CallOptions,
  ): ListOf<'listWebhookAttempts'> {
    return list(this.transport, 'listWebhookAttempts', { path: { endpointId }, query }, options);
  }

  /** Sends one signed event of that type now. */
  test(endpointId: string, body: BodyOf<'testWebhookEndpoint'>, options?: CallOptions): Call<'testWebhookEndpoint'> {
    return call(this.transport, 'testWebhookEndpoint', { path: { endpointId }, body }, options);
  }

  replay(endpointId: string, body: BodyOf<'replayWebhookEvents'>, options?: CallOptions): Call<'replayWebhookEvents'> {
    return call(this.transport, 'replayWebhookEvents', { path: { endpointId }, body }, options);
  }

  explain(endpointId: string, options?: CallOptions): Call<'explainWebhookEndpoint'> {
    return call(this.transport, 'explainWebhookEndpoint', { path: { endpointId } }, options);
  }
}
