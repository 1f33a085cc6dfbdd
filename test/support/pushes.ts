import type { TestApp } from './app';
import { makeClinic, type Clinic, type ClinicHost } from './clinic';
import { eventually } from './eventually';

export const MAPPINGS = [
  { id: 'm1', revkeenMethod: 'card', practiceHubMethodId: '2' },
  { id: 'm2', revkeenMethod: 'cheque', practiceHubMethodId: '5' },
];

/** A clinic that pushes payments, with unpaid invoices of £44.00 of patient 7. */
export interface PushingClinic extends Clinic {
  readonly invoices: string[];
  body(reference: string, more?: object): Record<string, any>;
  push(reference: string, more?: object): ReturnType<Clinic['call']>;
  /** Pushes and returns the payment's id. */
  pushed(reference: string, more?: object): Promise<string>;
  payment(id: string): Promise<Record<string, any>>;
  /** Waits for a status. */
  becomes(id: string, status: string, withinMs?: number): Promise<Record<string, any>>;
  row(id: string): Promise<Record<string, any>>;
  /** What waits for its time need not wait any longer. */
  hurry(): Promise<void>;
  /** Entries of the sync log, newest first. */
  logs(): Promise<Record<string, any>[]>;
  /** What the simulator really holds of a payment of ours. */
  truth(id: string): Promise<{ payments: any[]; allocations: any[]; logs: any[] }>;
}

export async function makePushingClinic(
  running: ClinicHost,
  options: { invoices?: number; activate?: object; settings?: Record<string, unknown> } = {},
): Promise<PushingClinic> {
  const clinic = await makeClinic(running, {
    sizes: { patients: 10, payment_methods: 8, '*': 0 },
    settings: options.settings,
  });
  const simulator = running.sandbox.practicehub;
  const apiKey = clinic.accountKey;
  const ids = simulator.create({
    resource: 'invoices',
    apiKey,
    count: options.invoices ?? 1,
    fields: { patient_id: '7', status: 'sent', total: '44.00', balance: '44.00' },
  });
  await clinic.activate({ pushPayments: true, paymentMappings: MAPPINGS, ...options.activate }).expect(200);
  if ((await clinic.settled()) !== 'succeeded') throw new Error('the first sync failed');
  return pushing(running, clinic, ids.map(String));
}

export function pushing(running: Pick<TestApp, 'sandbox'>, clinic: Clinic, invoices: string[]): PushingClinic {
  const simulator = running.sandbox.practicehub;
  const apiKey = clinic.accountKey;
  const body: PushingClinic['body'] = (reference, more = {}) => ({
    externalInvoiceId: invoices[0],
    amountMinor: 4400,
    currency: 'GBP',
    method: 'card',
    paidAt: '2026-05-05T10:00:00.000Z',
    reference,
    ...more,
  });
  const push: PushingClinic['push'] = (reference, more) => clinic.call('post', '/payments', body(reference, more));
  const payment: PushingClinic['payment'] = async (id) =>
    (await clinic.call('get', `/payments/${id}`).expect(200)).body.data;
  const row: PushingClinic['row'] = async (id) =>
    (await clinic.sql('SELECT * FROM outbound_payments WHERE id = $1', [id]))[0]!;
  return {
    ...clinic,
    invoices,
    body,
    push,
    pushed: async (reference, more) => (await push(reference, more).expect(202)).body.data.id,
    payment,
    becomes: async (id, status, withinMs = 15_000) => {
      await eventually(async () => {
        const found = await payment(id);
        if (found['status'] !== status) throw new Error(`it is ${JSON.stringify(await row(id))}`);
      }, withinMs);
      return payment(id);
    },
    row,
    hurry: async () => {
      await clinic.sql(
        `UPDATE outbound_payments p SET next_attempt_at = now() FROM integrations i
         WHERE i.id = p.integration_id AND i.merchant_id = $1 AND next_attempt_at > now()`,
        [clinic.merchantId],
      );
    },
    logs: async () => (await clinic.call('get', '/sync-logs?resourceType=payment_pushes').expect(200)).body.data,
    truth: async (id) => {
      const { provider_reference: token } = await row(id);
      const payments = simulator
        .truth({ resource: 'payments', apiKey })
        .filter((one) => one['note'] === `interlock:${token}`);
      const paymentIds = payments.map((one) => String(one['id']));
      return {
        payments,
        allocations: simulator
          .truth({ resource: 'payment_allocations', apiKey })
          .filter((one) => paymentIds.includes(String(one['payment_id']))),
        logs: simulator
          .truth({ resource: 'patient_logs', apiKey })
          .filter((one) => String(one['data']).includes(String(token))),
      };
    },
  };
}

/** A payment whose creation was not answered, as the rule says, and that no search found. */
export async function holdPayment(running: TestApp, rule: object): Promise<{ clinic: PushingClinic; id: string }> {
  const clinic = await makePushingClinic(running, { invoices: 2 });
  const match = { method: 'POST', path: '/payments', apiKey: clinic.accountKey };
  running.sandbox.practicehub.addFaults([{ kind: 'status', status: 503, times: 1, ...rule, match }]);
  // hidden from the searches, as a list is that has fallen behind
  running.sandbox.practicehub.addFaults([
    { kind: 'status', status: 200, body: { data: [], total_entries: 0 }, match: { ...match, method: 'GET' } },
  ]);
  const id = await clinic.pushed('held');
  await eventually(async () => {
    await clinic.hurry();
    if ((await clinic.row(id))['status'] !== 'needs_review') throw new Error('it is not held yet');
  }, 30_000);
  await clinic.settled();
  running.sandbox.practicehub.clearFaults();
  return { clinic, id };
}
