import { Injectable } from '@nestjs/common';
import { EventLog } from '../events';
import { Daemon } from '../platform/daemon';
import { UnitOfWork } from '../platform/database';
import { ApiKeyRepository } from './store/api-key.repository';

const TOLD_DAYS_BEFORE = 7;
const BATCH = 100;

/** Tells merchants of API keys that end soon, once each. */
@Injectable()
export class ApiKeyExpiry extends Daemon {
  protected readonly name = 'api key expiry';
  protected readonly intervalMs = 60_000;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: ApiKeyRepository,
    private readonly events: EventLog,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    const told = await this.unitOfWork.run(async (tx) => {
      const expiring = await this.keys.takeExpiring(tx, TOLD_DAYS_BEFORE, BATCH);
      for (const key of expiring) {
        const { id: apiKeyId, name, expiresAt } = key;
        this.events.append(tx, key, 'api_key.expiring', { apiKeyId, name, expiresAt: expiresAt!.toISOString() });
      }
      return expiring.length;
    });
    return told === BATCH;
  }
}
