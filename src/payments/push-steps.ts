import { Injectable, Logger } from '@nestjs/common';
import { AuditLog } from '../audit';
import { EventLog } from '../events';
import { integrationEvent, type Integration } from '../integrations';
import type { Tx } from '../platform/database';
import { ProviderFailure, VERDICT_POLICIES } from '../platform/outbound';
import type { OutboundPayment, PaymentPusher, ProviderCall } from '../providers';
import { RunWork } from '../sync';
import type { OutboundPaymentRow, PushError } from './outbound-payment';
import { tellOfPayment } from './payment-events';
import type { PushContext } from './push-context';
import { absenceOf, OTHER_ACCOUNT, OTHER_ACCOUNT_IN_DOUBT, pushErrorOf, reviewOf } from './push-failure';
import {
  after,
  isSearchedEnough,
  outcomeOf,
  stageOf,
  type PushChange,
  type PushEvent,
  type StageName,
} from './push-rules';
import { doubtOf } from './sending-rules';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

/** How long the other pushes wait when one shows that the provider is away. */
const POSTPONE_MS = 30_000;
/** What pushes are called in the sync log. */
export const PUSH_RESOURCE = 'payment_pushes';

export interface PushTarget {
  readonly run: PushContext['run'];
  readonly integration: Integration;
}

export interface PushStop {
  readonly error: PushError;
  /** The provider, or its budget, asks for a pause. */
  readonly pauseMs: number | null;
  /** The other pushes would fail the same way. */
  readonly endsTheRun: boolean;
}

/** The payment after a step, and what kept it from going on, if anything did. */
export interface Advance {
  readonly payment: OutboundPaymentRow;
  readonly stopped: PushStop | null;
}

type Payment = Pick<OutboundPaymentRow, 'id' | 'amountMinor' | 'currency'> & { readonly endedBy?: PushError | null };
type Result = { readonly event: PushEvent; readonly externalPaymentId: string | null; readonly pauseMs: number | null };

/**
 * Takes a payment one call further. What is about to be done is committed before the call and what came of it after,
 * each under the run's fence: a crash in between leaves a mark that says „search first“.
 */
@Injectable()
export class PushSteps {
  private readonly logger = new Logger('payments');

  constructor(
    private readonly work: RunWork,
    private readonly payments: OutboundPaymentRepository,
    private readonly audit: AuditLog,
    private readonly events: EventLog,
  ) {}

  /** Precondition: the payment is `queued` and in the hands of the run. */
  async advance(
    context: PushContext,
    target: PushTarget,
    session: { readonly pusher: PaymentPusher; readonly call: ProviderCall },
    payment: OutboundPaymentRow,
  ): Promise<Advance> {
    const stage = stageOf(payment.step);
    if (payment.step === stage.during) {
      const result = await this.search(context, session, payment);
      if (result.event.kind !== 'absent' || !isSearchedEnough(payment))
        return this.recordOutcome(target, payment, result);
      const cleared = await this.begin(target, payment, async () => ({ kind: 'cleared' }));
      return this.recordOutcome(target, cleared, await this.call(context, target, session, cleared));
    }
    const begun = await this.begin(target, payment, async (tx) => {
      const doubt = doubtOf(await this.payments.sendingFacts(tx, payment.id, performance.now()));
      return doubt ? { kind: 'doubted', doubt } : { kind: 'begun' };
    });
    // searched for with the next step
    if (begun.doubt) return { payment: begun, stopped: null };
    return this.recordOutcome(target, begun, await this.call(context, target, session, begun));
  }

  /**
   * Marks that a call is about to be made, or that it is searched for first. The mark survives whatever the server can
   * survive.
   */
  private async begin(
    target: PushTarget,
    payment: OutboundPaymentRow,
    decide: (tx: Tx) => Promise<PushEvent>,
  ): Promise<OutboundPaymentRow> {
    return this.work.fenced(target, async (tx) => {
      await this.payments.keepDurably(tx);
      return this.move(tx, payment, {
        ...after(payment, await decide(tx)),
        externalPaymentId: payment.externalPaymentId,
      });
    });
  }

  private async move(
    tx: Tx,
    payment: OutboundPaymentRow,
    change: PushChange & { externalPaymentId: string | null },
  ): Promise<OutboundPaymentRow> {
    if (!(await this.payments.apply(tx, payment.id, payment.step, change))) {
      throw new Error(`payment ${payment.id} no longer stands at ${payment.step}`);
    }
    const { step, status, attempts, searches, doubt, externalPaymentId } = change;
    return { ...payment, step, status, attempts, searches, doubt, externalPaymentId };
  }

  private async recordOutcome(target: PushTarget, payment: OutboundPaymentRow, result: Result): Promise<Advance> {
    const moved = await this.record(target, payment, result);
    if (result.event.kind === 'done') return { payment: moved, stopped: null };
    const { error } = result.event as { error: PushError };
    this.logger.warn({
      msg: 'a payment could not be continued',
      paymentId: payment.id,
      runId: target.run.id,
      step: moved.step,
      status: moved.status,
      event: result.event.kind,
      verdict: error.verdict,
    });
    const ends = result.event.kind !== 'absent' && VERDICT_POLICIES[error.verdict].endsPush;
    return { payment: moved, stopped: { error, pauseMs: result.pauseMs, endsTheRun: ends } };
  }

  private async call(
    context: PushContext,
    target: PushTarget,
    { pusher, call }: { pusher: PaymentPusher; call: ProviderCall },
    payment: OutboundPaymentRow,
  ): Promise<Result> {
    const outbound = toOutbound(payment);
    const { externalPaymentId } = payment;
    try {
      const made = await CALLS[stageOf(payment.step).name](pusher, call, outbound, payment);
      return { event: { kind: 'done' }, externalPaymentId: made, pauseMs: null };
    } catch (thrown) {
      const error = pushErrorOf(thrown);
      // broken off by us: the mark stays, and whoever takes the payment up searches first; unless it is known that
      // nothing left
      if (context.signal.aborted && isUnsent(thrown)) {
        await this.record(target, payment, { event: { kind: 'turned_away', error }, externalPaymentId, pauseMs: null });
        throw thrown;
      }
      if (call.signal.aborted) throw thrown;
      const kind = outcomeOf(thrown);
      if (error.verdict === 'internal')
        this.logger.error({ msg: 'a payment failed with an unexpected error', runId: context.run.id, err: thrown });
      const pauseMs = kind === 'turned_away' ? pauseOf(thrown) : null;
      return { event: { kind, error }, externalPaymentId, pauseMs };
    }
  }

  private async search(
    context: PushContext,
    { pusher, call }: { pusher: PaymentPusher; call: ProviderCall },
    payment: OutboundPaymentRow,
  ): Promise<Result> {
    const stage = stageOf(payment.step);
    try {
      const found = await SEARCHES[stage.name](pusher, call, toOutbound(payment), payment);
      if (found !== null) return { event: { kind: 'done' }, externalPaymentId: found, pauseMs: null };
      const error = absenceOf(payment.providerReference);
      return { event: { kind: 'absent', error }, externalPaymentId: payment.externalPaymentId, pauseMs: null };
    } catch (thrown) {
      if (call.signal.aborted) throw thrown;
      const error = pushErrorOf(thrown);
      if (error.verdict === 'internal')
        this.logger.error({
          msg: 'a payment search failed with an unexpected error',
          runId: context.run.id,
          err: thrown,
        });
      const outcome = outcomeOf(thrown);
      const pauseMs = outcome === 'turned_away' ? pauseOf(thrown) : null;
      // what refuses the search would refuse the call too
      const refused = payment.doubt === 'slight' && outcome === 'refused';
      const kind = refused ? 'refused' : pauseMs === null ? 'unanswered' : 'put_off';
      return { event: { kind, error }, externalPaymentId: payment.externalPaymentId, pauseMs };
    }
  }

  private async record(target: PushTarget, payment: OutboundPaymentRow, result: Result): Promise<OutboundPaymentRow> {
    const { externalPaymentId } = result;
    const moved = after(payment, result.event);
    const inDoubt = moved.status === 'needs_review';
    const change = inDoubt ? { ...moved, error: reviewOf(payment.providerReference) } : moved;
    return this.work.fenced(target, async (tx) => {
      const now = await this.move(tx, payment, { ...change, externalPaymentId });
      if (change.status !== 'queued' || change.error !== null) await this.count(tx, target, change.status);
      if (change.status !== 'queued') {
        await this.note(tx, target, [{ ...payment, endedBy: change.error }], change.status);
      }
      return now;
    });
  }

  /** The integration opens another account now. Payments for the old account can neither be made nor searched for. */
  async retireOlderEpochs(tx: Tx, target: PushTarget): Promise<void> {
    const { run, integration } = target;
    const retired = await this.payments.retireOlderEpochs(tx, integration, run.id, {
      certain: OTHER_ACCOUNT,
      inDoubt: OTHER_ACCOUNT_IN_DOUBT,
    });
    for (const status of ['failed', 'needs_review'] as const) {
      await this.leave(
        tx,
        target,
        retired.filter((payment) => payment.status === status).map((each) => ({ ...each, endedBy: OTHER_ACCOUNT })),
        status,
      );
    }
  }

  /** The failure concerns all due payments: those that need a person fail too, the others wait. */
  async setBackOthers(target: PushTarget, error: PushError): Promise<void> {
    const { run, integration } = target;
    await this.work.fenced(target, async (tx) => {
      if (VERDICT_POLICIES[error.verdict].failsWaitingPayments) {
        const failed = await this.payments.failDue(tx, integration.id, run.id, error);
        await this.leave(
          tx,
          target,
          failed.map((each) => ({ ...each, endedBy: error })),
          'failed',
        );
      }
      await this.payments.postponeDue(tx, integration.id, POSTPONE_MS);
    });
  }

  /** Counts a payment that ends in a run without a call. */
  async leave(
    tx: Tx,
    target: PushTarget,
    payments: readonly Payment[],
    status: 'failed' | 'needs_review',
  ): Promise<void> {
    for (const _ of payments) await this.count(tx, target, status);
    await this.note(tx, target, payments, status);
  }

  /** A payment that leaves the run's hands, for good or for a while, is one record of its log entry. */
  private async count(tx: Tx, { run }: PushTarget, status: OutboundPaymentRow['status']): Promise<void> {
    await this.work.addToLog(tx, run.id, PUSH_RESOURCE, {
      fetched: 1,
      created: status === 'pushed' ? 1 : 0,
      updated: 0,
      unchanged: status === 'queued' ? 1 : 0,
      deleted: 0,
      quarantined: status === 'needs_review' ? 1 : 0,
    });
  }

  private async note(
    tx: Tx,
    { run, integration }: PushTarget,
    payments: readonly Payment[],
    status: 'pushed' | 'failed' | 'needs_review',
  ): Promise<void> {
    for (const payment of payments) {
      tellOfPayment(this.events, tx, integration, payment, status, payment.endedBy?.code ?? null);
    }
    await this.audit.recordAll(
      tx,
      payments.map(({ id, amountMinor, currency }) =>
        integrationEvent(integration, `payment_push.${status}`, {
          subject: { type: 'outbound_payment', id },
          actor: { kind: 'run', id: run.id },
          details: { provider: integration.provider, amountMinor, currency },
        }),
      ),
    );
  }
}

type Call<T> = (
  pusher: PaymentPusher,
  call: ProviderCall,
  outbound: OutboundPayment,
  payment: OutboundPaymentRow,
) => Promise<T>;

/** Each returns the provider's id of the payment. */
const CALLS: Readonly<Record<StageName, Call<string>>> = {
  create: async (pusher, call, outbound) => (await pusher.createPayment(call, outbound)).externalPaymentId,
  allocate: async (pusher, call, outbound, { externalPaymentId }) => {
    await pusher.allocate(call, outbound, externalPaymentId!);
    return externalPaymentId!;
  },
  log: async (pusher, call, outbound, { externalPaymentId }) => {
    await pusher.writeLog(call, outbound, externalPaymentId!);
    return externalPaymentId!;
  },
};

/** Each returns the provider's id of the payment; null: not there. */
const SEARCHES: Readonly<Record<StageName, Call<string | null>>> = {
  create: async (pusher, call, outbound) => (await pusher.findByReference(call, outbound))?.externalPaymentId ?? null,
  allocate: async (pusher, call, outbound, { externalPaymentId }) =>
    (await pusher.isAllocated(call, outbound, externalPaymentId!)) ? externalPaymentId : null,
  log: async (pusher, call, outbound, { externalPaymentId }) =>
    (await pusher.isLogged(call, outbound, externalPaymentId!)) ? externalPaymentId : null,
};

function toOutbound(payment: OutboundPaymentRow): OutboundPayment {
  return { ...payment, reference: payment.providerReference };
}

function isUnsent(thrown: unknown): boolean {
  return thrown instanceof ProviderFailure && thrown.nothingSent;
}

function pauseOf(thrown: unknown): number {
  return (thrown as { retryAfterMs: number }).retryAfterMs;
}
