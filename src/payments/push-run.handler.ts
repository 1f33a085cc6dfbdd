import { Injectable } from '@nestjs/common';
import { CredentialGone, IntegrationRepository, ProviderSession, type Integration } from '../integrations';
import { ProviderFailure } from '../platform/outbound';
import type { PaymentPusher, ProviderCall } from '../providers';
import { RunHandler, RunWork } from '../sync';
import type { OutboundPaymentRow, PushError } from './outbound-payment';
import type { PushContext, PushOutcome } from './push-context';
import { pushErrorOf } from './push-failure';
import { PushRetries } from './push-retries';
import { PUSH_RESOURCE, PushSteps, type PushStop, type PushTarget } from './push-steps';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

/**
 * A call that is under way when the worker is told to stop may end, so that its outcome is known. Well below a lease.
 */
const CALL_GRACE_MS = 4_000;

interface PushSession {
  readonly pusher: PaymentPusher;
  readonly call: ProviderCall;
}

/** Drains what is due of one integration's pushes, one call at a time, in bounded time slices. */
@Injectable()
export class PushRunHandler extends RunHandler {
  readonly kind = 'push';

  constructor(
    private readonly integrations: IntegrationRepository,
    private readonly sessions: ProviderSession,
    private readonly work: RunWork,
    private readonly payments: OutboundPaymentRepository,
    private readonly steps: PushSteps,
    private readonly retries: PushRetries,
  ) {
    super();
  }

  async execute(context: PushContext): Promise<PushOutcome> {
    const { run } = context;
    const integration = await this.integrations.findById(run.integrationId);
    if (!integration || integration.state !== 'active') return { kind: 'cancelled' };
    const target = { run, integration };
    await this.work.fenced(target, async (tx) => {
      await this.work.beginLog(tx, run, integration.provider, PUSH_RESOURCE);
      await this.steps.retireOlderEpochs(tx, target);
    });
    let session: PushSession | null = null;
    for (let payment = await this.next(target); payment; payment = await this.next(target)) {
      if (context.shouldYield()) return { kind: 'yielded' };
      try {
        session ??= await this.open(context, integration);
      } catch (error) {
        if (context.signal.aborted) throw error;
        if (error instanceof CredentialGone) return { kind: 'cancelled' };
        return this.conclude(target, await this.giveUp(target, pushErrorOf(error)));
      }
      const stopped = await this.push(context, target, session, payment);
      if (stopped === 'yielded') return { kind: 'yielded' };
      if (!stopped) continue;
      if (stopped.pauseMs !== null) {
        return { kind: 'yielded', notBeforeMs: stopped.pauseMs, reason: 'rate_limited' };
      }
      if (stopped.endsTheRun) {
        await this.giveUp(target, stopped.error);
        break;
      }
    }
    return this.conclude(target, null);
  }

  private async next(target: PushTarget): Promise<OutboundPaymentRow | null> {
    const { run, integration } = target;
    if (!integration.configuration.pushPayments) return null;
    return this.work.fenced(target, async (tx) => {
      for (;;) {
        const due = await this.payments.takeDue(tx, integration.id, integration.epoch, run.id);
        if (due || (await this.retries.takeUp(tx, target)) === 0) return due;
      }
    });
  }

  /** Takes the payment as far as it goes; null: to the end. */
  private async push(
    context: PushContext,
    target: PushTarget,
    session: PushSession,
    taken: OutboundPaymentRow,
  ): Promise<PushStop | 'yielded' | null> {
    for (let payment = taken; ;) {
      const advance = await this.steps.advance(context, target, session, payment);
      payment = advance.payment;
      if (advance.stopped) return advance.stopped;
      if (payment.status !== 'queued') return null;
      if (context.shouldYield()) return 'yielded';
    }
  }

  private async open(context: PushContext, integration: Integration): Promise<PushSession> {
    const { adapter, call } = await this.sessions.open(integration, 'run:push', {
      signal: withGrace(context.signal, CALL_GRACE_MS),
      mayDispatch: () => {
        // a worker that was told to stop, or that slept past its lease, begins nothing new
        if (context.signal.aborted) {
          throw new ProviderFailure('network', 'The call was not sent: the run has stopped.', {
            nothingSent: true,
            final: true,
            ours: true,
          });
        }
        context.assertHeld();
      },
      duringCall: (made) => context.duringCall(made),
      runId: context.run.id,
    });
    if (!adapter.payments) throw new Error(`${adapter.id} takes no payments`);
    const http: ProviderCall['http'] = {
      request: async (request) => {
        context.countPage();
        return call.http.request(request);
      },
    };
    return { pusher: adapter.payments, call: { ...call, http } };
  }

  private async giveUp(target: PushTarget, error: PushError): Promise<PushError> {
    await this.steps.setBackOthers(target, error);
    return error;
  }

  /** The run ends with the worst error of its payments. */
  private async conclude(target: PushTarget, ofTheRun: PushError | null): Promise<PushOutcome> {
    const { run } = target;
    const failure = await this.work.fenced(target, async (tx) => {
      const worst = (await this.payments.worstOf(tx, run.id)) ?? ofTheRun;
      await this.work.endLog(tx, run.id, PUSH_RESOURCE, worst);
      return worst;
    });
    if (!failure) return { kind: 'succeeded' };
    const { verdict, message, code, nextAction } = failure;
    return { kind: 'failed', verdict, message, code, nextAction };
  }
}

/** Aborts a while after the other: a call that was sent is worth waiting for, because its outcome would be unknown. */
function withGrace(signal: AbortSignal, graceMs: number): AbortSignal {
  const delayed = new AbortController();
  const abort = (): void => void setTimeout(() => delayed.abort(signal.reason), graceMs).unref();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return delayed.signal;
}
