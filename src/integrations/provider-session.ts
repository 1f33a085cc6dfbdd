import { Injectable, Logger, Optional } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import type { Environment } from '../platform/http';
import { ServiceMetrics } from '../platform/metrics';
import { GuardedHttpClient, ProviderFailure, type OutboundHttp } from '../platform/outbound';
import { inSpan } from '../platform/tracing';
import {
  identityOf,
  ProviderRegistry,
  servesAsToken,
  UnstoredGrant,
  type ProviderAdapter,
  type ProviderCall,
  type ProviderCatalogueEntry,
  type ProviderCredentials,
  type ProviderId,
  type ProviderSettings,
  type ServedProvider,
} from '../providers';
import { NotAudited, PlaintextSecret, Vault, VaultError, type SealContext, type SecretUse } from '../vault';
import { budgetOf } from './budget-key';
import { DriftWatch } from './drift-watch';
import type { Integration, IntegrationKey } from './integration';
import { CredentialKeyMissing, CredentialUnavailable, KeyManagementGate } from './key-management-gate';
import { ProviderBudgets, type Rate } from './provider-budgets';
import { isUnder, simulatorPrefix } from './provider-host';
import { IntegrationRepository } from './store/integration.repository';
import { REFRESH_TIMEOUT_MS, StoredGrants, type StoredGrant } from './stored-grants';

/** The integration was deactivated after it was looked up: its credential is gone, and nobody did anything wrong. */
export class CredentialGone extends InterlockError {
  constructor(cause: unknown) {
    super('not_found', { message: 'No integration of this provider is active.', cause });
    this.name = 'CredentialGone';
  }
}

export interface SessionOptions {
  readonly signal: AbortSignal;
  /** The provider as the caller has looked it up, and goes on with; left out: as it is served now. */
  readonly provider?: ServedProvider;
  readonly mayDispatch?: () => void;
  readonly runId?: string;
  /** A person wants it now, so one call is made although the provider has told all to stay away for a while. */
  readonly askOnce?: boolean;
  /**
   * Makes each call, including the wait for the budget; what it does behind the call is done before the caller has the
   * answer.
   */
  readonly duringCall?: <T>(call: () => Promise<T>) => Promise<T>;
  /** Commits the audit entry of the opening, with what else belongs to it. */
  readonly audited?: (record: (tx: Tx) => Promise<void>) => Promise<void>;
}

export interface OpenedSession {
  readonly adapter: ProviderAdapter;
  /** What the catalogue says of it: neither changes while the session lasts. */
  readonly entry: ProviderCatalogueEntry;
  readonly call: ProviderCall;
}

export interface UnstoredSession extends OpenedSession {
  /** What is to be stored: with the tokens that the test has brought, as a provider may take the sent one only once. */
  readonly toStore: () => ProviderCredentials;
}

const USED_UP =
  'is used up by a test. Activate, or replace the credentials: both test them, and keep what the test brings.';

/** The only place where a stored credential meets an adapter: it audits, budgets, guards the way out and aborts. */
@Injectable()
export class ProviderSession {
  private readonly logger = new Logger('integrations');

  constructor(
    private readonly config: AppConfig,
    private readonly integrations: IntegrationRepository,
    private readonly registry: ProviderRegistry,
    private readonly vault: Vault,
    private readonly keyGate: KeyManagementGate,
    private readonly budgets: ProviderBudgets,
    private readonly http: GuardedHttpClient,
    private readonly drift: DriftWatch,
    private readonly grants: StoredGrants,
    @Optional() private readonly metrics?: ServiceMetrics,
  ) {}

  /**
   * Opens the stored credential. One audit entry per call of this method: a run opens once, however many pages it
   * reads. What has happened since the integration was looked up counts: other credentials are opened instead, and a
   * deactivation is `CredentialGone`.
   */
  async open(integration: Integration, purpose: string, options: SessionOptions): Promise<OpenedSession> {
    try {
      return await this.openAs(integration, purpose, options);
    } catch (error) {
      if (!(error instanceof VaultError) || error.transient) throw error;
      const current = await this.integrations.findById(integration.id);
      if (current?.state !== 'active') throw new CredentialGone(error);
      if (current.credentialId !== integration.credentialId) return this.openAs(current, purpose, options);
      throw error.lacksKey ? new CredentialKeyMissing(error) : error;
    }
  }

  private async openAs(integration: Integration, purpose: string, options: SessionOptions): Promise<OpenedSession> {
    if (!integration.credentialId) {
      throw new ProviderFailure('configuration', 'The integration has no stored credential.');
    }
    const { credentialId } = integration;
    const { runId, audited } = options;
    const use = { purpose, ...(runId ? { runId } : {}), ...(audited ? { audited } : {}) };
    const read = () => this.storedCredentials(integration, credentialId, use);
    // a run waits for key management; a person who waits for an answer is told at once
    const credentials = runId ? await this.keyGate.pass(runId, credentialId, read) : await read();
    const session = this.bind(integration, credentials, { ...options, settings: integration.configuration });
    return session.adapter.grants
      ? this.withTokens(session, integration, credentialId, { purpose, ...options })
      : session;
  }

  /** Tokens are refreshed by calls of their own: no run that ends breaks one off. */
  private withTokens(
    { adapter, entry, call }: OpenedSession,
    integration: Integration,
    credentialId: string,
    options: SessionOptions & { readonly purpose: string },
  ): OpenedSession {
    const { duringCall = (work) => work() } = options;
    let grant = this.grantOf(integration, credentialId, call.credentials, options);
    const tokenOf = async (refused: string | null): Promise<string> => {
      try {
        return await this.grants.accessToken(grant, refused);
      } catch (error) {
        if (!(error instanceof VaultError) || error.transient) throw error;
        // other credentials came meanwhile, and the ones that this session began with are gone
        const current = await this.integrations.findById(integration.id);
        if (current?.state !== 'active' || !current.credentialId) throw new CredentialGone(error);
        if (current.credentialId === grant.credentialId) throw error;
        grant = this.grantOf(current, current.credentialId, await this.reread(current, options), options);
        return this.grants.accessToken(grant, refused);
      }
    };
    const accessToken = (refused: string | null): Promise<string> =>
      servesAsToken(grant.credentials, refused)
        ? Promise.resolve(grant.credentials.accessToken!)
        : duringCall(() => tokenOf(refused));
    return { adapter, entry, call: { ...call, accessToken } };
  }

  private grantOf(
    integration: Integration,
    credentialId: string,
    credentials: ProviderCredentials,
    options: SessionOptions & { readonly purpose: string },
  ): StoredGrant {
    const { provider, signal } = options;
    const own = { ...integration, credentialId };
    return {
      ...{ credentialId, context: credentialContext(integration), credentials, signal },
      read: () => this.reread(own, options),
      refresh: async (stored, mayDispatch) => {
        const slow = AbortSignal.timeout(REFRESH_TIMEOUT_MS);
        const settings = integration.configuration;
        const bound = { settings, mayDispatch, signal: slow, ...(provider ? { provider } : {}) };
        const { adapter, call } = this.bind(integration, stored, bound);
        try {
          return await adapter.grants!.refresh(call, stored.refreshToken!);
        } catch (error) {
          if (!slow.aborted || error instanceof ProviderFailure) throw error;
          throw new ProviderFailure('network', 'The provider did not answer in time.', {
            timedOut: true,
            cause: error,
          });
        }
      },
    };
  }

  /** Not what begins the work: it has its entry in the audit log, and this is the same use. */
  private reread(
    integration: Integration,
    { purpose, runId }: Pick<SessionOptions, 'runId'> & { readonly purpose: string },
  ): Promise<ProviderCredentials> {
    return this.storedCredentials(integration, integration.credentialId!, { purpose, ...(runId ? { runId } : {}) });
  }

  private async storedCredentials(
    integration: Integration,
    credentialId: string,
    use: SecretUse,
  ): Promise<ProviderCredentials> {
    try {
      const secret = await this.vault.open(credentialId, credentialContext(integration), use);
      try {
        return readCredentials(secret);
      } finally {
        secret.wipe();
      }
    } catch (error) {
      if (error instanceof NotAudited) throw error.cause;
      // which defect it was is for the operator; a run's own record says at most that its key is not to be had
      this.logger.warn({
        msg: 'a stored credential could not be opened',
        integrationId: integration.id,
        purpose: use.purpose,
        runId: use.runId,
        err: error,
      });
      if (error instanceof VaultError && error.transient) throw new CredentialUnavailable(error);
      throw error;
    }
  }

  /**
   * For credentials that a merchant has just sent and that are stored nowhere: nothing shows that the account is
   * theirs. `willStore`: what is tested is stored. Otherwise credentials whose token is taken once are refused.
   */
  openUnstored(
    key: IntegrationKey,
    credentials: ProviderCredentials,
    options: { settings: ProviderSettings; signal: AbortSignal; willStore?: boolean },
  ): UnstoredSession {
    const provider = this.registry.get(key.provider);
    if (provider.adapter.grants && options.willStore !== true) {
      throw InterlockError.invalidField('credentials.refreshToken', USED_UP);
    }
    const normalised = provider.adapter.normaliseCredentials(credentials, key.environment);
    const { call, ...session } = this.bind({ ...key, accountId: null }, normalised, { ...options, provider });
    const guarded: ProviderCall = { ...call, http: blamingTheAddress(call.http) };
    const { grants } = session.adapter;
    if (!grants) return { ...session, call: guarded, toStore: () => normalised };
    const grant = new UnstoredGrant(grants, normalised);
    return { ...session, call: grant.callOf(guarded), toStore: () => grant.credentials };
  }

  private get simulatorRate(): Rate {
    return { perSecond: this.config.sandboxRatePerSecond, burst: this.config.sandboxRatePerSecond };
  }

  /** `accountId` null: not proven yet. */
  private bind(
    of: IntegrationKey & { readonly accountId: string | null },
    credentials: ProviderCredentials,
    options: SessionOptions & { settings: ProviderSettings },
  ): OpenedSession {
    const { provider, environment } = of;
    const { adapter, entry } = options.provider ?? this.registry.get(provider);
    const exemptPrefix = simulatorPrefix(this.config, of);
    const simulated = isUnder(credentials.baseUrl, exemptPrefix);
    const { rate: ownRate } = entry;
    const rate = simulated ? this.simulatorRate : ownRate;
    const perKey = simulated || ownRate.per === 'key';
    const keyOf = perKey ? (identityOf(entry.credentials, credentials)?.value ?? '') : null;
    const budget = budgetOf(of, credentials, { keyOf });
    const bound = this.http.bind({
      allowedHostSuffixes: environment === 'live' ? adapter.liveHostSuffixes : null,
      exemptPrefix,
      signal: options.signal,
      ...(options.mayDispatch ? { mayDispatch: options.mayDispatch } : {}),
      budget: rate.perSecond > 0 ? this.budgets.for(budget.key, rate, options) : null,
      owner: of.merchantId,
      paced: options.runId !== undefined,
      onCall: (call) => this.metrics?.providerCalled(provider, environment, call),
    });
    const { duringCall = (call) => call() } = options;
    let asksInSpite = options.askOnce === true;
    const http: OutboundHttp = {
      request: async (request) => {
        const first = asksInSpite;
        asksInSpite = false;
        try {
          const attributes = { 'interlock.provider': provider, 'http.request.method': request.method };
          const answer = await inSpan('provider call', { kind: 'client', attributes }, () =>
            duringCall(() => bound.request(request)),
          );
          if (first) await this.budgets.lift(budget.key);
          await this.drift.look(provider, environment, request, answer);
          return answer;
        } catch (error) {
          // every worker that shares the account stays away for as long as the provider asked one of them to
          if (
            budget.proven &&
            error instanceof ProviderFailure &&
            error.verdict === 'rate_limited' &&
            error.status === 429 &&
            error.retryAfterMs
          ) {
            await this.budgets.block(budget.key, rate, error.retryAfterMs);
          }
          throw error;
        }
      },
    };
    const call = { credentials, environment, settings: options.settings, http, signal: options.signal };
    return { adapter, entry, call };
  }
}

/** Nothing shows that the address was ever right: what may be its fault is told as the field that names it. */
function blamingTheAddress(http: OutboundHttp): OutboundHttp {
  return {
    request: async (request) => {
      try {
        return await http.request(request);
      } catch (error) {
        if (!(error instanceof ProviderFailure) || error.addressRule === null) throw error;
        throw new ProviderFailure('configuration', error.addressRule, {
          status: error.status ?? undefined,
          nothingSent: error.nothingSent,
          field: 'credentials.baseUrl',
          cause: error,
        });
      }
    },
  };
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
