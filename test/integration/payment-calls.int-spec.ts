import { randomUUID } from 'node:crypto';
import type { PushStep } from '../../src/payments/outbound-payment';
import type { OutboundPaymentRepository } from '../../src/payments/store/outbound-payment.repository';
import { startTestApp, type TestApp } from '../support/app';
import { startPaymentRows, type PaymentRows } from '../support/payment-rows';

type Change = Parameters<OutboundPaymentRepository['apply']>[3];

const LATER = '2999-01-01T00:00:00Z';
const EARLY = new Date('2026-01-01T00:00:00Z');
const LATE = new Date('2026-01-03T00:00:00Z');
const BETWEEN = new Date('2026-01-02T00:00:00Z');

/** What is known of the calls that were made for a payment, and what follows for money. */
describe('the calls of a payment', () => {
  let running: TestApp;
  let rows: PaymentRows;

  beforeAll(async () => {
    // no worker and no dispatcher: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    rows = await startPaymentRows(running);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(() => rows.clinic.sql('DELETE FROM outbound_payments'));

  const at = (step: PushStep, more: Record<string, unknown> = {}) => ({
    step,
    status: step === 'logged' ? 'pushed' : 'queued',
    external_payment_id: step === 'queued' || step === 'creating' ? null : '9',
    allocated_at: ['allocated', 'logging', 'logged'].includes(step) ? EARLY : null,
    ...more,
  });
  const moved = (step: PushStep, more: Partial<Change> = {}): Change => ({
    step,
    status: step === 'logged' ? 'pushed' : 'queued',
    attempts: 0,
    searches: 0,
    doubt: null,
    waitMs: 0,
    error: null,
    externalPaymentId: step === 'queued' || step === 'creating' ? null : '9',
    ...more,
  });
  const apply = (id: string, from: PushStep, change: Change) =>
    rows.inTransaction((tx) => rows.payments.apply(tx, id, from, change));
  /** The row once it has moved, which it must. */
  const after = async (before: Record<string, unknown>, change: Change) => {
    const id = await rows.paymentIn(before);
    expect(await apply(id, before['step'] as PushStep, change)).toBe(true);
    return rows.row(id);
  };
  const isNow = (value: Date) => expect(Math.abs(value.getTime() - Date.now())).toBeLessThan(60_000);

  it('move it on only from where the caller believes it to stand', async () => {
    const ids = [await rows.paymentIn(at('creating')), await rows.paymentIn(at('creating'))];
    const error = { code: 'timeout', verdict: 'network', message: 'm', nextAction: 'wait' } as never;
    const change = moved('creating', { attempts: 2, searches: 1, waitMs: 30_000, error });
    expect(await apply(ids[0]!, 'queued', change)).toBe(false);
    expect(await rows.changes(ids, (tx) => rows.payments.apply(tx, ids[0]!, 'creating', change))).toEqual([
      {
        attempts: 2,
        searches: 1,
        tried: true,
        next_attempt_at: expect.any(Date),
        error_code: 'timeout',
        error_verdict: 'network',
        error: 'm',
        next_action: 'wait',
      },
      {},
    ]);
    await rows.clinic.sql(`UPDATE outbound_payments SET status = 'needs_review' WHERE id = $1`, [ids[0]]);
    expect(await apply(ids[0]!, 'creating', moved('created'))).toBe(false);
  });

  it.each<[string, Record<string, unknown>, Change, 'begun' | 'rested' | 'now' | null]>([
    ['is not said of another step', { allocation_begun_at: null }, moved('created'), null],
    ['stays as it is through another step', { allocation_begun_at: EARLY }, moved('allocated'), 'begun'],
    ['is now with the first call', { step: 'created', allocation_begun_at: null }, moved('allocating'), 'now'],
    ['stays with a further call', { step: 'created', allocation_begun_at: EARLY }, moved('allocating'), 'begun'],
    [
      'is the time since which it rests, where one may have been made before',
      { step: 'created', allocation_begun_at: null },
      moved('allocating', { doubt: 'slight' }),
      'rested',
    ],
    [
      'stays where another may have been made before',
      { step: 'created', allocation_begun_at: EARLY },
      moved('allocating', { doubt: 'slight' }),
      'begun',
    ],
    [
      'is now once a search has cleared the doubt',
      { allocation_begun_at: EARLY, doubt: 'grave' },
      moved('allocating'),
      'now',
    ],
    [
      'stays while the doubt does',
      { allocation_begun_at: EARLY, doubt: 'grave' },
      moved('allocating', { doubt: 'grave', searches: 1 }),
      'begun',
    ],
  ])('begin the allocation at a time that %s', async (_name, before, change, begun) => {
    const row = await after(at('allocating', { rested_at: BETWEEN, ...before }), change);
    const found = row['allocation_begun_at'] as Date | null;
    if (begun === 'now') isNow(found!);
    else expect(found).toEqual({ begun: EARLY, rested: BETWEEN }[begun!] ?? null);
  });

  it('allocate once: the time stays, and goes when the allocation does', async () => {
    isNow((await after(at('allocating'), moved('allocated')))['allocated_at']);
    expect((await after(at('allocated'), moved('logging')))['allocated_at']).toEqual(EARLY);
    expect((await after(at('allocating'), moved('created')))['allocated_at']).toBeNull();
  });

  it.each<[string, Record<string, unknown>, Change, { rests: boolean; tried: boolean }]>([
    ['about to be made', at('queued'), moved('creating'), { rests: false, tried: true }],
    ['searched for first', at('queued'), moved('creating', { doubt: 'slight' }), { rests: false, tried: false }],
    ['made', at('creating', { tried: true }), moved('created'), { rests: true, tried: false }],
    ['refused', at('creating', { tried: true }), moved('queued'), { rests: false, tried: true }],
    ['allocated', at('allocating', { tried: true }), moved('allocated'), { rests: true, tried: false }],
    ['not allocated', at('allocating', { tried: true }), moved('created'), { rests: false, tried: true }],
    ['logged', at('logging', { tried: false }), moved('logged'), { rests: false, tried: true }],
    ['found by a search', at('creating', { doubt: 'slight' }), moved('created'), { rests: false, tried: false }],
  ])(
    'that is %s: whether it was begun, and since when nothing was',
    async (_name, before, change, { rests, tried }) => {
      const row = await after({ ...before, rested_at: EARLY, rested_in: 'another' }, change);
      expect(row['tried']).toBe(tried);
      if (rests) isNow(row['rested_at']);
      else expect(row['rested_at']).toEqual(EARLY);
      expect(row['rested_in'] === 'another').toBe(!rests);
    },
  );

  it.each<[string, Record<string, string>, number, object]>([
    ['nothing', {}, 3_600_000, {}],
    ['that it was tried', { tried: 'true' }, 3_600_000, { tried: true }],
    ['another history of the database', { rested_in: `'another'` }, 3_600_000, { otherDatabase: true }],
    ['the start of the process', {}, 0, { outlivedStart: true }],
    ['the start of the server', { rested_at: `'2026-01-01'` }, 1e12, { outlivedStart: true, mayRepeatLost: 'days' }],
  ])('are doubted for %s', async (_name, fields, upMs, told) => {
    const id = await rows.paymentIn();
    await rows.clinic.sql(`UPDATE database_generation SET since = now() - interval '1 day'`);
    for (const [name, value] of Object.entries(fields)) {
      await rows.clinic.sql(`UPDATE outbound_payments SET ${name} = ${value} WHERE id = $1`, [id]);
    }
    const facts = { tried: false, otherDatabase: false, outlivedStart: false, mayRepeatLost: 'days' };
    expect(await rows.inTransaction((tx) => rows.payments.sendingFacts(tx, id, upMs))).toEqual({ ...facts, ...told });
  });

  it.each([
    ["now() - interval '19 minutes'", true, 'minutes'],
    ["now() - interval '21 minutes'", true, 'days'],
    ["now() - interval '167 hours'", true, 'days'],
    ["now() - interval '169 hours'", true, 'no'],
    ["now() - interval '169 hours'", false, 'minutes'],
  ])('may repeat lost ones of a history that ended at %s, noticed: %s: %s', async (since, noticed, may) => {
    const { clinic, payments, inTransaction } = rows;
    const id = await rows.paymentIn();
    const facts = async () => (await inTransaction((tx) => payments.sendingFacts(tx, id, 0))).mayRepeatLost;
    const [{ incarnation }] = (await clinic.sql('SELECT incarnation FROM database_generation')) as [
      { incarnation: string },
    ];
    try {
      const known = noticed ? incarnation : 'another';
      await clinic.sql(`UPDATE database_generation SET since = ${since}, incarnation = $1`, [known]);
      expect(await facts()).toBe(may);
      // it got further since: its creation was called here
      await clinic.sql(`UPDATE outbound_payments SET rested_at = created_at + interval '1 second'`);
      expect(await facts()).toBe('no');
    } finally {
      await clinic.sql(`UPDATE database_generation SET incarnation = $1, since = '-infinity'`, [incarnation]);
    }
  });

  it.each<[string, Record<string, unknown>, { syncedAt?: Date; readFrom?: Date | null }, boolean]>([
    ['waits', {}, {}, true],
    ['may have been taken', at('creating'), {}, true],
    ['is held for review', { ...at('creating'), status: 'needs_review', error_code: 'conflict', error: 'e' }, {}, true],
    ['has failed before its first call', { status: 'failed', error_code: 'e', error: 'e' }, {}, false],
    ['has failed after it was created', { ...at('created'), status: 'failed', error_code: 'e', error: 'e' }, {}, true],
    ['was allocated after the invoice was read', at('allocated'), { syncedAt: EARLY, readFrom: LATE }, true],
    ['was allocated, and the invoice read since', at('allocated'), { syncedAt: LATE, readFrom: LATE }, false],
    ['was allocated, and nothing read since', at('allocated'), { syncedAt: LATE, readFrom: EARLY }, true],
    ['was allocated, and nothing was ever read', at('allocated'), { syncedAt: LATE, readFrom: null }, true],
    [
      'was begun to be allocated before the invoice was read, and allocated before all was',
      at('allocated', { allocation_begun_at: EARLY, allocated_at: BETWEEN }),
      { syncedAt: BETWEEN, readFrom: LATE },
      false,
    ],
    [
      'was begun to be allocated only then',
      at('allocated', { allocation_begun_at: BETWEEN, allocated_at: BETWEEN }),
      { syncedAt: BETWEEN, readFrom: LATE },
      true,
    ],
    ['is of another invoice', { external_invoice_id: '2' }, {}, false],
    ['is of another account', { epoch: 2 }, {}, false],
  ])('keep money of the invoice for one that %s', async (_name, fields, read, keeps) => {
    const id = await rows.paymentIn(fields);
    await rows.paymentIn({}, rows.others);
    const reserved = (exceptId: string | null) =>
      rows.inTransaction((tx) => {
        const invoice = { externalId: '1', syncedAt: LATE, readFrom: LATE, ...read };
        return rows.payments.reservedMinor(tx, { id: rows.mine, epoch: 1 }, invoice, exceptId);
      });
    expect(await reserved(null)).toBe(keeps ? 4_400 : 0);
    expect(await reserved(id)).toBe(0);
    expect(await reserved(randomUUID())).toBe(keeps ? 4_400 : 0);
  });

  it('are hastened, or made again, by a retry of their log entry, unless somebody ended them', async () => {
    const { clinic, payments, inTransaction, mine, others, paymentIn } = rows;
    const [provider] = ['practicehub'];
    const loggedRun = async (retriedBy: 'another' | 'itself' | 'nobody', resource = 'payment_pushes') => {
      const [runId, retryId, logId] = [randomUUID(), randomUUID(), randomUUID()];
      for (const id of [runId, retryId]) {
        await clinic.sql(
          `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state) VALUES ($1, $2, 'push', 'push', 'manual', 'succeeded')`,
          [id, mine],
        );
      }
      await clinic.sql(
        `INSERT INTO sync_logs (id, run_id, integration_id, provider, resource_type, status, job_type)
         VALUES ($1, $2, $3, $4, $5, 'failed', 'push')`,
        [logId, runId, mine, provider, resource],
      );
      if (retriedBy !== 'nobody') {
        await clinic.sql(`INSERT INTO sync_log_retries (log_id, run_id) VALUES ($1, $2)`, [
          logId,
          retriedBy === 'itself' ? runId : retryId,
        ]);
      }
      return runId;
    };
    const retried = { run_id: await loggedRun('another') };
    const error = { error_code: 'timeout', error_verdict: 'network', error: 'e', next_action: 'wait' };
    const waits = { ...retried, ...error, attempts: 3, next_attempt_at: LATER };
    const failed = { ...retried, ...error, status: 'failed' };
    const ids = [
      await paymentIn(waits),
      await paymentIn({ ...waits, ...at('created') }),
      await paymentIn({ ...waits, ...at('creating') }),
      await paymentIn({ ...waits, next_attempt_at: '2026-01-01T00:00:00Z' }),
      await paymentIn({ ...waits, run_id: await loggedRun('itself') }),
      await paymentIn({ ...waits, run_id: await loggedRun('nobody') }),
      await paymentIn({ ...waits, run_id: await loggedRun('another', 'invoices') }),
      await paymentIn(waits, others),
      await paymentIn({ ...failed, created_at: BETWEEN }),
    ];
    const goesOn = {
      attempts: 0,
      next_attempt_at: expect.any(Date),
      error_code: null,
      error_verdict: null,
      error: null,
      next_action: null,
    };
    const hastened = await rows.changes(ids, (tx) => payments.hastenRetried(tx, mine));
    expect(hastened).toEqual([goesOn, goesOn, {}, {}, {}, {}, {}, {}, {}]);
    ids.push(await paymentIn({ ...failed, created_at: EARLY }), await paymentIn({ ...failed, error_code: 'conflict' }));
    await paymentIn({ ...failed, run_id: await loggedRun('nobody') });
    await paymentIn(failed, others);
    const again = async (limit: number) =>
      (await inTransaction((tx) => payments.retriedFailures(tx, mine, limit))).map(({ id }) => id);
    expect(await again(10)).toEqual([ids[9], ids[8]]);
    expect(await again(1)).toEqual([ids[9]]);
  });
});
