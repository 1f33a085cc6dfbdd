import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { integrationEvent, IntegrationRepository } from '../integrations';
import { RunFence } from './run-fence';
import { RunHandler, type RunContext, type RunOutcome } from './run-handler';
import { ErasureRepository } from './store/erasure.repository';
import { SyncExtensions } from './sync-extensions';

const BATCH = 1_000;

/** Erases what was synced, in bounded batches; an integration that was activated again meanwhile is left alone. */
@Injectable()
export class EraseRunHandler extends RunHandler {
  readonly kind = 'erase';

  constructor(
    private readonly integrations: IntegrationRepository,
    private readonly fence: RunFence,
    private readonly erasure: ErasureRepository,
    private readonly others: SyncExtensions,
    private readonly audit: AuditLog,
  ) {
    super();
  }

  async execute(context: RunContext): Promise<RunOutcome> {
    const { run } = context;
    const integration = await this.integrations.findById(run.integrationId);
    if (!integration || integration.state !== 'inactive') return { kind: 'cancelled' };
    const target = { run, integration };
    for (;;) {
      const erased = await this.fence.run(
        target,
        async (tx) => {
          await this.erasure.forgetPositions(tx, integration.id);
          return this.erasure.eraseRecords(tx, integration.id, BATCH);
        },
        'inactive',
      );
      if (erased < BATCH) break;
      context.countPage();
      if (context.shouldYield()) return { kind: 'yielded' };
    }
    await this.fence.run(
      target,
      async (tx) => {
        await this.erasure.eraseTraces(tx, integration.id);
        await this.others.eraseAll(tx, integration);
        await this.audit.record(
          tx,
          integrationEvent(integration, 'integration.data_erased', { actor: { kind: 'run', id: run.id } }),
        );
      },
      'inactive',
    );
    return { kind: 'succeeded' };
  }
}
