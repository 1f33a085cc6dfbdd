import { Injectable } from '@nestjs/common';
import { aboutIntegration, EventLog } from '../events';
import { IntegrationRepository } from '../integrations';
import { ExpiryDaemon } from '../platform/daemon';
import { UnitOfWork, type Tx } from '../platform/database';

const TOLD_DAYS_BEFORE = 7;

/** Tells merchants of credentials that soon end at their provider, once for each end. */
@Injectable()
export class ExpiringCredentials extends ExpiryDaemon {
  protected readonly name = 'expiring credentials';

  constructor(
    unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly events: EventLog,
  ) {
    super(unitOfWork);
  }

  protected async take(tx: Tx, limit: number): Promise<number> {
    const expiring = await this.integrations.takeExpiringCredentials(tx, TOLD_DAYS_BEFORE, limit);
    for (const integration of expiring) {
      this.events.append(tx, integration, 'integration.credentials_expiring', {
        ...aboutIntegration(integration),
        expiresAt: integration.credentialExpiresAt!.toISOString(),
      });
    }
    return expiring.length;
  }
}
