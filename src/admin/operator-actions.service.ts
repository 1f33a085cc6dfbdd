import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { type Integration, IntegrationRepository, transition } from '../integrations';
import { type Tx, UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { RunRequests, ScheduleRepository, SyncLifecycle } from '../sync';

/** What an operator does to one integration: under its row lock, audited with a reason in the same transaction. */
@Injectable()
export class OperatorActions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly sync: SyncLifecycle,
    private readonly schedules: ScheduleRepository,
    private readonly requests: RunRequests,
    private readonly audit: AuditLog,
  ) {}

  /** The run that will do it. A paused integration is resumed first, knowingly. */
  async syncNow(id: string, options: { fullResync: boolean; reason: string }): Promise<{ runId: string }> {
    return this.change(id, 'sync', async (tx, integration) => {
      if (await this.sync.isPaused(tx, id)) throw new InterlockError('sync_paused');
      const { runId, created } = await this.requests.request(tx, {
        integrationId: id,
        kind: 'sync',
        trigger: 'manual',
        fullResync: options.fullResync,
      });
      const details = { runId, created, fullResync: options.fullResync };
      await this.record(tx, integration, 'integration.sync_requested', options.reason, details);
      return { runId };
    });
  }

  /** The schedule no longer fires; a run under way goes on. Pausing what is paused replaces the reason. */
  async pause(id: string, reason: string): Promise<void> {
    await this.change(id, 'configure', async (tx, integration) => {
      await this.schedules.setOperatorPaused(tx, id, reason);
      await this.record(tx, integration, 'integration.paused', reason);
    });
  }

  /** Ends the operator's pause, closes the breaker and runs now. */
  async resume(id: string, reason: string): Promise<{ runId: string }> {
    return this.change(id, 'resume', async (tx, integration) => {
      await this.schedules.setOperatorPaused(tx, id, null);
      await this.sync.closeBreaker(tx, id);
      const { runId } = await this.requests.request(tx, { integrationId: id, kind: 'sync', trigger: 'manual' });
      await this.record(tx, integration, 'integration.resumed', reason, { runId });
      return { runId };
    });
  }

  private async change<T>(
    id: string,
    event: Parameters<typeof transition>[1],
    work: (tx: Tx, integration: Integration) => Promise<T>,
  ): Promise<T> {
    return this.unitOfWork.run(async (tx) => {
      const integration = await this.integrations.lock(tx, id);
      if (!integration) throw new InterlockError('not_found');
      transition(integration.state, event);
      return work(tx, integration);
    });
  }

  private async record(
    tx: Tx,
    integration: Integration,
    action: string,
    reason: string,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    await this.audit.record(tx, {
      action,
      subject: { type: 'integration', id: integration.id },
      merchantId: integration.merchantId,
      environment: integration.environment,
      reason,
      details,
    });
  }
}
