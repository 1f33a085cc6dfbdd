import { ApiCall, call, type Call } from '../api-call';
import { list, type ListOf } from '../list';
import type { Transport } from '../transport';
import type { AnswerOf, BodyOf, CallOptions, ProviderId, QueryOf } from '../types';

/** What the provider sells, and the merchant's own products it stands for. */
export class Catalogue {
  constructor(private readonly transport: Transport) {}

  packages(provider: ProviderId, query?: QueryOf<'listPackages'>, options?: CallOptions): ListOf<'listPackages'> {
    return list(this.transport, 'listPackages', { path: { provider }, query }, options);
  }

  billableItems(
    provider: ProviderId,
    query?: QueryOf<'listBillableItems'>,
    options?: CallOptions,
  ): ListOf<'listBillableItems'> {
    return list(this.transport, 'listBillableItems', { path: { provider }, query }, options);
  }

  unmappedAttempts(
    provider: ProviderId,
    query?: QueryOf<'listUnmappedAttempts'>,
    options?: CallOptions,
  ): ListOf<'listUnmappedAttempts'> {
    return list(this.transport, 'listUnmappedAttempts', { path: { provider }, query }, options);
  }

  productMappings(
    provider: ProviderId,
    query?: QueryOf<'listProductMappings'>,
    options?: CallOptions,
  ): ListOf<'listProductMappings'> {
    return list(this.transport, 'listProductMappings', { path: { provider }, query }, options);
  }

  /** Replaces all. */
  putProductMappings(
    provider: ProviderId,
    body: BodyOf<'replaceProductMappings'>,
    options?: CallOptions,
  ): Call<'replaceProductMappings'> {
    return call(this.transport, 'replaceProductMappings', { path: { provider }, body }, options);
  }

  deleteProductMapping(
    provider: ProviderId,
    externalId: string,
    options?: CallOptions,
  ): ApiCall<void, AnswerOf<'deleteProductMapping'>> {
    const args = { path: { provider, externalId } };
    const answer = this.transport.send('deleteProductMapping', args, { ...options, goneIsDone: true });
    return new ApiCall(answer, () => undefined);
  }

  /** From the merchant's own products; writes nothing. */
  suggestMappings(
    provider: ProviderId,
    body: BodyOf<'suggestMappings'>,
    options?: CallOptions,
  ): Call<'suggestMappings'> {
    return call(this.transport, 'suggestMappings', { path: { provider }, body }, options);
  }
}

/** The merchant's own products. */
export class Products {
  constructor(private readonly transport: Transport) {}

  list(query?: QueryOf<'listProducts'>, options?: CallOptions): ListOf<'listProducts'> {
    return list(this.transport, 'listProducts', { query }, options);
  }

  /** Creates and updates by `id`; others stay. */
  put(body: BodyOf<'upsertProducts'>, options?: CallOptions): Call<'upsertProducts'> {
    return call(this.transport, 'upsertProducts', { body }, options);
  }
}

/** The systems that can be connected. */
export class Providers {
  constructor(private readonly transport: Transport) {}

  list(options?: CallOptions): ListOf<'listProviders'> {
    return list(this.transport, 'listProviders', {}, options);
  }

  get(provider: ProviderId, options?: CallOptions): Call<'getProvider'> {
    return call(this.transport, 'getProvider', { path: { provider } }, options);
  }
}
