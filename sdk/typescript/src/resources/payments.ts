import { call, type Call } from '../api-call';
import { list, type ListOf } from '../list';
import type { Transport } from '../transport';
import type { BodyOf, CallOptions, ProviderId, QueryOf } from '../types';

/** Payments that are pushed to the provider, and how their methods are mapped. */
export class Payments {
  constructor(private readonly transport: Transport) {}

  push(provider: ProviderId, body: BodyOf<'pushPayment'>, options?: CallOptions): Call<'pushPayment'> {
    return call(this.transport, 'pushPayment', { path: { provider }, body }, options);
  }

  get(provider: ProviderId, paymentId: string, options?: CallOptions): Call<'getPushedPayment'> {
    return call(this.transport, 'getPushedPayment', { path: { provider, paymentId } }, options);
  }

  mappings(provider: ProviderId, options?: CallOptions): Call<'listPaymentMappings'> {
    return call(this.transport, 'listPaymentMappings', { path: { provider } }, options);
  }

  /** Replaces all. */
  putMappings(
    provider: ProviderId,
    body: BodyOf<'replacePaymentMappings'>,
    options?: CallOptions,
  ): Call<'replacePaymentMappings'> {
    return call(this.transport, 'replacePaymentMappings', { path: { provider }, body }, options);
  }

  /** The provider's own, by the stored credentials. */
  methods(
    provider: ProviderId,
    query?: QueryOf<'listPaymentMethods'>,
    options?: CallOptions,
  ): ListOf<'listPaymentMethods'> {
    return list(this.transport, 'listPaymentMethods', { path: { provider }, query }, options);
  }

  /** The provider's own, by credentials of which nothing is stored. */
  lookUpMethods(
    provider: ProviderId,
    body: BodyOf<'lookUpPaymentMethods'>,
    options?: CallOptions,
  ): Call<'lookUpPaymentMethods'> {
    return call(this.transport, 'lookUpPaymentMethods', { path: { provider }, body }, options);
  }
}
