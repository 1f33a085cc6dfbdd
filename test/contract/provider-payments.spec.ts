import { GuardedHttpClient, ProviderFailure } from '../../src/platform/outbound';
import type { OutboundPayment, PaymentPusher, PaymentRecord, ProviderCall } from '../../src/providers';
import { PracticeHubAdapter } from '../../src/providers/practicehub/practicehub.adapter';
import { startSandboxServer, type SandboxServer } from '../../src/sandbox';
import { FULL } from './provider-conformance/bench';

const adapter = new PracticeHubAdapter({ liveHostSuffixes: ['.practicehub.io'] });
const pusher: PaymentPusher = adapter.payments;

let server: SandboxServer;
let client: GuardedHttpClient;
let call: ProviderCall;
let payment: OutboundPayment;

beforeAll(async () => {
  server = await startSandboxServer({
    practicehub: { sizes: { patients: 30, invoices: 40, payments: 130 }, settings: { ratePerSecond: 0 } },
  });
  client = new GuardedHttpClient({ allowPrivate: false, headersTimeoutMs: 300, sleep: async () => undefined });
});

afterAll(async () => {
  await client.close();
  await server.close();
});

beforeEach(() => {
  const simulator = server.sandbox.practicehub;
  simulator.reset();
  const origin = `${server.url}/sandbox/practicehub`;
  const signal = new AbortController().signal;
  call = {
    credentials: adapter.normaliseCredentials({ apiKey: simulator.apiKey, baseUrl: origin }, 'sandbox'),
    environment: 'sandbox',
    settings: { currency: 'GBP', timezone: 'UTC' },
    http: client.bind({ allowedHostSuffixes: null, exemptPrefix: origin, signal, budget: null }),
    signal,
  };
  const [id] = simulator.create({
    resource: 'invoices',
    fields: { patient_id: '7', status: 'sent', total: '44.00', balance: '44.00' },
  });
  payment = {
    externalInvoiceId: String(id),
    externalCustomerId: '7',
    amountMinor: 4400,
    currency: 'GBP',
    externalMethodId: '2',
    paidAt: new Date(),
    reference: 'push-1',
  };
});

const truth = (resource: string) => server.sandbox.practicehub.truth({ resource });
const ours = () => truth('payments').filter((row) => String(row['note']).includes('interlock:push-1'));
const failureOf = async (work: Promise<unknown>): Promise<ProviderFailure> => {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (error instanceof ProviderFailure) return error;
  throw new Error('did not fail');
};

describe('a payment pushed to PracticeHub', () => {
  it('is created, allocated and logged, and each step can be asked for', async () => {
    expect(await pusher.findByReference(call, payment)).toBeNull();
    const { externalPaymentId } = await pusher.createPayment(call, payment);
    expect(await pusher.findByReference(call, payment)).toEqual({ externalPaymentId });

    expect(await pusher.isAllocated(call, payment, externalPaymentId)).toBe(false);
    await pusher.allocate(call, payment, externalPaymentId);
    expect(await pusher.isAllocated(call, payment, externalPaymentId)).toBe(true);

    expect(await pusher.isLogged(call, payment, externalPaymentId)).toBe(false);
    await pusher.writeLog(call, payment, externalPaymentId);
    expect(await pusher.isLogged(call, payment, externalPaymentId)).toBe(true);

    expect(ours()).toEqual([expect.objectContaining({ amount: '44.00', patient_id: '7', payment_type_id: '2' })]);
    const [invoice] = server.sandbox.practicehub.truth({ resource: 'invoices', ids: [payment.externalInvoiceId] });
    expect(invoice).toMatchObject({ status: 'paid', balance: '0.00' });
  });

  it('comes back as one of ours', async () => {
    const { externalPaymentId } = await pusher.createPayment(call, payment);
    const stream = adapter.streams.find(({ key }) => key === 'payments')!;
    const row = await stream.fetchOne(call, externalPaymentId);
    expect((row as { record: PaymentRecord }).record).toMatchObject({
      origin: 'interlock',
      amountMinor: 4400,
      method: '2',
    });
    const { rows } = await stream.fetchPage(call, FULL);
    expect(
      rows.filter((one) => 'record' in one && (one.record as PaymentRecord).origin === 'interlock').length,
    ).toBeLessThanOrEqual(1);
  });

  it.each(['reset-connection', 'hang', 'cut', 'status', 'html', 'empty', 'truncated'] as const)(
    'that was created before the answer was lost (%s) is not created again, and is found',
    async (kind) => {
      server.sandbox.practicehub.addFaults([{ kind, afterEffect: true, match: { method: 'POST', path: '/payments' } }]);
      const failure = await failureOf(pusher.createPayment(call, payment));
      expect(failure.nothingSent).toBe(false);
      expect(ours()).toHaveLength(1);
      server.sandbox.practicehub.clearFaults();
      expect(await pusher.findByReference(call, payment)).toEqual({ externalPaymentId: String(ours()[0]!['id']) });
    },
  );

  it('is found even when the provider ignores the filter', async () => {
    server.sandbox.practicehub.configure({ ignoredFilters: ['patient_id', 'payment_id'] });
    const { externalPaymentId } = await pusher.createPayment(call, payment);
    await pusher.allocate(call, payment, externalPaymentId);
    expect(await pusher.findByReference(call, payment)).toEqual({ externalPaymentId });
    expect(await pusher.isAllocated(call, payment, externalPaymentId)).toBe(true);
    expect(await pusher.isAllocated(call, { ...payment, externalInvoiceId: '1' }, externalPaymentId)).toBe(false);
  });

  it('that was turned away by the rate limit is tried again, and made once', async () => {
    server.sandbox.practicehub.addFaults([{ kind: 'status', status: 429, times: 2, match: { method: 'POST' } }]);
    await pusher.createPayment(call, payment);
    expect(ours()).toHaveLength(1);
  });

  it('that the provider refuses says why', async () => {
    const failure = await failureOf(pusher.createPayment(call, { ...payment, externalMethodId: '999' }));
    expect(failure).toMatchObject({
      verdict: 'contract',
      status: 422,
      providerMessage: 'payment_type_id does not exist',
    });
    expect(ours()).toEqual([]);
  });
});
