import type { CallMetrics } from '../../src/platform/outbound/guarded-call';
import { GuardedHttpClient, type GuardedHttpClientOptions } from '../../src/platform/outbound/guarded-http-client';
import type { OutboundRequest, OutboundResponse } from '../../src/platform/outbound/outbound-http';
import { ProviderFailure } from '../../src/platform/outbound/verdict';
import { json, startOutboundServer, type OutboundServer } from './outbound-server';

const byStatus: OutboundRequest['classify'] = ({ status, body }) => {
  if (status === 404) return { verdict: 'gone' };
  if (status === 401) return { verdict: 'auth', providerMessage: (body as { message?: string } | undefined)?.message };
  return status >= 500 ? { verdict: 'provider_down' } : null;
};

/** A server that answers every call with JSON, until it is told otherwise, and a client that calls it. */
export class OutboundCalls {
  readonly metrics: CallMetrics[] = [];
  client!: GuardedHttpClient;

  private constructor(readonly server: OutboundServer) {
    this.open();
  }

  static async start(): Promise<OutboundCalls> {
    return new OutboundCalls(await startOutboundServer((_request, response) => json(response, 200, { ok: true })));
  }

  /** From now on calls go out through a client with these options, which does not wait between its attempts. */
  open(options: Partial<GuardedHttpClientOptions> = {}): void {
    this.client = new GuardedHttpClient({ allowPrivate: true, sleep: async () => undefined, ...options });
  }

  readonly get = (
    path = '/',
    request: Partial<OutboundRequest> = {},
    signal = new AbortController().signal,
  ): Promise<OutboundResponse> => {
    const http = this.client.bind({
      allowedHostSuffixes: null,
      exemptPrefix: null,
      signal,
      budget: null,
      onCall: (metrics) => this.metrics.push(metrics),
    });
    const url = this.server.origin + path;
    return http.request({ method: 'GET', url, headers: {}, classify: byStatus, ...request });
  };

  async stop(): Promise<void> {
    await this.server.close();
    await this.client.close();
  }
}

export async function failureOf(call: Promise<unknown>): Promise<ProviderFailure> {
  const error = await call.then(
    () => new Error('did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderFailure) return error;
  throw error;
}
