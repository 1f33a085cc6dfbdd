import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { IdempotentEffects } from '../idempotency';
import { IntegrationRepository, type IntegrationKey, transition } from '../integrations';
import { UnitOfWork } from '../platform/database';
import { SyncLifecycle } from '../sync';
import { Vault } from '../vault';

@Injectable()
export class DeactivationService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly sync: SyncLifecycle,
    private readonly vault: Vault,
    private readonly audit: AuditLog,
    private readonly effects: IdempotentEffects,
  ) {}

  /**
   * Stops the schedule, cancels what is queued and running and shreds the credential, in one transaction. Logs, records and
   * mappings stay.
   */
  async deactivate(key: IntegrationKey, options: { keepCredential: boolean }): Promise<void> {
    await this.effects.once((keep) =>
      this.unitOfWork.run(async (tx) => {
        const integration = await this.integrations.lockByKey(tx, key);
        transition(integration?.state ?? 'none', 'deactivate');
        const { id, credentialId, previousCredentialId } = integration!;
        await this.sync.end(tx, id);
        await this.integrations.deactivate(tx, id, options.keepCredential);
        if (credentialId && !options.keepCredential) await this.vault.destroy(tx, credentialId);
        if (previousCredentialId) await this.vault.destroy(tx, previousCredentialId);
        await this.audit.record(tx, {
          action: 'integration.deactivated',
          subject: { type: 'integration', id },
          merchantId: key.merchantId,
          environment: key.environment,
          details: { provider: key.provider, credentialKept: options.keepCredential },
        });
        return keep(tx, null);
      }),
    );
  }
}
