import { currencyCode } from '../money';
import type { GoodRow, RowAmount } from '../provider';
import type { PaymentRecord } from '../records';
import { optionalId, RowProblem, text, UnknownWord, wholeNumber, type Row } from '../row';
import { timeIn } from '../zoned-time';

/** Every word there is. `standalone`: taken at the device without a request from the platform. */
const OUTCOMES: Readonly<Record<string, 'money' | 'running' | 'none'>> = {
  requested: 'running',
  in_progress: 'running',
  approved: 'money',
  declined: 'none',
  cancelled: 'none',
  error: 'none',
  timed_out: 'none',
  standalone_approved: 'money',
  standalone_declined: 'none',
};

const STATUS_OF_TYPE: Readonly<Record<string, string>> = { sale: 'paid', refund: 'refunded', void: 'void' };

/**
 * null: an attempt that took no money, or has not yet. A refund and a void are payments of their own and change no
 * sale.
 */
export function mapTerminalPayment(row: Row): Omit<GoodRow, 'externalId'> | null {
  const outcome = outcomeOf(row);
  const type = text(row, 'type', 64)?.toLowerCase() ?? '';
  const status = Object.hasOwn(STATUS_OF_TYPE, type) ? STATUS_OF_TYPE[type] : undefined;
  if (status === undefined) throw new RowProblem('type', 'is not a known type');
  if (outcome !== 'money') return null;
  const completedAt = timeIn(row, 'completed_at', null);
  const paidAt = completedAt ?? timeIn(row, 'created_at', null);
  const record: PaymentRecord = {
    invoiceExternalId: optionalId(row, 'invoice_id'),
    customerExternalId: null,
    ...terminalAmount(row),
    refundedMinor: 0,
    method: 'card',
    paidAt: paidAt?.toISOString() ?? null,
    status,
    origin: 'provider',
    // four digits, whatever else the provider leaves unmasked
    cardLast4: /(\d{4})\D*$/.exec(text(row, 'masked_pan', 64) ?? '')?.[1] ?? null,
    cardScheme: text(row, 'card_scheme', 64),
  };
  return { record, sourceUpdatedAt: completedAt, store: 'always', digest: null };
}

/** It can still become money. */
export function isRunning(row: Row): boolean {
  try {
    return outcomeOf(row) === 'running';
  } catch {
    return false;
  }
}

function outcomeOf(row: Row): 'money' | 'running' | 'none' {
  const word = text(row, 'status', 64)?.toLowerCase();
  if (word === undefined) throw new RowProblem('status', 'is missing');
  const outcome = Object.hasOwn(OUTCOMES, word) ? OUTCOMES[word] : undefined;
  if (outcome === undefined) throw new UnknownWord('status', 'status', word);
  return outcome;
}

export function terminalAmount(row: Row): RowAmount {
  const amountMinor = wholeNumber(row, 'amount_minor');
  if (amountMinor === null) throw new RowProblem('amount_minor', 'is missing');
  return { amountMinor, currency: currencyCode(row['currency'], 'currency') };
}
