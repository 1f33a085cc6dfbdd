import { createHash } from 'node:crypto';
import { Injectable, Logger, Optional } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import type { Environment } from '../platform/http';
import { ServiceMetrics } from '../platform/metrics';
import { GuardedHttpClient, type OutboundHttp, ProviderFailure } from '../platform/outbound';
import { inSpan } from '../platform/tracing';
import {
  PROVIDER_CATALOGUE,
  type ProviderAdapter,
  type ProviderCall,
  type ProviderCredentials,
  type ProviderId,
  ProviderRegistry,
  type ProviderSettings,
} from '../providers';
import { PlaintextSecret, type SealContext, Vault, VaultError } from '../vault';
import type { Integration } from './integration';
import { ProviderBudgets, type Rate } from './provider-budgets';

/** Key management cannot be asked right now: nobody's fault here, and it passes by itself. */
export class CredentialUnavailable extends Error {
  /** Answered as 503 `unavailable`. */
  readonly transient = true;

  constructor(cause: unknown) {
    super('The key management service cannot be reached; the credential cannot be opened until it can.', { cause });
    this.name = 'CredentialUnavailable';
  }
}

export interface OpenedSession {
  readonly adapter: ProviderAdapter;
  readonly call: ProviderCall;
}

/** The only place where a stored credential meets an adapter: it audits, budgets, guards the way out and aborts. */
@Injectable()
export class ProviderSession {
  private readonly logger = new Logger('integrations');

  constructor(
    private readonly config: AppConfig,
    private readonly registry: ProviderRegistry,
    private readonly vault: Vault,
    private readonly budgets: ProviderBudgets,
    private readonly http: GuardedHttpClient,
    @Optional() private readonly metrics?: ServiceMetrics,
  ) {}

  /** Opens the stored credential. One audit entry per call of this method: a run opens once, however many pages it reads. */
  async open(
    integration: Integration,
    purpose: string,
    options: { signal: AbortSignal; mayDispatch?: () => void; runId?: string },
  ): Promise<OpenedSession> {
    if (!integration.credentialId) {
      throw new ProviderFailure('configuration', 'The integration has no stored credential.');
    }
    const credentials = await this.storedCredentials(integration, integration.credentialId, purpose, options.runId);
    return this.bind(integration.provider, integration.environment, credentials, {
      settings: integration.configuration,
      accountKey: budgetKey(integration.provider, integration.environment, integration.accountId),
      signal: options.signal,
      ...(options.mayDispatch ? { mayDispatch: options.mayDispatch } : {}),
    });
  }

  private async storedCredentials(
    integration: Integration,
    credentialId: string,
    purpose: string,
    runId?: string,
  ): Promise<ProviderCredentials> {
    try {
      const secret = await this.vault.open(credentialId, credentialContext(integration), {
        purpose,
        ...(runId ? { runId } : {}),
      });
      try {
        return readCredentials(secret);
      } finally {
        secret.wipe();
      }
    } catch (error) {
      // which defect it was is for the operator; a run's own record says no more than that something went wrong here
      this.logger.warn({
        msg: 'a stored credential could not be opened',
        integrationId: integration.id,
        purpose,
        runId,
        err: error,
      });
      if (error instanceof VaultError && error.transient) throw new CredentialUnavailable(error);
      throw error;
    }
  }

  /** For credentials that a merchant has just sent and that are stored nowhere. */
  openUnstored(
    provider: ProviderId,
    environment: Environment,
    credentials: ProviderCredentials,
    options: { settings: ProviderSettings; signal: AbortSignal },
  ): OpenedSession {
    const adapter = this.registry.get(provider);
    const normalised = adapter.normaliseCredentials(credentials, environment);
    return this.bind(provider, environment, normalised, {
      settings: options.settings,
      accountKey: budgetKey(provider, environment, originOf(normalised.baseUrl)),
      signal: options.signal,
    });
  }

  private get simulatorRate(): Rate {
    return { perSecond: this.config.sandboxRatePerSecond, burst: this.config.sandboxRatePerSecond };
  }

  private bind(
    provider: ProviderId,
    environment: Environment,
    credentials: ProviderCredentials,
    options: { settings: ProviderSettings; accountKey: string; signal: AbortSignal; mayDispatch?: () => void },
  ): OpenedSession {
    const adapter = this.registry.get(provider);
    const exemptPrefix =
      this.config.sandboxProviders && environment === 'sandbox'
        ? `${this.config.sandboxOrigin}/sandbox/${provider}`
        : null;
    const simulated = exemptPrefix !== null && isUnder(credentials.baseUrl, exemptPrefix);
    const { rate: ownRate } = PROVIDER_CATALOGUE[provider];
    const rate = simulated ? this.simulatorRate : ownRate;
    // a simulator, and a provider with one host for all, tell merchants apart by key: they share an address, but not a budget
    const accountKey =
      simulated || ownRate.per === 'key'
        ? `${options.accountKey}#${shortDigest(credentials.apiKey)}`
        : options.accountKey;
    const bound = this.http.bind({
      allowedHostSuffixes: environment === 'live' ? adapter.liveHostSuffixes : null,
      exemptPrefix,
      signal: options.signal,
      ...(options.mayDispatch ? { mayDispatch: options.mayDispatch } : {}),
      budget: rate.perSecond > 0 ? this.budgets.for(accountKey, rate) : null,
      onCall: (call) => this.metrics?.providerCalled(provider, environment, call),
    });
    const http: OutboundHttp = {
      request: async (request) => {
        try {
          const attributes = { 'interlock.provider': provider, 'http.request.method': request.method };
          return await inSpan('provider call', { kind: 'client', attributes }, () => bound.request(request));
        } catch (error) {
          // every worker that shares the account stays away for as long as the provider asked one of them to
          if (
            error instanceof ProviderFailure &&
            error.verdict === 'rate_limited' &&
            error.status === 429 &&
            error.retryAfterMs
          ) {
            await this.budgets.block(accountKey, rate, error.retryAfterMs);
          }
          throw error;
        }
      },
    };
    return { adapter, call: { credentials, environment, settings: options.settings, http, signal: options.signal } };
  }
}

export function credentialContext(integration: {
  id: string;
  merchantId: string;
  environment: Environment;
  provider: ProviderId;
}): SealContext {
  return {
    purpose: 'integration_credential',
    ownerId: integration.id,
    merchantId: integration.merchantId,
    environment: integration.environment,
    integrationId: integration.id,
    provider: integration.provider,
  };
}

function readCredentials(secret: PlaintextSecret): ProviderCredentials {
  try {
    return JSON.parse(secret.reveal()) as ProviderCredentials;
  } catch {
    // without its cause: a syntax error quotes what it could not read
    throw new Error('the stored credential is not what this version writes');
  }
}

export function credentialSecret(credentials: ProviderCredentials): PlaintextSecret {
  return PlaintextSecret.fromString(JSON.stringify(credentials));
}

function budgetKey(provider: ProviderId, environment: Environment, account: string): string {
  return `${provider}/${environment}/${account}`;
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return 'invalid';
  }
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function isUnder(url: string, prefix: string): boolean {
  return url === prefix || url.startsWith(`${prefix}/`);
}
