import { call, type Call } from '../api-call';
import { list, type ListOf } from '../list';
import type { Transport } from '../transport';
import type { BodyOf, CallOptions, ProviderId, QueryOf, SyncLog } from '../types';
import { waitForSync, type WaitForSyncOptions } from '../wait-for-sync';

/** The life of an integration, and its settings. */
export class Integrations {
  constructor(private readonly transport: Transport) {}

  /** Active and inactive ones. */
  list(query?: QueryOf<'listIntegrations'>, options?: CallOptions): ListOf<'listIntegrations'> {
    return list(this.transport, 'listIntegrations', { query }, options);
  }

  /** Null where it was never configured. */
  get(provider: ProviderId, options?: CallOptions): Call<'getIntegration'> {
    return call(this.transport, 'getIntegration', { path: { provider } }, options);
  }

  /** Tests the credentials, seals them and starts the first sync. */
  activate(
    provider: ProviderId,
    body: BodyOf<'activateIntegration'>,
    options?: CallOptions,
  ): Call<'activateIntegration'> {
    return call(this.transport, 'activateIntegration', { path: { provider }, body }, options);
  }

  /** Destroys the credentials unless told; keeps records, logs and mappings. */
  deactivate(
    provider: ProviderId,
    body?: BodyOf<'deactivateIntegration'>,
    options?: CallOptions,
  ): Call<'deactivateIntegration'> {
    return call(this.transport, 'deactivateIntegration', { path: { provider }, body }, options);
  }

  /** Changes settings without disconnecting; what is left out stays. */
  update(provider: ProviderId, body: BodyOf<'updateIntegration'>, options?: CallOptions): Call<'updateIntegration'> {
    return call(this.transport, 'updateIntegration', { path: { provider }, body }, options);
  }

  /** Asks the provider whether it takes the credentials; stores nothing. */
  test(provider: ProviderId, body: BodyOf<'testCredentials'>, options?: CallOptions): Call<'testCredentials'> {
    return call(this.transport, 'testCredentials', { path: { provider }, body }, options);
  }

  /** Starts a sync and returns its `jobId`. */
  sync(provider: ProviderId, body?: BodyOf<'syncIntegration'>, options?: CallOptions): Call<'syncIntegration'> {
    return call(this.transport, 'syncIntegration', { path: { provider }, body }, options);
  }

  /** Waits for the end of a sync and returns its log entries; throws SyncFailedError or SyncTimeoutError. */
  waitForSync(provider: ProviderId, options: WaitForSyncOptions = {}): Promise<SyncLog[]> {
    return waitForSync(this.transport, provider, options);
  }

  /** Closes the breaker and starts a sync. */
  resumeSync(provider: ProviderId, options?: CallOptions): Call<'resumeSync'> {
    return call(this.transport, 'resumeSync', { path: { provider } }, options);
  }

  /** Switches scheduled syncs on or off. */
  toggleSync(provider: ProviderId, body: BodyOf<'toggleSync'>, options?: CallOptions): Call<'toggleSync'> {
    return call(this.transport, 'toggleSync', { path: { provider }, body }, options);
  }

  setSyncInterval(
    provider: ProviderId,
    body: BodyOf<'setSyncInterval'>,
    options?: CallOptions,
  ): Call<'setSyncInterval'> {
    return call(this.transport, 'setSyncInterval', { path: { provider }, body }, options);
  }

  setInvoiceLookback(
    provider: ProviderId,
    body: BodyOf<'setInvoiceLookback'>,
    options?: CallOptions,
  ): Call<'setInvoiceLookback'> {
    return call(this.transport, 'setInvoiceLookback', { path: { provider }, body }, options);
  }

  setAutoSendInvoices(
    provider: ProviderId,
    body: BodyOf<'setAutoSendInvoices'>,
    options?: CallOptions,
  ): Call<'setAutoSendInvoices'> {
    return call(this.transport, 'setAutoSendInvoices', { path: { provider }, body }, options);
  }

  /** Tests new credentials and puts them in the place of the old ones. */
  replaceCredentials(
    provider: ProviderId,
    body: BodyOf<'replaceCredentials'>,
    options?: CallOptions,
  ): Call<'replaceCredentials'> {
    return call(this.transport, 'replaceCredentials', { path: { provider }, body }, options);
  }

  rollbackCredentials(provider: ProviderId, options?: CallOptions): Call<'rollbackCredentials'> {
    return call(this.transport, 'rollbackCredentials', { path: { provider } }, options);
  }

  /** Why the next sync will or will not run, and what to do. */
  explain(provider: ProviderId, options?: CallOptions): Call<'explainIntegration'> {
    return call(this.transport, 'explainIntegration', { path: { provider } }, options);
  }

  /** Erases what an inactive integration has stored. */
  eraseData(provider: ProviderId, options?: CallOptions): Call<'eraseIntegrationData'> {
    return call(this.transport, 'eraseIntegrationData', { path: { provider } }, options);
  }

  /** For a worker of yours: records the result of its own sync. */
  reportStatus(
    provider: ProviderId,
    body: BodyOf<'reportIntegrationStatus'>,
    options?: CallOptions,
  ): Call<'reportIntegrationStatus'> {
    return call(this.transport, 'reportIntegrationStatus', { path: { provider }, body }, options);
  }
}
