import { Injectable } from '@nestjs/common';
import { aboutIntegration, EventLog } from '../events';
import { IdempotentEffects } from '../idempotency';
import {
  credentialContext,
  credentialSecret,
  IntegrationAccess,
  IntegrationChanges,
  IntegrationRepository,
  providerFailureToError,
  type Integration,
  type IntegrationKey,
} from '../integrations';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { ProviderRegistry, type ProviderCredentials } from '../providers';
import { SyncLifecycle } from '../sync';
import { Vault } from '../vault';
import { credentialFacts } from './configuration';
import { CredentialTest, type TestedCredentials } from './credential-test';

/** How long the replaced credential stays sealed for a rollback. */
export const ROLLBACK_WINDOW_MS = 24 * 3_600_000;

/** Blue/green: the new credential is staged and tested, then swapped in at once; the old one stays for a while. */
@Injectable()
export class CredentialChangeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly access: IntegrationAccess,
    private readonly integrations: IntegrationRepository,
    private readonly credentialTest: CredentialTest,
    private readonly providers: ProviderRegistry,
    private readonly sync: SyncLifecycle,
    private readonly vault: Vault,
    private readonly changes: IntegrationChanges,
    private readonly events: EventLog,
    private readonly effects: IdempotentEffects,
  ) {}

  /** A wrong new key leaves the integration untouched. A running sync ends with the version it began with. */
  async replace(
    key: IntegrationKey,
    credentials: ProviderCredentials,
  ): Promise<{ version: number; rollbackUntil: Date }> {
    const earlier = await this.effects.recall<{ version: number; rollbackUntil: string }>();
    if (earlier) return { ...earlier.outcome, rollbackUntil: new Date(earlier.outcome.rollbackUntil) };
    const active = await this.access.requireActive(key);
    let tested: TestedCredentials;
    try {
      tested = await this.credentialTest.run(key, credentials, active.configuration, { willStore: true });
    } catch (error) {
      throw providerFailureToError(error, this.providers.nameOf(key.provider));
    }
    const plaintext = credentialSecret(tested.credentials);
    const secret = await this.vault.prepare(credentialContext(active), plaintext).finally(() => plaintext.wipe());
    return this.unitOfWork.run(async (tx) => {
      const before = await this.changes.lock(tx, key, 'change_credentials');
      const integration = await this.swap(tx, before, {
        credentialId: await this.vault.store(tx, secret),
        credentialExpiresAt: tested.expiresAt,
        accountId: tested.accountId,
        configuration: credentialFacts(this.providers.get(key.provider).entry, tested.credentials),
        keepPrevious: true,
      });
      if (before.previousCredentialId) await this.vault.destroy(tx, before.previousCredentialId);
      await this.record(tx, integration, 'credential.replaced', secret.fingerprint);
      await this.runAgain(tx, integration);
      const outcome = { version: integration.credentialVersion, rollbackUntil: integration.rollbackUntil! };
      await this.effects.keep(tx, outcome);
      return outcome;
    });
  }

  async rollback(key: IntegrationKey): Promise<{ version: number }> {
    return this.effects.once((keep) =>
      this.unitOfWork.run(async (tx) => {
        const before = await this.changes.lock(tx, key, 'rollback_credentials');
        const { previousCredentialId, previousAccountId, previousConfiguration, rollbackUntil } = before;
        // the process's clock only narrows: housekeeping removes the old credential by the database's clock
        if (
          !previousCredentialId ||
          !previousConfiguration ||
          !rollbackUntil ||
          rollbackUntil.getTime() <= Date.now()
        ) {
          throw new InterlockError('conflict', {
            message: 'There is no earlier credential to restore: the rollback window has passed.',
          });
        }
        const integration = await this.swap(tx, before, {
          credentialId: previousCredentialId,
          credentialExpiresAt: before.previousCredentialExpiresAt,
          accountId: previousAccountId ?? before.accountId,
          configuration: previousConfiguration,
          keepPrevious: false,
        });
        if (before.credentialId) await this.vault.destroy(tx, before.credentialId);
        await this.record(tx, integration, 'credential.rolled_back');
        await this.runAgain(tx, integration);
        return keep(tx, { version: integration.credentialVersion });
      }),
    );
  }

  private async swap(
    tx: Tx,
    before: Integration,
    next: {
      credentialId: string;
      credentialExpiresAt: Date | null;
      accountId: string;
      configuration: Pick<Integration['configuration'], 'baseUrl' | 'credentialHint'>;
      keepPrevious: boolean;
    },
  ): Promise<Integration> {
    const newAccount = !this.credentialTest.isSameAccount(before.provider, before.accountId, next.accountId);
    const epoch = before.epoch + (newAccount ? 1 : 0);
    const { baseUrl, credentialHint } = before.configuration;
    const integration = await this.integrations.swapCredential(tx, before.id, {
      credentialId: next.credentialId,
      credentialExpiresAt: next.credentialExpiresAt,
      accountId: next.accountId,
      epoch,
      configuration: next.configuration,
      previousCredentialId: next.keepPrevious ? before.credentialId : null,
      previousCredentialExpiresAt: next.keepPrevious ? before.credentialExpiresAt : null,
      previousConfiguration: next.keepPrevious ? { baseUrl, credentialHint } : null,
      previousAccountId: next.keepPrevious ? before.accountId : null,
      rollbackWindowMs: next.keepPrevious ? ROLLBACK_WINDOW_MS : null,
    });
    if (newAccount) {
      // a run under way knows only what it has read of the old account: the new one is read by a run of its own
      await this.sync.cancelRuns(tx, integration.id, ['sync']);
      await this.sync.beginEpoch(tx, integration.id);
    }
    return integration;
  }

  /** Closes an auth pause and runs. A pause for failures stays: the credential was not the reason. */
  private async runAgain(tx: Tx, integration: Integration): Promise<void> {
    if (await this.sync.closeAuthPause(tx, integration.id)) {
      this.events.append(tx, integration, 'integration.resumed', aboutIntegration(integration));
    }
    if (await this.sync.isPaused(tx, integration.id)) return;
    await this.sync.requestRun(tx, { integrationId: integration.id, kind: 'sync', trigger: 'manual' });
  }

  private async record(tx: Tx, integration: Integration, action: string, fingerprint?: string): Promise<void> {
    const { credentialVersion: version, epoch } = integration;
    const details = { version, epoch, ...(fingerprint ? { fingerprint } : {}) };
    await this.changes.record(tx, integration, action, { details });
  }
}
