import { call, type Call } from './api-call';
import { apiKeyCredentials, NO_CREDENTIALS, tokenCredentials, type Credentials } from './credentials';
import { InterlockError } from './errors';
import { NodeTokens, type NodeKey } from './node-tokens';
import { Catalogue, Products, Providers } from './resources/catalogue';
import { Integrations } from './resources/integrations';
import { NodeIntegrations, Nodes } from './resources/nodes';
import { Payments } from './resources/payments';
import { Records } from './resources/records';
import { Syncs, Watermarks } from './resources/syncs';
import { Events, WebhookEndpoints } from './resources/webhooks';
import { Transport, type DebugEvent, type TransportSettings } from './transport';
import type { Arguments, CallOptions, OperationId } from './types';

export interface InterlockOptions {
  /** Where the service is, such as `https://interlock.example.com`. */
  readonly baseUrl: string;
  /** `rk_live_…` or `rk_sandbox_…`. */
  readonly apiKey?: string | undefined;
  /** In place of an API key: the key of a node and its secret. Its tokens are had and renewed as they are needed. */
  readonly node?: NodeKey | undefined;
  /** In place of both: a token of another issuer, or what returns one. It is asked for with each attempt. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** For a call with all its attempts; 120,000 unless told. */
  readonly timeoutMs?: number;
  /** For one attempt; 60,000 unless told. An activation asks the provider, which may take 25,000. */
  readonly attemptTimeoutMs?: number;
  /** Attempts after the first; 8 unless told. */
  readonly maxRetries?: number;
  /** Full jitter: up to `baseMs` (250) before the first retry, twice that before each next, `capMs` (8,000) at most. */
  readonly backoff?: { readonly baseMs: number; readonly capMs: number };
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Told of every attempt. It is shown no header, no body and no query, so no secret. */
  readonly debug?: (event: DebugEvent) => void;
}

/** A client of the Interlock API. It holds no connection and needs no closing. */
export class Interlock {
  readonly integrations: Integrations;
  readonly records: Records;
  readonly syncs: Syncs;
  readonly catalogue: Catalogue;
  readonly events: Events;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly products: Products;
  readonly payments: Payments;
  readonly providers: Providers;
  readonly watermarks: Watermarks;
  readonly nodes: Nodes;
  readonly nodeIntegrations: NodeIntegrations;
  private readonly transport: Transport;

  constructor(options: InterlockOptions) {
    const settings = {
      baseUrl: baseUrlOf(options.baseUrl),
      timeoutMs: options.timeoutMs ?? 120_000,
      attemptTimeoutMs: options.attemptTimeoutMs ?? 60_000,
      maxRetries: options.maxRetries ?? 8,
      backoff: options.backoff ?? { baseMs: 250, capMs: 8_000 },
      // a method of the global object in browsers
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      debug: options.debug,
    } satisfies Omit<TransportSettings, 'credentials'>;
    const transport = new Transport({ ...settings, credentials: credentialsOf(options, settings) });
    this.transport = transport;
    this.integrations = new Integrations(transport);
    this.records = new Records(transport);
    this.syncs = new Syncs(transport);
    this.catalogue = new Catalogue(transport);
    this.events = new Events(transport);
    this.webhookEndpoints = new WebhookEndpoints(transport);
    this.products = new Products(transport);
    this.payments = new Payments(transport);
    this.providers = new Providers(transport);
    this.watermarks = new Watermarks(transport);
    this.nodes = new Nodes(transport);
    this.nodeIntegrations = new NodeIntegrations(transport);
  }

  /** Any operation of the OpenAPI document by its id, with retries and errors as everywhere. */
  request<O extends OperationId>(operation: O, args: Arguments<O>, options?: CallOptions): Call<O> {
    return call(this.transport, operation, args, options);
  }
}

function credentialsOf(options: InterlockOptions, settings: Omit<TransportSettings, 'credentials'>): Credentials {
  const { apiKey, node, token } = options;
  if ([apiKey, node, token].filter((each) => each !== undefined).length !== 1) {
    throw new InterlockError('Give one of apiKey, node and token.');
  }
  if (node) return new NodeTokens(node, new Transport({ ...settings, credentials: NO_CREDENTIALS }));
  return apiKey === undefined ? tokenCredentials(token!) : apiKeyCredentials(apiKey);
}

/** Without the slash at its end. */
function baseUrlOf(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InterlockError('baseUrl must be a URL.');
  }
  if (!/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    throw new InterlockError('baseUrl must be an http or https URL, without credentials, query and fragment.');
  }
  return url.href.replace(/\/+$/, '');
}
