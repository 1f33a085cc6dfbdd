import { currencyIn, moneyIn } from '../money';
import type { GoodRow } from '../provider';
import type { PaymentRecord } from '../records';
import { nameIn, optionalId, text, type Row } from '../row';
import { timeIn } from '../zoned-time';
import { isOurNote, type MappingContext } from './practicehub-mapping';

/** A payment. Its note is read for our own mark only: what else stands there is the practice's business. */
export function mapPracticehubPayment(
  row: Row,
  { timezone, ...settings }: MappingContext,
): Omit<GoodRow, 'externalId'> {
  const currency = currencyIn(row, settings.currency);
  const amountMinor = moneyIn(row, nameIn(row, 'amount', 'total'), currency);
  const paidAt = timeIn(row, nameIn(row, 'paid_at', 'payment_date', 'date', 'created'), timezone);
  const record: PaymentRecord = {
    invoiceExternalId: optionalId(row, 'invoice_id'),
    customerExternalId: optionalId(row, 'patient_id'),
    // money that went back is entered as a negative payment (inferred)
    amountMinor: Math.abs(amountMinor),
    refundedMinor: 0,
    currency,
    method: optionalId(row, nameIn(row, 'payment_type_id', 'payment_method_id')),
    paidAt: paidAt?.toISOString() ?? null,
    status: amountMinor < 0 ? 'refunded' : 'paid',
    origin: isOurNote(text(row, 'note', 4000)) ? 'interlock' : 'provider',
  };
  return { record, sourceUpdatedAt: timeIn(row, 'updated', timezone), store: 'always', digest: null };
}
