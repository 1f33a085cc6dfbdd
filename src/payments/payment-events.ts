import { aboutIntegration, type EventLog } from '../events';
import type { Integration } from '../integrations';
import type { Tx } from '../platform/database';
import type { OutboundPaymentRow } from './outbound-payment';

/** Appends that a payment came to an end, for now or for good. */
export function tellOfPayment(
  events: EventLog,
  tx: Tx,
  integration: Integration,
  { id, amountMinor, currency }: Pick<OutboundPaymentRow, 'id' | 'amountMinor' | 'currency'>,
  status: 'pushed' | 'failed' | 'needs_review',
  errorCode: string | null,
): void {
  const about = { ...aboutIntegration(integration), paymentId: id, amountMinor, currency };
  if (status === 'failed') events.append(tx, integration, 'payment.failed', { ...about, errorCode });
  else events.append(tx, integration, status === 'pushed' ? 'payment.succeeded' : 'payment.needs_review', about);
}
