import { currencyIn, moneyIn, optionalMoneyIn } from '../money';
import type { GoodRow } from '../provider';
import type { InvoiceLine, InvoiceRecord, InvoiceStatus, ProductKind } from '../records';
import { asRow, nameIn, optionalId, quantityIn, RowProblem, text, UnknownWord, type Row } from '../row';
import { timeIn } from '../zoned-time';
import type { MappingContext } from './practicehub-mapping';

/**
 * The provider's words (inferred). `sent` is open; whether it is first stored as a draft is the merchant's setting, not
 * ours.
 */
const STATUSES: Readonly<Record<string, InvoiceStatus>> = {
  draft: 'draft',
  open: 'open',
  unpaid: 'open',
  sent: 'open',
  partial: 'partial',
  overdue: 'overdue',
  paid: 'paid',
  void: 'void',
  voided: 'void',
  cancelled: 'void',
  refunded: 'refunded',
};

/** What is neither of these is imported; these only follow an invoice that was imported before. */
const SETTLED: ReadonlySet<InvoiceStatus> = new Set(['paid', 'void', 'refunded']);

/**
 * Invoices that may be owed are imported. Where neither a status nor a balance is given nobody can say whether they
 * are.
 */
export function mapPracticehubInvoice(
  row: Row,
  { timezone, ...settings }: MappingContext,
): Omit<GoodRow, 'externalId'> {
  const currency = currencyIn(row, settings.currency);
  const issuedAt = timeIn(row, nameIn(row, 'created', 'invoice_date', 'date'), timezone);
  const dueAt = timeIn(row, nameIn(row, 'due', 'due_date', 'due_at'), timezone);
  const totalMinor = moneyIn(row, nameIn(row, 'total', 'amount'), currency);
  const balanceMinor = optionalMoneyIn(row, nameIn(row, 'balance', 'amount_due', 'outstanding', 'owing'), currency);
  const said = wordOf(row) ?? statusByBalance(balanceMinor, totalMinor);
  const status = said ?? 'unknown';
  const record: InvoiceRecord = {
    number: text(row, nameIn(row, 'invoice_number', 'number'), 128),
    customerExternalId: optionalId(row, 'patient_id'),
    status,
    statusSource: said === null ? 'unknown' : 'provider',
    currency,
    totalMinor,
    balanceMinor: balanceMinor ?? (SETTLED.has(status) ? 0 : null),
    refundedMinor: status === 'refunded' ? totalMinor : 0,
    issuedAt: issuedAt?.toISOString() ?? null,
    dueAt: dueAt?.toISOString() ?? null,
    lines: linesOf(row, currency),
  };
  return {
    record,
    sourceUpdatedAt: timeIn(row, 'updated', timezone),
    store: SETTLED.has(status) ? 'if_known' : 'always',
    digest: null,
  };
}

/** null: the row has no status. */
function wordOf(row: Row): InvoiceStatus | null {
  const word = text(row, 'status', 64)?.toLowerCase();
  if (word === undefined) return null;
  const status = Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;
  if (status === undefined) throw new UnknownWord('status', 'status', word);
  return status;
}

/** What is left to pay says as much as a word. null: the row has no balance. */
function statusByBalance(balanceMinor: number | null, totalMinor: number): InvoiceStatus | null {
  if (balanceMinor === null) return null;
  if (balanceMinor <= 0) return 'paid';
  return balanceMinor < totalMinor ? 'partial' : 'open';
}

function linesOf(row: Row, currency: string): InvoiceLine[] {
  const path = nameIn(row, 'items', 'lines', 'line_items', 'invoice_items');
  const items = row[path];
  if (items === null || items === undefined) return [];
  if (!Array.isArray(items)) throw new RowProblem(path, 'is not a list');
  return items.map((value: unknown, index) => {
    const item = asRow(value, `${path}.${index}`);
    return {
      externalItemId: itemIdOf(item),
      description: text(item, nameIn(item, 'description', 'name')),
      quantity: quantityIn(item, `${path}.${index}.quantity`),
      amountMinor: moneyIn(item, nameIn(item, 'total', 'amount', 'price'), currency),
    };
  });
}

/**
 * Which kind an item's own field names; `product_id` last, since some systems call everything that is sold a product.
 */
const KIND_FIELDS: readonly (readonly [field: string, kind: ProductKind])[] = [
  ['service_id', 'service'],
  ['package_id', 'package'],
  ['product_id', 'product'],
];

/**
 * As the catalogue's records are named (`service:1`), since each kind counts from 1; the bare id where the kind is not
 * said.
 */
function itemIdOf(item: Row): string | null {
  for (const [field, kind] of KIND_FIELDS) {
    const id = optionalId(item, field);
    if (id !== null) return `${kind}:${id}`;
  }
  const id = optionalId(item, nameIn(item, 'item_id', 'id'));
  const word = item[nameIn(item, 'item_type', 'type', 'kind')];
  const kind = KIND_FIELDS.find(([, known]) => typeof word === 'string' && known === word.toLowerCase())?.[1];
  return id !== null && kind !== undefined ? `${kind}:${id}` : id;
}
