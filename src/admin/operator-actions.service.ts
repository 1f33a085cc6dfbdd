import { Injectable } from '@nestjs/common';
import { aboutIntegration, EventLog } from '../events';
import { IntegrationChanges } from '../integrations';
import { InterlockError } from '../platform/errors';
import { SyncLifecycle } from '../sync';

/** What an operator does to one integration: under its row lock, audited with a reason in the same transaction. */
@Injectable()
export class OperatorActions {
  constructor(
    private readonly changes: IntegrationChanges,
    private readonly sync: SyncLifecycle,
    private readonly events: EventLog,
  ) {}

  /** The run that will do it. A paused integration is resumed first, knowingly. */
  async syncNow(id: string, options: { fullResync: boolean; reason: string }): Promise<{ runId: string }> {
    return this.changes.make(id, 'sync', async (tx, integration) => {
      if (await this.sync.isPaused(tx, id)) throw new InterlockError('sync_paused');
      const { runId, created } = await this.sync.requestRun(tx, {
        integrationId: id,
        kind: 'sync',
        trigger: 'manual',
        fullResync: options.fullResync,
      });
      const details = { runId, created, fullResync: options.fullResync };
      await this.changes.record(tx, integration, 'integration.sync_requested', { reason: options.reason, details });
      return { runId };
    });
  }

  /** The schedule no longer fires; a run under way goes on. Pausing what is paused replaces the reason. */
  async pause(id: string, reason: string): Promise<void> {
    await this.changes.make(id, 'configure', async (tx, integration) => {
      await this.sync.setOperatorPaused(tx, id, reason);
      await this.changes.record(tx, integration, 'integration.paused', { reason });
      this.events.append(tx, integration, 'integration.paused', {
        ...aboutIntegration(integration),
        cause: 'operator',
      });
    });
  }

  /** Ends the operator's pause, closes the breaker and runs now. */
  async resume(id: string, reason: string): Promise<{ runId: string }> {
    return this.changes.make(id, 'resume', async (tx, integration) => {
      await this.sync.setOperatorPaused(tx, id, null);
      await this.sync.closeBreaker(tx, id);
      const { runId } = await this.sync.requestRun(tx, { integrationId: id, kind: 'sync', trigger: 'manual' });
      await this.changes.record(tx, integration, 'integration.resumed', { reason, details: { runId } });
      this.events.append(tx, integration, 'integration.resumed', aboutIntegration(integration));
      return { runId };
    });
  }
}
