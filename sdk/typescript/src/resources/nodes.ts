import { ApiCall, call, type Call } from '../api-call';
import { list, type ListOf } from '../list';
import type { Transport } from '../transport';
import type { BodyOf, CallOptions, QueryOf } from '../types';

/** The tree of organisations, accounts and sub-accounts. */
export class Nodes {
  constructor(private readonly transport: Transport) {}

  list(query?: QueryOf<'listNodes'>, options?: CallOptions): ListOf<'listNodes'> {
    return list(this.transport, 'listNodes', { query }, options);
  }

  create(body: BodyOf<'createNode'>, options?: CallOptions): Call<'createNode'> {
    return call(this.transport, 'createNode', { body }, options);
  }

  get(id: string, options?: CallOptions): Call<'getNode'> {
    return call(this.transport, 'getNode', { path: { id } }, options);
  }

  /** Renames or moves it. */
  update(id: string, body: BodyOf<'updateNode'>, options?: CallOptions): Call<'updateNode'> {
    return call(this.transport, 'updateNode', { path: { id }, body }, options);
  }

  children(id: string, query?: QueryOf<'listChildNodes'>, options?: CallOptions): ListOf<'listChildNodes'> {
    return list(this.transport, 'listChildNodes', { path: { id }, query }, options);
  }
}

/** Keys and secrets of nodes. */
export class NodeIntegrations {
  constructor(private readonly transport: Transport) {}

  list(query: QueryOf<'listNodeIntegrations'>, options?: CallOptions): ListOf<'listNodeIntegrations'> {
    return list(this.transport, 'listNodeIntegrations', { query }, options);
  }

  /** The answer holds the secret, and no other does. */
  create(body: BodyOf<'createNodeIntegration'>, options?: CallOptions): Call<'createNodeIntegration'> {
    return call(this.transport, 'createNodeIntegration', { body }, options);
  }

  get(id: string, options?: CallOptions): Call<'getNodeIntegration'> {
    return call(this.transport, 'getNodeIntegration', { path: { id } }, options);
  }

  update(id: string, body: BodyOf<'updateNodeIntegration'>, options?: CallOptions): Call<'updateNodeIntegration'> {
    return call(this.transport, 'updateNodeIntegration', { path: { id }, body }, options);
  }

  /** The key stops authenticating at once. */
  delete(id: string, options?: CallOptions): ApiCall<void, undefined> {
    const answer = this.transport.send('deleteNodeIntegration', { path: { id } }, { ...options, goneIsDone: true });
    return new ApiCall(answer, () => undefined);
  }

  rotateSecret(
    id: string,
    body?: BodyOf<'rotateNodeIntegrationSecret'>,
    options?: CallOptions,
  ): Call<'rotateNodeIntegrationSecret'> {
    return call(this.transport, 'rotateNodeIntegrationSecret', { path: { id }, body }, options);
  }
}
