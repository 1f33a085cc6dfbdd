import { Injectable } from '@nestjs/common';
import { ExpiryDaemon } from '../platform/daemon';
import { UnitOfWork, type Tx } from '../platform/database';
import { Vault } from '../vault';
import { EndpointRepository } from './store/endpoint.repository';

/** Destroys replaced secrets of endpoints when their overlap is over. */
@Injectable()
export class SecretExpiry extends ExpiryDaemon {
  protected readonly name = 'webhook secret expiry';

  constructor(
    unitOfWork: UnitOfWork,
    private readonly endpoints: EndpointRepository,
    private readonly vault: Vault,
  ) {
    super(unitOfWork);
  }

  protected async take(tx: Tx, limit: number): Promise<number> {
    const taken = await this.endpoints.takeReplacedSecrets(tx, limit);
    for (const secretId of taken) await this.vault.destroy(tx, secretId);
    return taken.length;
  }
}
