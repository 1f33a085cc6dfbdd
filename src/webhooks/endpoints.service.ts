import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { EventRepository, type EventScope } from '../events';
import { IdempotentEffects } from '../idempotency';
import { Notifications, UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { DestinationRefused, GuardedHttpClient, isUri } from '../platform/outbound';
import { Vault } from '../vault';
import { filterOf, type EndpointSettings, type WebhookEndpoint } from './endpoint';
import { explainEndpoint, type EndpointExplanation } from './endpoint-explain';
import { generateSecret } from './endpoint-secret';
import { sealableSecret, secretContext } from './signers';
import { EndpointRepository, type EndpointView } from './store/endpoint.repository';
import { ENDPOINT_CHANNEL } from './webhook-dispatcher';

/** Of one merchant and environment. */
export const MAX_ENDPOINTS = 50;
const NOT_A_URI = 'must be a well-formed URL. Percent-encode characters that RFC 3986 does not allow in a URI.';

/** The secret in clear is here once and nowhere else. */
export interface IssuedEndpoint {
  readonly endpoint: EndpointView;
  readonly secret: string;
}

export interface RotatedSecret {
  readonly secret: string;
  readonly publicKey: string;
  /** Until when the old secret signs too; null: it does not. */
  readonly previousSecretUntil: Date | null;
}

/** What merchants do with their endpoints. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: EndpointRepository,
    private readonly events: EventRepository,
    private readonly vault: Vault,
    private readonly http: GuardedHttpClient,
    private readonly notifications: Notifications,
    private readonly audit: AuditLog,
    private readonly effects: IdempotentEffects,
  ) {}

  /** It is told of what happens from now on. */
  async create(scope: EventScope, settings: EndpointSettings): Promise<IssuedEndpoint> {
    const earlier = await this.effects.recall<{ id: string }>();
    if (earlier) return { endpoint: await this.get(scope, earlier.outcome.id), secret: earlier.secret! };
    this.requireReachable(settings.url);
    const id = randomUUID();
    const made = generateSecret();
    const plaintext = sealableSecret(made);
    const sealed = await this.vault.prepare(secretContext(id), plaintext).finally(() => plaintext.wipe());
    const shown = await this.effects.seal(made.secret);
    await this.unitOfWork.run(async (tx) => {
      if ((await this.endpoints.lockList(tx, scope)) >= MAX_ENDPOINTS) {
        throw new InterlockError('conflict', { message: `There are ${MAX_ENDPOINTS} endpoints already: delete one.` });
      }
      const secretId = await this.vault.store(tx, sealed);
      const position = await this.events.head(tx, scope);
      await this.endpoints.insert(tx, scope, { ...settings, id, secretId, publicKey: made.publicKey }, position);
      await this.record(tx, scope, id, 'created');
      await this.effects.keep(tx, { id }, shown);
    });
    return { endpoint: await this.get(scope, id), secret: made.secret };
  }

  list(scope: EventScope): Promise<EndpointView[]> {
    return this.endpoints.list(scope);
  }

  async get(scope: EventScope, id: string): Promise<EndpointView> {
    const endpoint = await this.endpoints.find(scope, id);
    if (!endpoint) throw endpointNotFound();
    return endpoint;
  }

  async explain(scope: EventScope, id: string): Promise<EndpointExplanation> {
    const endpoint = await this.get(scope, id);
    const { events } = await this.events.after(scope, { position: endpoint.position }, filterOf(endpoint), 1);
    return explainEndpoint(endpoint, events[0]?.occurredAt ?? null);
  }

  /** Whose endpoint it is, for operators, who name it by its id alone. */
  async scopeOf(id: string): Promise<EventScope> {
    const scope = await this.endpoints.scopeOf(id);
    if (!scope) throw endpointNotFound();
    return scope;
  }

  /** In one transaction: 404 when the endpoint has been deleted meanwhile, and it cannot be before the commit. */
  underLock<T>(scope: EventScope, id: string, work: (tx: Tx, endpoint: WebhookEndpoint) => Promise<T>): Promise<T> {
    return this.unitOfWork.run(async (tx) => {
      const endpoint = await this.endpoints.lock(tx, scope, id);
      if (!endpoint) throw endpointNotFound();
      return work(tx, endpoint);
    });
  }

  /** What is left out stays. Enabled again, it goes on where it stands. */
  async change(
    scope: EventScope,
    id: string,
    { enabled, ...changes }: Partial<EndpointSettings> & { readonly enabled?: boolean },
  ): Promise<EndpointView> {
    if (changes.url !== undefined) this.requireReachable(changes.url);
    await this.act(scope, id, async (tx, endpoint) => {
      if (Object.keys(changes).length > 0) {
        await this.endpoints.change(tx, id, { ...endpoint, ...changes });
        await this.record(tx, scope, id, 'updated', { changed: Object.keys(changes) });
      }
      if (enabled === true && endpoint.disabledReason !== null) {
        await this.endpoints.enable(tx, id);
        await this.record(tx, scope, id, 'enabled');
      }
      if (enabled === false && (await this.endpoints.disable(tx, id, 'switched_off'))) {
        await this.record(tx, scope, id, 'disabled');
      }
    });
    return this.get(scope, id);
  }

  async remove(scope: EventScope, id: string): Promise<void> {
    await this.act(scope, id, async (tx, { secretId, previousSecretId }) => {
      await this.endpoints.remove(tx, id);
      await this.vault.destroy(tx, secretId);
      if (previousSecretId !== null) await this.vault.destroy(tx, previousSecretId);
      await this.record(tx, scope, id, 'deleted');
    });
  }

  async rotateSecret(scope: EventScope, id: string, overlapSeconds: number): Promise<RotatedSecret> {
    type Outcome = { publicKey: string; previousSecretUntil: string | null };
    const earlier = await this.effects.recall<Outcome>();
    if (earlier) {
      const { publicKey, previousSecretUntil: until } = earlier.outcome;
      return { secret: earlier.secret!, publicKey, previousSecretUntil: until === null ? null : new Date(until) };
    }
    await this.get(scope, id);
    const made = generateSecret();
    const { secret, publicKey } = made;
    const plaintext = sealableSecret(made);
    const sealed = await this.vault.prepare(secretContext(id), plaintext).finally(() => plaintext.wipe());
    const shown = await this.effects.seal(secret);
    let previousSecretUntil: Date | null = null;
    await this.act(
      scope,
      id,
      async (tx, before) => {
        const secretId = await this.vault.store(tx, sealed);
        previousSecretUntil = await this.endpoints.replaceSecret(tx, id, { secretId, publicKey, overlapSeconds });
        // two old ones never sign: the receiver knows the newest, and the one before
        if (before.previousSecretId !== null) await this.vault.destroy(tx, before.previousSecretId);
        if (overlapSeconds === 0) await this.vault.destroy(tx, before.secretId);
        await this.record(tx, scope, id, 'secret_rotated', { overlapSeconds });
        await this.effects.keep(tx, { publicKey, previousSecretUntil }, shown);
      },
      { keepsItself: true },
    );
    return { secret, publicKey, previousSecretUntil };
  }

  /** In one transaction, under the endpoint's lock; whoever delivers begins anew with what it has become. */
  private async act(
    scope: EventScope,
    id: string,
    work: (tx: Tx, endpoint: WebhookEndpoint) => Promise<void>,
    { keepsItself = false } = {},
  ): Promise<void> {
    if (!keepsItself && (await this.effects.recall())) return;
    await this.underLock(scope, id, async (tx, endpoint) => {
      await work(tx, endpoint);
      await this.notifications.publish(tx, ENDPOINT_CHANNEL, id);
      if (!keepsItself) await this.effects.keep(tx, null);
    });
  }

  private requireReachable(url: string): void {
    // the answer says `format: uri`; a client that checks it must be able to read back what was taken
    if (!isUri(url)) throw InterlockError.invalidField('url', NOT_A_URI);
    try {
      this.http.checkDestination(url, { allowedHostSuffixes: null, exemptPrefix: null });
    } catch (error) {
      if (error instanceof DestinationRefused) throw InterlockError.invalidField('url', error.message);
      throw error;
    }
  }

  private async record(
    tx: Tx,
    { merchantId, environment }: EventScope,
    id: string,
    act: string,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    const subject = { type: 'webhook_endpoint', id };
    await this.audit.record(tx, { action: `webhook_endpoint.${act}`, subject, merchantId, environment, details });
  }
}

function endpointNotFound(): InterlockError {
  return new InterlockError('not_found', { message: 'Webhook endpoint not found.' });
}
