import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { aboutIntegration, EventLog } from '../events';
import { IdempotentEffects } from '../idempotency';
import {
  ClaimRepository,
  credentialContext,
  credentialSecret,
  integrationEvent,
  IntegrationRepository,
  providerFailureToError,
  transition,
  type Integration,
  type IntegrationKey,
} from '../integrations';
import { PaymentMappings, refuseRepeatedMethods, type PaymentMapping } from '../mappings';
import { MerchantService } from '../merchants';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { RequestContext } from '../platform/http';
import { ProviderRegistry, type ProviderCredentials } from '../providers';
import { SyncLifecycle } from '../sync';
import { Vault, type PreparedSecret } from '../vault';
import { configurationOf, type ActivationSettings } from './configuration';
import { CredentialTest, type TestedCredentials } from './credential-test';

export interface ActivationRequest {
  readonly key: IntegrationKey;
  readonly credentials: ProviderCredentials;
  readonly settings: ActivationSettings;
  /** Left out: those kept from before. */
  readonly paymentMappings?: readonly PaymentMapping[];
}

interface Prepared {
  readonly id: string;
  readonly configuration: Integration['configuration'];
  readonly tested: TestedCredentials;
  readonly secret: PreparedSecret;
}

/** As long as a test of credentials takes, most of the time. */
const BEING_ACTIVATED_RETRY_SECONDS = 5;

/**
 * Activation, in the contract's order: claim the integration key, test at the provider with no connection held, seal,
 * then store everything in one transaction, and only then enqueue. A crash leaves either nothing, or an active
 * integration whose first sync still runs, because its run row is committed and the reconciler adds the job.
 */
@Injectable()
export class ActivationService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly claims: ClaimRepository,
    private readonly integrations: IntegrationRepository,
    private readonly providers: ProviderRegistry,
    private readonly merchants: MerchantService,
    private readonly credentialTest: CredentialTest,
    private readonly vault: Vault,
    private readonly mappings: PaymentMappings,
    private readonly sync: SyncLifecycle,
    private readonly audit: AuditLog,
    private readonly events: EventLog,
    private readonly effects: IdempotentEffects,
  ) {}

  async activate(request: ActivationRequest): Promise<Integration> {
    const { key } = request;
    // this very request was carried out, whatever its answer was and whatever came after
    if (await this.effects.recall()) return (await this.integrations.findByKey(key))!;
    const { entry: catalogue } = this.providers.get(key.provider);
    const merchant = await this.merchants.get(key.merchantId);
    refuseRepeatedMethods(request.paymentMappings ?? [], 'paymentMappings');
    // settings are checked before the claim: a bad request must not hold the claim
    configurationOf(request.settings, request.credentials, { catalogue, currency: merchant.defaultCurrency });

    const claim = await this.claim(key);
    if ('done' in claim) return claim.done;
    try {
      const prepared = await this.prepare(request, claim.existing, merchant.defaultCurrency);
      return await this.unitOfWork.run((tx) => this.commit(tx, request, claim.token, prepared));
    } catch (error) {
      await this.unitOfWork.run((tx) => this.claims.release(tx, key, claim.token));
      throw error;
    }
  }

  private async claim(
    key: IntegrationKey,
  ): Promise<{ token: string; existing: Integration | null } | { done: Integration }> {
    return this.unitOfWork.run(async (tx) => {
      const existing = await this.integrations.lockByKey(tx, key);
      // another try of this very request, which was still at it a moment ago: its work is done
      const request = RequestContext.current()?.idempotencyId ?? null;
      if (existing?.state === 'active' && request !== null && existing.activatedByRequest === request) {
        return { done: existing };
      }
      transition(existing?.state ?? 'none', 'activate');
      const token = await this.claims.claim(tx, key, request);
      if (token === null) throw beingActivated();
      return { token, existing };
    });
  }

  private async prepare(
    request: ActivationRequest,
    existing: Integration | null,
    defaultCurrency: string,
  ): Promise<Prepared> {
    const { key, settings } = request;
    const currency = settings.currency ?? defaultCurrency;
    let tested: TestedCredentials;
    try {
      const read = { currency, timezone: settings.timezone ?? null };
      tested = await this.credentialTest.run(key, request.credentials, read, { willStore: true });
    } catch (error) {
      throw providerFailureToError(error, this.providers.nameOf(key.provider));
    }
    const configuration = configurationOf(settings, tested.credentials, {
      catalogue: this.providers.get(key.provider).entry,
      currency: defaultCurrency,
    });
    const id = existing?.id ?? randomUUID();
    const plaintext = credentialSecret(tested.credentials);
    try {
      const secret = await this.vault.prepare(credentialContext({ id, ...key }), plaintext);
      return { id, configuration, tested, secret };
    } finally {
      plaintext.wipe();
    }
  }

  private async commit(tx: Tx, request: ActivationRequest, token: string, prepared: Prepared): Promise<Integration> {
    const { key, settings } = request;
    const { tested, configuration } = prepared;
    const before = await this.integrations.lockByKey(tx, key);
    // a claim that lapsed belongs to another call now, and so does the key
    if (!(await this.claims.release(tx, key, token))) throw beingActivated();
    transition(before?.state ?? 'none', 'activate');
    if ((before?.id ?? prepared.id) !== prepared.id) throw new InterlockError('already_active');

    const newAccount =
      before !== null && !this.credentialTest.isSameAccount(key.provider, before.accountId, tested.accountId);
    const epoch = (before?.epoch ?? 1) + (newAccount ? 1 : 0);
    const credentialId = await this.vault.store(tx, prepared.secret);
    const integration = await this.integrations.activate(tx, {
      ...key,
      id: prepared.id,
      configuration,
      syncEnabled: settings.syncEnabled ?? true,
      accountId: tested.accountId,
      epoch,
      credentialId,
      credentialExpiresAt: tested.expiresAt,
      activatedByRequest: RequestContext.current()?.idempotencyId ?? null,
    });
    // one that a deactivate with deleteCredentials:false had left
    for (const old of [before?.credentialId, before?.previousCredentialId]) if (old) await this.vault.destroy(tx, old);
    if (request.paymentMappings) await this.mappings.replaceAllIn(tx, key, request.paymentMappings);
    await this.sync.begin(tx, integration, { streams: tested.streams, newEpoch: newAccount });
    await this.audit.record(
      tx,
      integrationEvent(integration, 'integration.activated', {
        details: {
          provider: key.provider,
          epoch,
          reactivated: before !== null,
          fingerprint: prepared.secret.fingerprint,
        },
      }),
    );
    this.events.append(tx, key, 'integration.activated', {
      ...aboutIntegration(integration),
      reactivated: before !== null,
    });
    await this.effects.keep(tx, null);
    return integration;
  }
}

/** What comes of the other call is not known yet: the answer is of this moment, and not kept for a repetition. */
function beingActivated(): InterlockError {
  return new InterlockError('already_active', {
    message:
      'Another call is just activating the integration. Once it is active, use PUT …/credentials, deactivate, sync-toggle or resume-sync.',
    retryAfterSeconds: BEING_ACTIVATED_RETRY_SECONDS,
  });
}
