import { Injectable, Logger } from '@nestjs/common';
import { IntegrationRepository } from '../integrations';
import { Daemon } from '../platform/daemon';
import { DatabaseGenerationRepository, UnitOfWork } from '../platform/database';
import { SyncLifecycle } from '../sync';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

const BATCH = 100;

/**
 * The table knows what is due, not the queue: payments that wait for a search or another try, that outlived a
 * deactivation, or that were asked for while a run was just ending get their run here.
 */
@Injectable()
export class PushDispatcher extends Daemon {
  protected readonly name = 'push dispatcher';
  protected readonly intervalMs = 1_000;
  private readonly logger = new Logger('payments');

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly payments: OutboundPaymentRepository,
    private readonly sync: SyncLifecycle,
    private readonly generation: DatabaseGenerationRepository,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    // payments that are asked for from now on may repeat some that were lost
    if (await this.generation.notice())
      this.logger.warn({
        msg: 'the database was restored or replaced: payments are searched for before they are sent',
      });
    const stranded = await this.payments.stranded(BATCH);
    for (const integrationId of stranded) {
      await this.unitOfWork.run(async (tx) => {
        const integration = await this.integrations.lock(tx, integrationId);
        if (integration?.state !== 'active') return;
        await this.sync.requestRun(tx, { integrationId, kind: 'push', trigger: 'scheduled' });
      });
    }
    return stranded.length === BATCH;
  }
}
