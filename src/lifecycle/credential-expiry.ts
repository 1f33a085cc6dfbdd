import { Injectable } from '@nestjs/common';
import { IntegrationRepository } from '../integrations';
import { ExpiryDaemon } from '../platform/daemon';
import { UnitOfWork, type Tx } from '../platform/database';
import { Vault } from '../vault';

/** Shreds replaced credentials when their rollback window has passed. */
@Injectable()
export class CredentialExpiry extends ExpiryDaemon {
  protected readonly name = 'credential expiry';

  constructor(
    unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly vault: Vault,
  ) {
    super(unitOfWork);
  }

  protected async take(tx: Tx, limit: number): Promise<number> {
    const taken = await this.integrations.takeExpiredPrevious(tx, limit);
    for (const { secretId } of taken) await this.vault.destroy(tx, secretId);
    return taken.length;
  }
}
