import { groupedBy } from '../../platform/collections';
import { ProviderFailure } from '../../platform/outbound';
import { rowOf } from '../list-rows';
import { moneyIn } from '../money';
import { isBadRow, type FetchedRow, type GoodRow, type ProviderCall } from '../provider';
import type { InvoiceRecord, PaymentRecord } from '../records';
import { asRow, mapRows, optionalId, requiredId, RowProblem, type Row } from '../row';
import { wallClock } from '../zoned-time';
import { PracticeHubClient, type ListPage } from './practicehub-client';
import { listCreatedFrom } from './practicehub-created-list';
import { mapPracticehubInvoice } from './practicehub-invoices';
import { mapPracticehubPayment } from './practicehub-payments';

const ALLOCATIONS = '/payment_allocations';
/** Of each list that is asked. Where there is more, nothing is concluded. */
const MAX_PAGES = 5;
const DAY_MS = 86_400_000;

type Invoice = GoodRow & { readonly record: InvoiceRecord };
interface Allocation {
  readonly invoiceId: string;
  readonly paymentId: string | null;
  readonly amountMinor: number;
}
type Payment = GoodRow & { readonly record: PaymentRecord };

/**
 * An invoice of which nobody says whether it is owed is paid where payments cover it exactly: an allocation names it,
 * or one payment of the same patient, day and amount is there for one such invoice. What cannot be read, or is not
 * clear, concludes nothing, and nothing is ever concluded to be owed.
 */
export async function withCover(call: ProviderCall, fetched: readonly FetchedRow[]): Promise<FetchedRow[]> {
  const untold = fetched.filter(
    (row): row is Invoice => !isBadRow(row) && (row.record as InvoiceRecord).status === 'unknown',
  );
  const paid = untold.length === 0 ? new Set<string>() : await new Cover(call).of(untold);
  return fetched.map((row) => {
    if (isBadRow(row) || !paid.has(row.externalId)) return row;
    const record: InvoiceRecord = {
      ...(row.record as InvoiceRecord),
      ...{ status: 'paid', statusSource: 'derived', balanceMinor: 0 },
    };
    return { ...row, record };
  });
}

class Cover {
  private readonly client: PracticeHubClient;

  constructor(private readonly call: ProviderCall) {
    this.client = new PracticeHubClient(call);
  }

  async of(invoices: readonly Invoice[]): Promise<Set<string>> {
    const paid = new Set<string>();
    const allocations = await this.allocations('invoice_id', idsOf(invoices));
    if (allocations === null) return paid;
    const free: Invoice[] = [];
    for (const invoice of invoices) {
      const own = allocations.filter(({ invoiceId }) => invoiceId === invoice.externalId);
      const sum = own.reduce((total, { amountMinor }) => total + amountMinor, 0);
      if (own.length === 0) free.push(invoice);
      else if (sum === invoice.record.totalMinor) paid.add(invoice.externalId);
    }
    for (const id of await this.byDay(free)) paid.add(id);
    return paid;
  }

  /** The invoices that one payment is the only one for, and that are the only ones for it. */
  private async byDay(invoices: readonly Invoice[]): Promise<string[]> {
    const keyed = invoices.filter((invoice) => this.keyOf(invoice.record, invoice.record.totalMinor) !== null);
    if (keyed.length === 0) return [];
    const created = createdAround(keyed, this.call.settings.timezone);
    const payments = await this.rows('/payments', created);
    if (payments === null) return [];
    const { settings } = this.call;
    const id = (row: Row) => requiredId(row, 'id');
    const takings = groupedBy(
      mapRows(payments, id, (row) => mapPracticehubPayment(row, settings)).filter(
        (row): row is Payment => !isBadRow(row),
      ),
      ({ record }) => this.keyOf({ ...record, issuedAt: record.paidAt }, record.amountMinor),
    );
    const candidates = keyed.flatMap((invoice) => {
      const [payment, ...others] = takings.get(this.keyOf(invoice.record, invoice.record.totalMinor)!) ?? [];
      const clear = payment !== undefined && others.length === 0 && payment.record.status === 'paid';
      return clear && payment.record.invoiceExternalId === null ? [{ invoice, payment }] : [];
    });
    if (candidates.length === 0) return [];
    const placed = await this.allocations('payment_id', idsOf(candidates.map(({ payment }) => payment)));
    const listed = placed && (await this.rows('/invoices', created));
    if (placed === null || listed === null) return [];
    const charges = groupedBy(
      mapRows(listed, id, (row) => mapPracticehubInvoice(row, settings)).filter(
        (row): row is Invoice => !isBadRow(row),
      ),
      ({ record }) => this.keyOf(record, record.totalMinor),
    );
    return candidates.flatMap(({ invoice, payment }) => {
      const [own, ...twins] = charges.get(this.keyOf(invoice.record, invoice.record.totalMinor)!) ?? [];
      const clear = own?.externalId === invoice.externalId && twins.length === 0;
      return clear && !placed.some(({ paymentId }) => paymentId === payment.externalId) ? [invoice.externalId] : [];
    });
  }

  /** What a payment and an invoice have in common; null where one of it is not known. */
  private keyOf(
    { customerExternalId, currency, issuedAt }: Pick<InvoiceRecord, 'customerExternalId' | 'currency' | 'issuedAt'>,
    amountMinor: number,
  ): string | null {
    if (customerExternalId === null || issuedAt === null || amountMinor <= 0) return null;
    const day = wallClock(new Date(issuedAt), this.call.settings.timezone).slice(0, 10);
    return [customerExternalId, currency, amountMinor, day].join(' ');
  }

  /** null: they cannot be read. */
  private async allocations(field: 'invoice_id' | 'payment_id', ids: readonly string[]): Promise<Allocation[] | null> {
    const rows = await this.rows(ALLOCATIONS, { [field]: `in:${ids.join(',')}` });
    try {
      return rows === null ? null : rows.map((row) => allocationOf(asRow(row), this.call.settings.currency));
    } catch (error) {
      if (error instanceof RowProblem) return null;
      throw error;
    }
  }

  /**
   * All rows of a list; null where they cannot be read, or are too many. A list that the account has not got has none.
   */
  private async rows(path: string, query: Readonly<Record<string, string>>): Promise<unknown[] | null> {
    const rows: unknown[] = [];
    let position: string | null = null;
    try {
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer: ListPage | null =
          'created' in query
            ? await listCreatedFrom(this.client, path, position, query['created']!)
            : await this.client.list(path, position, query);
        if (answer === null) return rows;
        rows.push(...answer.rows.map(rowOf));
        position = answer.next;
        if (position === null) return rows;
      }
      return null;
    } catch (error) {
      if (error instanceof ProviderFailure && (error.verdict === 'contract' || error.verdict === 'permission'))
        return null;
      throw error;
    }
  }
}

function allocationOf(row: Row, currency: string): Allocation {
  return {
    invoiceId: requiredId(row, 'invoice_id'),
    paymentId: optionalId(row, 'payment_id'),
    amountMinor: moneyIn(row, 'amount', currency),
  };
}

const idsOf = (rows: readonly GoodRow[]): string[] => rows.map(({ externalId }) => externalId);

/** The days of all of them, and one more on either side: in whatever zone the filter is read. */
function createdAround(invoices: readonly Invoice[], zone: string | null): { created: string } {
  const times = invoices.map(({ record }) => Date.parse(record.issuedAt!));
  const dayOf = (ms: number) => wallClock(new Date(ms), zone).slice(0, 10);
  const [from, to] = [dayOf(Math.min(...times) - DAY_MS), dayOf(Math.max(...times) + DAY_MS)];
  return { created: `between:${from} 00:00:00,${to} 23:59:59` };
}
