import { stubCall, StubHttp, type StubAnswer } from '../../../test/contract/provider-stub';
import type { OutboundPayment } from '../provider';
import { PracticeHubPaymentPusher } from './practicehub-payment-pusher';

const pusher = new PracticeHubPaymentPusher();
const payment: OutboundPayment = {
  externalInvoiceId: '5',
  externalCustomerId: '12',
  amountMinor: 4400,
  currency: 'GBP',
  externalMethodId: '2',
  paidAt: new Date('2026-05-05T10:00:00Z'),
  reference: 'ab-1',
};

function ask(answer: (path: string, query: URLSearchParams) => StubAnswer) {
  const http = new StubHttp(answer);
  return { http, call: stubCall(http, 'https://clinic.practicehub.io/api') };
}

const pages =
  (...lists: object[][]) =>
  (_path: string, query: URLSearchParams): StubAnswer => {
    const page = Number(query.get('page'));
    const total = lists.flat().length;
    return {
      body: { data: lists[page - 1] ?? [], total_entries: total, links: { next: page < lists.length ? 'x' : null } },
    };
  };

describe('creating', () => {
  it('sends the amount as a decimal and carries our reference in the note', async () => {
    const { http, call } = ask(() => ({ status: 201, body: { data: { id: 77 } } }));
    expect(await pusher.createPayment(call, payment)).toEqual({ externalPaymentId: '77' });
    expect(http.asked[0]).toMatchObject({
      method: 'POST',
      path: '/api/payments',
      body: { patient_id: '12', amount: '44.00', payment_type_id: '2', note: 'interlock:ab-1' },
    });
  });

  it.each<[string, StubAnswer]>([
    ['shows no id', { status: 201, body: { data: {} } }],
    ['is no row', { status: 201, body: [] }],
    ['is a 404', { status: 404 }],
  ])('an answer that %s leaves the outcome open', async (_name, answer) => {
    await expect(pusher.createPayment(ask(() => answer).call, payment)).rejects.toMatchObject({
      verdict: 'contract',
      nothingSent: false,
    });
  });

  it('allocates and logs, with or without an answer', async () => {
    const { http, call } = ask(() => ({ status: 201 }));
    await pusher.allocate(call, payment, '77');
    await pusher.writeLog(call, payment, '77');
    expect(http.asked.map(({ path }) => path)).toEqual(['/api/payment_allocations', '/api/patient_logs']);
    expect(http.asked[0]!.body).toEqual({ payment_id: '77', invoice_id: '5', amount: '44.00' });
    expect(http.asked[1]!.body).toMatchObject({
      patient_id: '12',
      type: 'payment',
      data: expect.stringContaining('interlock:ab-1'),
    });
  });
});

describe('searching for what was done already', () => {
  it('finds our reference on a later page, whatever the filters did', async () => {
    const { call } = ask(
      pages(
        [
          { id: 1, note: 'interlock:ab-12' },
          { id: 2, note: null },
        ],
        [{ id: 3, note: 'x interlock:ab-1' }],
      ),
    );
    expect(await pusher.findByReference(call, payment)).toEqual({ externalPaymentId: '3' });
  });

  it('says that it is not there only after the last page', async () => {
    const { http, call } = ask(
      pages([{ id: 1, note: 'interlock:ab-12' }], [{ id: 2, note: 'ab-1' }], [{ id: 3, note: 'INTERLOCK' }]),
    );
    expect(await pusher.findByReference(call, payment)).toBeNull();
    expect(http.asked).toHaveLength(3);
  });

  it.each<[string, (path: string, query: URLSearchParams) => StubAnswer]>([
    ['of fewer rows than it counts', () => ({ body: { data: [{ id: 1 }], total_entries: 2, links: {} } })],
    [
      'with an empty page in its middle',
      (_path, query) => {
        const page = Number(query.get('page'));
        const next = page === 1 ? { next: 'x' } : {};
        return { body: { data: page === 1 ? [{ id: 1 }] : [], total_entries: 2, links: next } };
      },
    ],
    [
      'that a row was taken off meanwhile',
      (_path, query) => {
        const page = Number(query.get('page'));
        const next = page < 3 ? { next: 'x' } : {};
        return { body: { data: [{ id: page }], total_entries: page === 1 ? 4 : 3, links: next } };
      },
    ],
    ['that does not exist', () => ({ status: 404 })],
  ])('does not say so of a list %s', async (_name, answer) => {
    await expect(pusher.findByReference(ask(answer).call, payment)).rejects.toMatchObject({ verdict: 'contract' });
    await expect(pusher.isAllocated(ask(answer).call, payment, '77')).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('reads the whole list where the count is of all rows, whatever was asked for', async () => {
    const all = [{ id: 1 }, { id: 2 }, { id: 3 }];
    const { http, call } = ask((_path, query) => {
      const rows = query.has('patient_id') ? all.slice(1, 2) : all;
      return { body: { data: query.get('page') === '1' ? rows : [], total_entries: 3, links: {} } };
    });
    expect(await pusher.findByReference(call, payment)).toBeNull();
    expect(http.asked.map(({ query }) => query.has('patient_id'))).toEqual([true, true, false]);
  });

  it('takes a list that grows meanwhile for whole', async () => {
    const { call } = ask((_path, query) => {
      const page = Number(query.get('page'));
      const next = page < 3 ? { next: 'x' } : {};
      return { body: { data: [{ id: page }], total_entries: page === 1 ? 2 : 3, links: next } };
    });
    expect(await pusher.findByReference(call, payment)).toBeNull();
  });

  it('an entry of a log that cannot be read is written again', async () => {
    expect(await pusher.isLogged(ask(() => ({ status: 404 })).call, payment)).toBe(false);
  });

  it('does not say so when the list breaks off', async () => {
    const { call } = ask((_path, query) =>
      query.get('page') === '1' ? pages([{ id: 1 }], [{ id: 2 }])('', query) : { status: 500 },
    );
    await expect(pusher.findByReference(call, payment)).rejects.toMatchObject({ verdict: 'provider_down' });
  });

  it('an allocation is ours when both ids fit', async () => {
    const rows = [
      { payment_id: '77', invoice_id: '6' },
      { payment_id: '7', invoice_id: '5' },
    ];
    expect(await pusher.isAllocated(ask(pages(rows)).call, payment, '77')).toBe(false);
    expect(await pusher.isAllocated(ask(pages([...rows, { payment_id: 77, invoice_id: 5 }])).call, payment, '77')).toBe(
      true,
    );
  });

  it('a log entry is ours when it carries our reference, as text or inside an object', async () => {
    const logged = (data: unknown) => pusher.isLogged(ask(pages([{ data }])).call, payment);
    expect(await logged('Payment 77. interlock:ab-1')).toBe(true);
    expect(await logged({ note: 'interlock:ab-1' })).toBe(true);
    expect(await logged('interlock:ab-12')).toBe(false);
    expect(await logged(null)).toBe(false);
  });
});
