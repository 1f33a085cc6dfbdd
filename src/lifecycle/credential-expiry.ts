import { Injectable } from '@nestjs/common';
import { IntegrationRepository } from '../integrations';
import { Daemon } from '../platform/daemon';
import { UnitOfWork } from '../platform/database';
import { Vault } from '../vault';

const BATCH = 100;

/** Shreds replaced credentials when their rollback window has passed. */
@Injectable()
export class CredentialExpiry extends Daemon {
  protected readonly name = 'credential expiry';
  protected readonly intervalMs = 60_000;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly vault: Vault,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    const expired = await this.unitOfWork.run(async (tx) => {
      const taken = await this.integrations.takeExpiredPrevious(tx, BATCH);
      for (const { secretId } of taken) await this.vault.destroy(tx, secretId);
      return taken.length;
    });
    return expired === BATCH;
  }
}
