import { ApiCall } from '../api-call';
import { Feed, type FeedOptions } from '../feed';
import type { Transport } from '../transport';
import type { AnswerOf, CallOptions, ProviderId, RecordOf, ResourceType } from '../types';

/** What was synced. */
export class Records {
  constructor(private readonly transport: Transport) {}

  /** The change feed: `for await (const record of records.feed('practicehub', 'invoices'))`. */
  feed<R extends ResourceType>(provider: ProviderId, resourceType: R, options: FeedOptions = {}): Feed<R> {
    return new Feed(this.transport, provider, resourceType, options);
  }

  get<R extends ResourceType>(
    provider: ProviderId,
    resourceType: R,
    externalId: string,
    options?: CallOptions,
  ): ApiCall<RecordOf<R>, AnswerOf<'getRecord'>> {
    const answer = this.transport.send('getRecord', { path: { provider, resourceType, externalId } }, options);
    return new ApiCall(answer, ({ data }) => data as unknown as RecordOf<R>);
  }
}
