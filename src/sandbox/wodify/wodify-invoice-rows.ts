import type { ResourceDefinition } from '../account';
import { Draw } from '../random';
import { createdAtMs } from '../spread';
import type { Row } from '../table';
import { dateOf, missingDate, ordinalOfNumber, stampOf } from './wodify-values';

const dayMs = 86_400_000;
const statusIds = { Paid: 1, Unpaid: 2, 'Partially Refunded': 3, Refunded: 4, Voided: 5 } as const;
const statuses = [
  'Paid',
  'Paid',
  'Paid',
  'Paid',
  'Paid',
  'Unpaid',
  'Unpaid',
  'Partially Refunded',
  'Refunded',
  'Voided',
] as const;
const prices = [87.5, 29.1, 12.35, 0.1, 140, 19.99, 55, 1.1] as const;

/**
 * Line totals are multiplied and added as binary floats, as the provider does: 3 × 29.1 comes out as 87.30000000000001.
 * Neither list nor row says when an invoice changed.
 */
export const invoiceResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('invoices'),
    row(ordinal) {
      const draw = new Draw(account.seedOf('invoices', ordinal));
      const createdMs = createdAtMs(account, 'invoices', ordinal);
      const status = draw.pick(statuses);
      const lines: Row[] = [];
      let total = 0;
      for (let left = draw.whole(1, 3); left > 0; left--) {
        const quantity = draw.whole(1, 3);
        const price = draw.pick(prices);
        const product = draw.whole(1, 40);
        total += quantity * price;
        lines.push({
          product_id: product,
          product: `Product ${product}`,
          quantity,
          sales_price: price,
          final_charge: quantity * price,
        });
      }
      const unpaid = status === 'Unpaid' || status === 'Voided';
      return {
        id: ordinal,
        invoice_number: String(ordinal).padStart(8, '0'),
        client_id: draw.whole(1, Math.max(1, account.size('clients'))),
        invoice_header_status_id: statusIds[status],
        invoice_header_status: status,
        payment_due: draw.chance(0.05) ? missingDate : dateOf(createdMs + 7 * dayMs),
        paid_on_date: unpaid ? missingDate : dateOf(createdMs + draw.whole(0, 7) * dayMs),
        final_charge: total,
        created: { created_on_datetime: stampOf(createdMs), created_by_id: 1 },
        invoice_details: lines,
      };
    },
    updatedAtMs: () => null,
    readUpdatedAtMs: () => null,
  }),
  touch: () => undefined,
  birth(row, atMs) {
    row['created'] = { ...(row['created'] as Row), created_on_datetime: stampOf(atMs) };
    row['payment_due'] = dateOf(atMs + 7 * dayMs);
    if (row['paid_on_date'] !== missingDate) row['paid_on_date'] = dateOf(atMs);
  },
  mutate(row, serial) {
    row['final_charge'] = Number(row['final_charge']) + 1.1 + (serial % 50);
  },
  ordinalOf: ordinalOfNumber,
};
