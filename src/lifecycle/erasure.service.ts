import { Injectable } from '@nestjs/common';
import { IntegrationChanges, type IntegrationKey } from '../integrations';
import { SyncLifecycle } from '../sync';

@Injectable()
export class ErasureService {
  constructor(
    private readonly changes: IntegrationChanges,
    private readonly sync: SyncLifecycle,
  ) {}

  /** Asks for the run that erases; only while the integration is not active. */
  async request(key: IntegrationKey): Promise<string> {
    return this.changes.make(key, 'erase', async (tx, integration) => {
      const { runId } = await this.sync.requestRun(tx, {
        integrationId: integration.id,
        kind: 'erase',
        trigger: 'manual',
      });
      await this.changes.record(tx, integration, 'integration.erasure_requested', { details: { runId } });
      return runId;
    });
  }
}
