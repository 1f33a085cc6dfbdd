import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { IntegrationRepository, type IntegrationKey, transition } from '../integrations';
import { UnitOfWork } from '../platform/database';
import { RunRequests } from '../sync';

@Injectable()
export class ErasureService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly requests: RunRequests,
    private readonly audit: AuditLog,
  ) {}

  /** Asks for the run that erases; only while the integration is not active. */
  async request(key: IntegrationKey): Promise<string> {
    return this.unitOfWork.run(async (tx) => {
      const integration = await this.integrations.lockByKey(tx, key);
      transition(integration?.state ?? 'none', 'erase');
      const { runId } = await this.requests.request(tx, {
        integrationId: integration!.id,
        kind: 'erase',
        trigger: 'manual',
      });
      await this.audit.record(tx, {
        action: 'integration.erasure_requested',
        subject: { type: 'integration', id: integration!.id },
        merchantId: key.merchantId,
        environment: key.environment,
        details: { runId },
      });
      return runId;
    });
  }
}
