import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { aboutIntegration, EventLog } from '../events';
import { integrationEvent, IntegrationRepository } from '../integrations';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { DeletionPlanRepository } from './store/deletion-plan.repository';
import { RecordRepository } from './store/record.repository';

interface Decision {
  readonly by: string;
  readonly reason: string;
}

const GONE = 'There is no such plan: a later scan has replaced it, or has answered it.';

/** The operator's decision about a scan that missed too many rows. */
@Injectable()
export class DeletionPlans {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly plans: DeletionPlanRepository,
    private readonly records: RecordRepository,
    private readonly audit: AuditLog,
    private readonly events: EventLog,
  ) {}

  /** Tombstones what is still live and still missing; returns how many that were. `also`: in the same transaction. */
  approve(planId: string, decision: Decision, also?: (tx: Tx) => Promise<void>): Promise<{ deleted: number }> {
    return this.decide(planId, 'approved', decision, also);
  }

  /** The rows count as seen: the next scan starts from nothing. */
  async discard(planId: string, decision: Decision): Promise<void> {
    await this.decide(planId, 'discarded', decision);
  }

  private async decide(
    planId: string,
    state: 'approved' | 'discarded',
    decision: Decision,
    also?: (tx: Tx) => Promise<void>,
  ): Promise<{ deleted: number }> {
    const plan = await this.plans.placeOf(planId);
    if (!plan) throw new InterlockError('not_found', { message: GONE });
    return this.unitOfWork.run(async (tx) => {
      // the integration first, as every writer of records does
      const integration = await this.integrations.lock(tx, plan.integrationId);
      const held = await this.plans.lock(tx, planId);
      if (!integration || !held) throw new InterlockError('not_found', { message: GONE });
      if (held.state !== 'held') {
        throw new InterlockError('conflict', { message: `The plan is already ${held.state}.` });
      }
      const key = { integrationId: integration.id, resourceType: plan.resourceType, epoch: integration.epoch };
      let deleted = 0;
      if (state === 'approved') {
        const missing = await this.plans.stillMissing(tx, key, held.externalIds);
        if (missing.length > 0) deleted = await this.records.markDeleted(tx, key, missing);
      } else {
        await this.records.clearMissed(tx, key, held.externalIds);
      }
      await also?.(tx);
      await this.plans.decide(tx, planId, { state, ...decision });
      const details = { planId, resourceType: plan.resourceType, rows: held.externalIds.length, deleted };
      await this.audit.record(
        tx,
        integrationEvent(integration, `deletion_plan.${state}`, { reason: decision.reason, details }),
      );
      const { resourceType } = plan;
      const told = { ...aboutIntegration(integration), resourceType, rows: held.externalIds.length };
      if (state === 'approved') this.events.append(tx, integration, 'deletion_plan.approved', { ...told, deleted });
      else this.events.append(tx, integration, 'deletion_plan.discarded', told);
      return { deleted };
    });
  }
}
