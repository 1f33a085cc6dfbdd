import { Injectable } from '@nestjs/common';
import { aboutIntegration, EventLog } from '../events';
import { IdempotentEffects } from '../idempotency';
import { IntegrationChanges, IntegrationRepository, type IntegrationKey } from '../integrations';
import { SyncLifecycle } from '../sync';
import { Vault } from '../vault';

@Injectable()
export class DeactivationService {
  constructor(
    private readonly changes: IntegrationChanges,
    private readonly integrations: IntegrationRepository,
    private readonly sync: SyncLifecycle,
    private readonly vault: Vault,
    private readonly events: EventLog,
    private readonly effects: IdempotentEffects,
  ) {}

  /**
   * Stops the schedule, cancels what is queued and running and shreds the credential, in one transaction. Logs, records
   * and mappings stay.
   */
  async deactivate(key: IntegrationKey, options: { keepCredential: boolean }): Promise<void> {
    await this.effects.once((keep) =>
      this.changes.make(key, 'deactivate', async (tx, integration) => {
        const { id, credentialId, previousCredentialId } = integration;
        await this.sync.end(tx, id);
        await this.integrations.deactivate(tx, id, options.keepCredential);
        if (credentialId && !options.keepCredential) await this.vault.destroy(tx, credentialId);
        if (previousCredentialId) await this.vault.destroy(tx, previousCredentialId);
        await this.changes.record(tx, integration, 'integration.deactivated', {
          details: { provider: key.provider, credentialKept: options.keepCredential },
        });
        this.events.append(tx, key, 'integration.deactivated', aboutIntegration(integration!));
        return keep(tx, null);
      }),
    );
  }
}
