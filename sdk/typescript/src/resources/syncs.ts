import { call, type Call } from '../api-call';
import { list, type ListOf } from '../list';
import type { Transport } from '../transport';
import type { BodyOf, CallOptions, PathOf, ProviderId, QueryOf } from '../types';

/** What the syncs did. */
export class Syncs {
  constructor(private readonly transport: Transport) {}

  /** One for each resource type. */
  states(provider: ProviderId, options?: CallOptions): Call<'listSyncStates'> {
    return call(this.transport, 'listSyncStates', { path: { provider } }, options);
  }

  /** Newest first; an entry is what one sync did for one resource type. */
  logs(provider: ProviderId, query?: QueryOf<'listSyncLogs'>, options?: CallOptions): ListOf<'listSyncLogs'> {
    return list(this.transport, 'listSyncLogs', { path: { provider }, query }, options);
  }

  log(provider: ProviderId, logId: string, options?: CallOptions): Call<'getSyncLog'> {
    return call(this.transport, 'getSyncLog', { path: { provider, logId } }, options);
  }

  /** Tries a failed entry again. */
  retry(provider: ProviderId, logId: string, options?: CallOptions): Call<'retrySyncLog'> {
    return call(this.transport, 'retrySyncLog', { path: { provider, logId } }, options);
  }

  retryAll(provider: ProviderId, body: BodyOf<'retrySyncLogs'>, options?: CallOptions): Call<'retrySyncLogs'> {
    return call(this.transport, 'retrySyncLogs', { path: { provider }, body }, options);
  }

  stats(
    provider: ProviderId,
    integrationId: string,
    query?: QueryOf<'getSyncStats'>,
    options?: CallOptions,
  ): Call<'getSyncStats'> {
    return call(this.transport, 'getSyncStats', { path: { provider, integrationId }, query }, options);
  }

  statsByType(
    provider: ProviderId,
    integrationId: string,
    query?: QueryOf<'getSyncStatsByType'>,
    options?: CallOptions,
  ): Call<'getSyncStatsByType'> {
    return call(this.transport, 'getSyncStatsByType', { path: { provider, integrationId }, query }, options);
  }
}

/** The memory of workers of yours that sync on their own. */
export class Watermarks {
  constructor(private readonly transport: Transport) {}

  list(
    path: PathOf<'listWatermarks'>,
    query?: QueryOf<'listWatermarks'>,
    options?: CallOptions,
  ): ListOf<'listWatermarks'> {
    return list(this.transport, 'listWatermarks', { path, query }, options);
  }

  put(path: PathOf<'saveWatermark'>, body: BodyOf<'saveWatermark'>, options?: CallOptions): Call<'saveWatermark'> {
    return call(this.transport, 'saveWatermark', { path, body }, options);
  }
}
