import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { Operators } from '../operators';
import { AppConfig } from '../platform/config';
import { Daemon } from '../platform/daemon';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { RequestContext } from '../platform/http';
import { ProviderManifests } from '../providers';
import { DeletionPlans } from '../sync';
import { VaultError } from '../vault';
import { APPROVAL_ACTS, mayDecide, type ActSteps, type Approval, type ApprovalAct, type DoneOnce } from './approval';
import { BulkRetry, type CountedRetry } from './bulk-retry.service';
import { ProviderList } from './provider-list.service';
import { RotationRunner } from './rotation-runner';
import { ApprovalRepository } from './store/approval.repository';

/** Of an act: whoever has it does the act, and others leave it alone. */
export const APPROVAL_LEASE_MS = 60_000;
const WHOLE = 'whole';

/** Another process does the same act: it ends the request, or whoever has the lease next. */
class DoneElsewhere extends Error {}

/**
 * Does what was approved, each part once: a part is noted in its own transaction, so that a process that goes on after
 * a killed one leaves out what is done. Ends requests whose time is over.
 */
@Injectable()
export class ApprovalExecutor extends Daemon {
  protected readonly name = 'approvals';
  protected readonly intervalMs = 5_000;

  private readonly acts: Readonly<Record<ApprovalAct, (approval: Approval, steps: ActSteps) => Promise<unknown>>> = {
    deletion_plan: ({ target, requestedBy: by, reason }, steps) =>
      this.deletionPlans.approve(target!, { by, reason }, steps.once(WHOLE)),
    bulk_retry: ({ parameters, requestedAt: failedUntil }, steps) =>
      this.bulkRetry.run({ ...(parameters as unknown as CountedRetry), failedUntil }, steps),
    key_rotation: ({ parameters, requestedBy }, steps) =>
      this.rotation.start(
        { ...(parameters as Pick<Parameters<RotationRunner['start']>[0], 'mode' | 'toKeyId'>), requestedBy },
        steps.once(WHOLE),
      ),
    manifest: ({ target, parameters }, steps) => {
      const { manifest, after } = parameters as { manifest: string | null; after: number };
      const options = { after, noted: steps.once(WHOLE) };
      if (manifest === null) return this.providers.remove(target!, options);
      return this.manifests.store(target!, manifest, options);
    },
  };

  constructor(
    private readonly config: AppConfig,
    private readonly repository: ApprovalRepository,
    private readonly deletionPlans: DeletionPlans,
    private readonly bulkRetry: BulkRetry,
    private readonly rotation: RotationRunner,
    private readonly manifests: ProviderManifests,
    private readonly providers: ProviderList,
    private readonly operators: Operators,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {
    super();
  }

  override onApplicationBootstrap(): void {
    if (this.config.runsWork) super.onApplicationBootstrap();
  }

  async tick(): Promise<boolean> {
    const expired = await this.unitOfWork.run(async (tx) => {
      const ended = await this.repository.expire(tx);
      await this.audit.recordAll(
        tx,
        ended.map((approval) => eventOf(approval, 'expired', null)),
      );
      return ended.length;
    });
    const approval = await this.repository.claim(APPROVAL_ACTS, APPROVAL_LEASE_MS);
    if (approval) await this.execute(approval);
    return approval !== null || expired > 0;
  }

  /** Precondition: the caller has its lease. The act is that of the operator who asked for it. */
  async execute(approval: Approval): Promise<void> {
    const { requestedBy, reason } = approval;
    const operator = { kind: 'token', id: requestedBy } as const;
    await RequestContext.run({ requestId: randomUUID(), caller: null, operator, reason }, () => this.perform(approval));
  }

  /** Two persons answer for an act: 409 once either of them may do it no longer. */
  async refuseFallen(tx: Tx, { act, requestedBy }: Approval, approvedBy: string): Promise<void> {
    const standings = await this.operators.standingIn(tx, [requestedBy, approvedBy]);
    for (const [index, { isDisabled, roles }] of standings.entries()) {
      const who = `The operator who ${index === 0 ? 'asked' : 'approves'}`;
      if (isDisabled) throw new InterlockError('conflict', { message: `${who} is disabled.` });
      if (roles !== null && !mayDecide(act, roles)) {
        const message = `${who} no longer has the role that this needs.`;
        throw new InterlockError('conflict', { message });
      }
    }
  }

  private async perform(approval: Approval): Promise<void> {
    const done = await this.repository.steps(approval.id);
    const once =
      (step: string): DoneOnce =>
      async (tx, outcome) => {
        if (!(await this.repository.takeStep(tx, approval.id, { step, outcome }))) throw new DoneElsewhere();
        await this.refuseFallen(tx, approval, approval.decidedBy!);
      };
    let error: string | null = null;
    try {
      if (!done.has(WHOLE)) {
        await this.acts[approval.act](approval, { isDone: (step) => done.has(step), once });
      }
    } catch (failure) {
      if (failure instanceof DoneElsewhere) return;
      // what may pass is tried again when the lease is over
      if (!isFinal(failure)) throw failure;
      error = failure.message;
    }
    await this.unitOfWork.run(async (tx) => {
      if (await this.repository.end(tx, approval.id, error)) {
        await this.audit.record(tx, eventOf(approval, error === null ? 'executed' : 'failed', error));
      }
    });
  }
}

function isFinal(failure: unknown): failure is Error {
  return failure instanceof VaultError || (failure instanceof InterlockError && failure.status < 500);
}

function eventOf(approval: Approval, what: 'executed' | 'failed' | 'expired', error: string | null) {
  const { id, act, target, requestedBy, decidedBy } = approval;
  return {
    action: `approval.${what}`,
    subject: { type: 'approval', id },
    actor: { kind: 'system', id: 'interlock' },
    details: { act, target, requestedBy, decidedBy, ...(error === null ? {} : { error }) },
  } as const;
}
