import { Injectable } from '@nestjs/common';
import { EventLog } from '../events';
import { ExpiryDaemon } from '../platform/daemon';
import { UnitOfWork, type Tx } from '../platform/database';
import { ApiKeyRepository } from './store/api-key.repository';

const TOLD_DAYS_BEFORE = 7;

/** Tells merchants of API keys that end soon, once each. */
@Injectable()
export class ApiKeyExpiry extends ExpiryDaemon {
  protected readonly name = 'api key expiry';

  constructor(
    unitOfWork: UnitOfWork,
    private readonly keys: ApiKeyRepository,
    private readonly events: EventLog,
  ) {
    super(unitOfWork);
  }

  protected async take(tx: Tx, limit: number): Promise<number> {
    const expiring = await this.keys.takeExpiring(tx, TOLD_DAYS_BEFORE, limit);
    for (const key of expiring) {
      const { id: apiKeyId, name, expiresAt } = key;
      this.events.append(tx, key, 'api_key.expiring', { apiKeyId, name, expiresAt: expiresAt!.toISOString() });
    }
    return expiring.length;
  }
}
