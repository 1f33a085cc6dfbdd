import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import type { OutboundPaymentRow, PushError } from './outbound-payment';
import { PaymentTargets } from './payment-targets';
import { paymentRefusal } from './push-failure';
import { PushSteps, type PushTarget } from './push-steps';
import { OutboundPaymentRepository } from './store/outbound-payment.repository';

/** What one transaction decides about at most. */
const BATCH = 50;

/** Takes up the pushes that a retry of their log entry asks for. */
@Injectable()
export class PushRetries {
  constructor(
    private readonly targets: PaymentTargets,
    private readonly payments: OutboundPaymentRepository,
    private readonly steps: PushSteps,
  ) {}

  /**
   * How many there were; each is due, or has failed again, afterwards, and is not met a second time. What failed before
   * anything was sent took no part of its invoice, which others may have paid since: it is checked as if it were new.
   */
  async takeUp(tx: Tx, target: PushTarget): Promise<number> {
    const { run, integration } = target;
    const hastened = await this.payments.hastenRetried(tx, integration.id);
    const failed = await this.payments.retriedFailures(tx, integration.id, BATCH);
    const refused: (OutboundPaymentRow & { endedBy: PushError })[] = [];
    for (const payment of failed) {
      try {
        const found = await this.targets.find(tx, integration, payment, payment);
        await this.payments.requeue(tx, payment.id, { ...found, runId: run.id, epoch: integration.epoch });
      } catch (error) {
        if (!(error instanceof InterlockError)) throw error;
        const endedBy = paymentRefusal(error);
        await this.payments.failAgain(tx, payment.id, run.id, endedBy);
        refused.push({ ...payment, endedBy });
      }
    }
    await this.steps.leave(tx, target, refused, 'failed');
    return hastened + failed.length;
  }
}
