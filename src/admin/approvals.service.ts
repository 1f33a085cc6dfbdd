import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { personOf, SignIns } from '../operators';
import { AppConfig } from '../platform/config';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import type { Caller } from '../platform/http';
import { APPROVAL_ACTS, mayDecide, type Approval, type ApprovalAct } from './approval';
import { APPROVAL_LEASE_MS, ApprovalExecutor } from './approval-executor';
import { bulkOutcomeOf, type BulkRetryOutcome } from './bulk-retry-outcome';
import { ApprovalRepository } from './store/approval.repository';

type Request = Pick<Approval, 'act' | 'target' | 'summary' | 'parameters' | 'requestedBy' | 'reason'>;
/** `outcome`: of a bulk retry, of what has been done of it so far. */
export type ApprovalWithOutcome = Approval & { readonly outcome: BulkRetryOutcome | null };
type Decision = 'approved' | 'refused';

/** Of one operator at a time. */
const MAX_WAITING = 20;

/** Four eyes: what one operator asks for is done when another one approves it. */
@Injectable()
export class Approvals {
  constructor(
    private readonly config: AppConfig,
    private readonly repository: ApprovalRepository,
    private readonly executor: ApprovalExecutor,
    private readonly signIns: SignIns,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  needed(act: ApprovalAct): boolean {
    return this.config.secondApprover.acts.includes(act);
  }

  /**
   * Whether the operator may give so many log entries another attempt alone, together with what they did alone in the
   * last hour; if so, it counts from now on.
   */
  async retriesAlone(subject: string, entries: number): Promise<boolean> {
    if (!this.needed('bulk_retry') || entries === 0) return true;
    const person = personOf(subject);
    return this.unitOfWork.run(async (tx) => {
      await this.repository.lockSubject(tx, person);
      const before = await this.repository.retriedAlone(tx, person);
      if (before + entries > this.config.secondApprover.bulkRetryAbove) return false;
      await this.repository.noteRetry(tx, { id: randomUUID(), subject: person, entries });
      return true;
    });
  }

  /** 409 while the same is asked for already, or too much waits that this operator asks for. */
  async request(request: Request): Promise<Approval> {
    return this.unitOfWork.run(async (tx) => {
      const { expiresMs } = this.config.secondApprover;
      await this.repository.lockSubject(tx, request.requestedBy);
      if ((await this.repository.waitingOf(tx, request.requestedBy)) >= MAX_WAITING) {
        const message = `${MAX_WAITING} of your requests wait already: take one back, or have one decided.`;
        throw new InterlockError('conflict', { message });
      }
      const approval = await this.repository.insert(tx, { id: randomUUID(), ...request }, expiresMs);
      if (!approval) throw new InterlockError('conflict', { message: 'A request for this waits already.' });
      await this.record(tx, 'requested', approval);
      return approval;
    });
  }

  /** null: there is no such request. */
  async find(id: string): Promise<ApprovalWithOutcome | null> {
    const approval = await this.repository.find(id);
    if (approval?.act !== 'bulk_retry') return approval && { ...approval, outcome: null };
    return { ...approval, outcome: bulkOutcomeOf(await this.repository.outcomes(id)) };
  }

  /** Returns the request as it is once the act has been tried. */
  async approve(id: string, caller: Caller, reason: string): Promise<ApprovalWithOutcome> {
    await this.executor.execute(await this.decide(id, 'approved', caller, reason));
    return (await this.find(id))!;
  }

  /** Whoever asked may take the request back by this. */
  async refuse(id: string, caller: Caller, reason: string): Promise<Approval> {
    return this.decide(id, 'refused', caller, reason);
  }

  private async decide(id: string, state: Decision, caller: Caller, reason: string): Promise<Approval> {
    return this.unitOfWork.run(async (tx) => {
      const approval = await this.repository.lock(tx, id);
      if (!approval) throw new InterlockError('not_found');
      if (!mayDecide(approval.act, caller.roles)) throw new InterlockError('permission_denied');
      if (state === 'approved' && personOf(approval.requestedBy) === personOf(caller.id)) {
        throw new InterlockError('permission_denied', { message: 'Another operator than the one who asked approves.' });
      }
      if (state === 'approved') this.refuseUnknownPersons(approval.requestedBy, caller.id);
      if (state === 'approved' && !APPROVAL_ACTS.includes(approval.act)) {
        const message = 'This release of the service does not know the act: approve it once the update is through.';
        throw new InterlockError('conflict', { message });
      }
      if (approval.state !== 'waiting' || approval.expired) {
        const now = approval.state === 'waiting' ? 'expired' : approval.state;
        throw new InterlockError('conflict', { message: `The request is already ${now}.` });
      }
      if (state === 'approved') await this.executor.refuseFallen(tx, approval, caller.id);
      const decided = await this.repository.decide(tx, id, {
        state,
        by: caller.id,
        reason,
        leaseMs: APPROVAL_LEASE_MS,
      });
      await this.record(tx, state, decided, reason);
      return decided;
    });
  }

  /** Where people sign in at one provider, its subjects are told apart; whose a pasted token is, nobody knows. */
  private refuseUnknownPersons(...subjects: readonly string[]): void {
    if (subjects.every((subject) => this.signIns.knows(subject))) return;
    const message =
      'Who asks and who approves have both signed in at the OpenID provider: a pasted token names nobody.';
    throw new InterlockError('permission_denied', { message });
  }

  private async record(tx: Tx, what: 'requested' | Decision, approval: Approval, reason?: string): Promise<void> {
    const { id, act, target, requestedBy, decidedBy } = approval;
    await this.audit.record(tx, {
      action: `approval.${what}`,
      subject: { type: 'approval', id },
      reason: reason ?? approval.reason,
      details: { act, target, requestedBy, decidedBy },
    });
  }
}
