import { Injectable } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { UnitOfWork } from '../platform/database';
import { Vault } from '../vault';
import { EndpointRepository } from './store/endpoint.repository';

const BATCH = 100;

/** Destroys replaced secrets of endpoints when their overlap is over. */
@Injectable()
export class SecretExpiry extends Daemon {
  protected readonly name = 'webhook secret expiry';
  protected readonly intervalMs = 60_000;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: EndpointRepository,
    private readonly vault: Vault,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    const expired = await this.unitOfWork.run(async (tx) => {
      const taken = await this.endpoints.takeReplacedSecrets(tx, BATCH);
      for (const secretId of taken) await this.vault.destroy(tx, secretId);
      return taken.length;
    });
    return expired === BATCH;
  }
}
