import { randomUUID } from 'node:crypto';
import { OutboundPaymentRepository } from '../../src/payments/store/outbound-payment.repository';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import type { TestApp } from './app';
import { makeClinic, type Clinic } from './clinic';

/** Payments as rows, in a service without workers: what a statement does to each of them. */
export interface PaymentRows {
  readonly clinic: Clinic;
  readonly payments: OutboundPaymentRepository;
  /** The clinic's integration, and another merchant's. */
  readonly mine: string;
  readonly others: string;
  inTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A payment that is due, with these columns set. */
  paymentIn(fields?: Record<string, unknown>, integrationId?: string): Promise<string>;
  /** All columns but `updated_at`. */
  row(id: string): Promise<Record<string, any>>;
  /** The columns that the act changes, of each payment. */
  changes(ids: readonly string[], act: (tx: Tx) => Promise<unknown>): Promise<Record<string, unknown>[]>;
}

/** Precondition: the application was started with the role `api`. */
export async function startPaymentRows(running: TestApp): Promise<PaymentRows> {
  const payments = running.app.get(OutboundPaymentRepository, { strict: false });
  const others = (await (await makeClinic(running)).activate().expect(200)).body.data.id as string;
  const clinic = await makeClinic(running);
  const mine = (await clinic.activate().expect(200)).body.data.id as string;
  const inTransaction: PaymentRows['inTransaction'] = (work) => running.app.get(UnitOfWork).run(work);
  const row: PaymentRows['row'] = async (id) => {
    const [found] = await clinic.sql('SELECT * FROM outbound_payments WHERE id = $1', [id]);
    const { updated_at: _at, ...rest } = found!;
    return rest;
  };
  return {
    clinic,
    payments,
    mine,
    others,
    inTransaction,
    row,
    async paymentIn(fields = {}, integrationId = mine) {
      const id = randomUUID();
      const payment = {
        id,
        integrationId,
        epoch: 1,
        reference: id,
        providerReference: `ref-${id}`,
        runId: randomUUID(),
      };
      const of = { externalInvoiceId: '1', externalCustomerId: '7', externalMethodId: '2', method: 'card' };
      const money = { amountMinor: 4_400, currency: 'GBP', paidAt: new Date() };
      await inTransaction((tx) => payments.insert(tx, { ...payment, ...of, ...money }));
      const names = Object.keys(fields);
      if (names.length > 0) {
        const set = names.map((name, index) => `${name} = $${index + 2}`).join(', ');
        await clinic.sql(`UPDATE outbound_payments SET ${set} WHERE id = $1`, [id, ...Object.values(fields)]);
      }
      return id;
    },
    async changes(ids, act) {
      const before = await Promise.all(ids.map(row));
      await inTransaction(act);
      const after = await Promise.all(ids.map(row));
      return after.map((now, index) =>
        Object.fromEntries(
          Object.entries(now).filter(([name, value]) => String(value) !== String(before[index]![name])),
        ),
      );
    },
  };
}
