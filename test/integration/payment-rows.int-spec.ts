import { randomUUID } from 'node:crypto';
import type { OutboundPaymentRepository } from '../../src/payments/store/outbound-payment.repository';
import { sqlOf, type Tx } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import type { Clinic } from '../support/clinic';
import { startPaymentRows, type PaymentRows } from '../support/payment-rows';

const ERROR = {
  code: 'provider_error',
  verdict: 'provider_down',
  message: 'no {reference}',
  nextAction: 'wait',
} as const;
const DOUBT = { code: 'conflict', verdict: 'conflict', message: 'look for {reference}', nextAction: 'look' } as const;
const REASONS = { certain: ERROR, inDoubt: DOUBT } as unknown as Parameters<
  OutboundPaymentRepository['eraseTraces']
>[2];
const NO_ERROR = { error_code: null, error_verdict: null, error: null, next_action: null };
const FAILED = { status: 'failed', error_code: 'provider_error', error: 'it failed' };
const IN_REVIEW = { status: 'needs_review', step: 'creating', error_code: 'conflict', error: 'look' };
const CREATING = { step: 'creating' };
const PUSHED = { status: 'pushed', step: 'logged', external_payment_id: '9', allocated_at: '2026-05-05T10:00:00Z' };
const LATER = { next_attempt_at: '2999-01-01T00:00:00Z' };

describe('the rows of payments', () => {
  let running: TestApp;
  let clinic: Clinic;
  let payments: PaymentRows['payments'];
  let mine: string;
  let others: string;
  let inTransaction: PaymentRows['inTransaction'];
  let paymentIn: PaymentRows['paymentIn'];
  let row: PaymentRows['row'];
  let changes: PaymentRows['changes'];
  const runId = randomUUID();

  beforeAll(async () => {
    // no worker and no dispatcher: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    ({ clinic, payments, mine, others, inTransaction, paymentIn, row, changes } = await startPaymentRows(running));
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await clinic.sql('DELETE FROM outbound_payments');
    await clinic.sql(
      `UPDATE integrations SET state = 'active', configuration = configuration || '{"pushPayments": true}'`,
    );
  });

  it('are found by their integration, their id and their reference', async () => {
    const id = await paymentIn();
    await paymentIn({ reference: 'r' }, others);
    expect([await payments.find(mine, id), await payments.find(others, id)]).toEqual([expect.anything(), null]);
    expect(await payments.find(mine, randomUUID())).toBeNull();
    expect(await payments.findAnywhere(id)).toEqual({ integrationId: mine, reference: id });
    expect(await payments.findAnywhere(randomUUID())).toBeNull();
    const read = (of: string, reference: string) => inTransaction((tx) => payments.readByReference(tx, of, reference));
    expect([await read(mine, id), await read(mine, 'r'), await read(others, id)]).toEqual([
      expect.anything(),
      null,
      null,
    ]);
  });

  it('strand an integration that has something due and no run for it', async () => {
    const stranded = async (fields: object, change = '', integrationId = mine) => {
      await clinic.sql('DELETE FROM outbound_payments');
      await paymentIn({ ...fields }, integrationId);
      if (change) await clinic.sql(`UPDATE integrations SET ${change} WHERE id = $1`, [mine]);
      return payments.stranded(10);
    };
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded'`);
    expect(await stranded({})).toEqual([mine]);
    expect(await stranded(LATER)).toEqual([]);
    expect(await stranded(FAILED)).toEqual([]);
    expect(await stranded({}, `state = 'inactive'`)).toEqual([]);
    expect(await stranded({}, `state = 'active', configuration = configuration || '{"pushPayments": false}'`)).toEqual(
      [],
    );
    await clinic.sql(`UPDATE integrations SET configuration = configuration || '{"pushPayments": true}'`);
    const run = (lane: string, integrationId = mine) =>
      clinic.sql(
        `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state) VALUES (gen_random_uuid(), $1, $2, $2, 'manual', 'queued')`,
        [integrationId, lane],
      );
    await run('sync');
    await run('push', others);
    expect(await stranded({})).toEqual([mine]);
    await run('push');
    expect(await stranded({})).toEqual([]);
    await clinic.sql(`UPDATE sync_runs SET state = 'succeeded'`);
    await stranded({});
    await paymentIn({});
    expect(await payments.stranded(10)).toEqual([mine]);
    await paymentIn({}, others);
    expect(await payments.stranded(1)).toHaveLength(1);
  });

  it('are taken one after the other, those that wait longest first', async () => {
    const take = (epoch = 1) => inTransaction((tx) => payments.takeDue(tx, mine, epoch, runId));
    await paymentIn(LATER);
    await paymentIn(FAILED);
    await paymentIn({}, others);
    await paymentIn({ epoch: 2 });
    const second = await paymentIn({ next_attempt_at: '2026-01-02T00:00:00Z' });
    const first = await paymentIn({ next_attempt_at: '2026-01-01T00:00:00Z' });
    expect(await take()).toMatchObject({ id: first, runId });
    expect(await row(second)).not.toMatchObject({ run_id: runId });
    await clinic.sql(`UPDATE outbound_payments SET next_attempt_at = $2 WHERE id = $1`, [first, LATER.next_attempt_at]);
    expect(await take()).toMatchObject({ id: second });
    await clinic.sql(`UPDATE outbound_payments SET next_attempt_at = $2 WHERE id = $1`, [
      second,
      LATER.next_attempt_at,
    ]);
    expect(await take()).toBeNull();
  });

  it('that are due wait together, or fail together where nothing of them is under way', async () => {
    const ids = [await paymentIn(), await paymentIn(CREATING), await paymentIn(LATER), await paymentIn(FAILED)];
    ids.push(await paymentIn({}, others));
    const failed = { run_id: runId, status: 'failed', error_code: ERROR.code, error_verdict: ERROR.verdict };
    const said = { error: `no ref-${ids[0]}`, next_action: ERROR.nextAction };
    expect(await changes(ids, (tx) => payments.failDue(tx, mine, runId, ERROR as never))).toEqual([
      { ...failed, ...said },
      {},
      {},
      {},
      {},
    ]);
    const next = { next_attempt_at: expect.any(Date) };
    expect(await changes(ids, (tx) => payments.postponeDue(tx, mine, 30_000))).toEqual([{}, next, {}, {}, {}]);
    const waits = (await row(ids[1]!))['next_attempt_at'].getTime() - Date.now();
    expect(Math.abs(waits - 30_000)).toBeLessThan(20_000);
  });

  it('go on from where they stopped when they are asked for again', async () => {
    const tried = {
      attempts: 3,
      searches: 2,
      next_attempt_at: '2026-01-01T00:00:00Z',
      error_verdict: 'x',
      next_action: 'y',
    };
    const ids = [await paymentIn({ ...FAILED, ...tried }), await paymentIn({ ...FAILED, ...tried })];
    const change = { runId, epoch: 2, externalCustomerId: '8', externalMethodId: '5' };
    expect(await changes(ids, (tx) => payments.requeue(tx, ids[0]!, change))).toEqual([
      {
        ...NO_ERROR,
        status: 'queued',
        attempts: 0,
        searches: 0,
        next_attempt_at: expect.any(Date),
        run_id: runId,
        epoch: 2,
        external_customer_id: '8',
        external_method_id: '5',
      },
      {},
    ]);
    expect(await changes(ids, (tx) => payments.requeue(tx, ids[0]!, { ...change, epoch: 3 }))).toEqual([{}, {}]);
    const again = { run_id: runId, error_verdict: ERROR.verdict, error: ERROR.message, next_action: ERROR.nextAction };
    expect(await changes(ids, (tx) => payments.failAgain(tx, ids[1]!, runId, ERROR as never))).toEqual([{}, again]);
    expect(await changes(ids, (tx) => payments.failAgain(tx, ids[0]!, randomUUID(), ERROR as never))).toEqual([{}, {}]);
  });

  it('in review are searched for once more, or given up, and no others are', async () => {
    const tried = {
      attempts: 3,
      doubt: 'slight',
      next_attempt_at: LATER.next_attempt_at,
      error_verdict: 'x',
      next_action: 'y',
    };
    const ids = [
      await paymentIn({ ...IN_REVIEW, ...tried }),
      await paymentIn({ ...IN_REVIEW, ...tried }),
      await paymentIn(FAILED),
    ];
    const none = { attempts: 0, doubt: null };
    const searched = {
      ...NO_ERROR,
      ...none,
      status: 'queued',
      searches: 2,
      next_attempt_at: expect.any(Date),
      run_id: runId,
      held_at: expect.any(Date),
    };
    expect(await changes(ids, (tx) => payments.searchAgain(tx, ids[0]!, runId))).toEqual([searched, {}, {}]);
    const said = {
      error_code: ERROR.code,
      error_verdict: ERROR.verdict,
      error: ERROR.message,
      next_action: ERROR.nextAction,
    };
    const released = { ...none, ...said, status: 'failed', step: 'queued' };
    const left = await paymentIn(IN_REVIEW);
    const given = await changes([...ids, left], (tx) => payments.release(tx, ids[1]!, ERROR as never));
    expect(given).toEqual([{}, released, {}, {}]);
    const run = (state: string, leaseUntil: Date | null) =>
      clinic.sql(
        `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, lease_owner, lease_until)
         VALUES ($1, $2, 'push', 'push', 'manual', $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, lease_owner = excluded.lease_owner,
           lease_until = excluded.lease_until`,
        [runId, mine, state, leaseUntil && 'test', leaseUntil],
      );
    // a run that searches for it may find it
    await run('running', new Date(Date.now() + 60_000));
    for (const id of [ids[0]!, ids[2]!]) {
      expect(await changes(ids, (tx) => payments.release(tx, id, ERROR as never))).toEqual([{}, {}, {}]);
      expect(await changes(ids, (tx) => payments.searchAgain(tx, id, randomUUID()))).toEqual([{}, {}, {}]);
    }
    // one that waits does not keep it
    await run('queued', null);
    const [waiting, ...others] = await changes(ids, (tx) => payments.release(tx, ids[0]!, ERROR as never));
    expect(waiting).toMatchObject({ ...said, status: 'failed', step: 'queued', held_at: null });
    expect(others).toEqual([{}, {}]);
  });

  it('of a former account end, those in doubt for review', async () => {
    const ids = [await paymentIn(), await paymentIn(CREATING), await paymentIn({ epoch: 2 }), await paymentIn(FAILED)];
    ids.push(await paymentIn({}, others));
    const ended = {
      run_id: runId,
      error_code: expect.any(String),
      error_verdict: expect.any(String),
      error: expect.any(String),
    };
    const act = (tx: Tx) => payments.retireOlderEpochs(tx, { id: mine, epoch: 2 }, runId, REASONS);
    expect(await changes(ids, act)).toEqual([
      { ...ended, status: 'failed', error: `no ref-${ids[0]}`, next_action: ERROR.nextAction },
      {
        ...ended,
        status: 'needs_review',
        error: `look for ref-${ids[1]}`,
        next_action: DOUBT.nextAction,
        held_at: expect.any(Date),
      },
      {},
      {},
      {},
    ]);
  });

  it('lose the provider’s words when they are erased, but for what was paid', async () => {
    const ids = [
      await paymentIn(LATER),
      await paymentIn(CREATING),
      await paymentIn(IN_REVIEW),
      await paymentIn(FAILED),
    ];
    ids.push(await paymentIn(PUSHED), await paymentIn({}, others));
    await inTransaction((tx) => payments.eraseTraces(tx, mine, REASONS));
    const after = await Promise.all(ids.map(row));
    expect(after.map(({ status, error }) => [status, error])).toEqual([
      ['failed', `no ref-${ids[0]}`],
      ['needs_review', `look for ref-${ids[1]}`],
      ['needs_review', `look for ref-${ids[2]}`],
      ['failed', `no ref-${ids[3]}`],
      ['pushed', null],
      ['queued', null],
    ]);
  });

  it('tell how a run ended: what failed, then what is to be looked at, then what waits', async () => {
    const of = { run_id: runId };
    const worst = () => inTransaction((tx) => payments.worstOf(tx, runId));
    await paymentIn({ ...FAILED });
    await paymentIn({ ...of, ...PUSHED, error_code: 'old', error: 'old' });
    await paymentIn({ ...of });
    expect(await worst()).toBeNull();
    await paymentIn({ ...of, error_code: 'wait', error: 'waits' });
    expect(await worst()).toMatchObject({ status: 'queued', code: 'wait', message: 'waits' });
    await paymentIn({ ...of, ...IN_REVIEW });
    expect(await worst()).toMatchObject({ status: 'needs_review' });
    await paymentIn({ ...of, ...FAILED });
    expect(await worst()).toMatchObject({ status: 'failed', code: 'provider_error', message: 'it failed' });
  });

  it('are marked as safely as the server can, whatever it does by default', async () => {
    const shown = await inTransaction(async (tx) => {
      const before = await sqlOf(tx).query('SHOW synchronous_commit');
      await payments.keepDurably(tx);
      return [before, await sqlOf(tx).query('SHOW synchronous_commit')];
    });
    expect(shown).toEqual([[{ synchronous_commit: 'off' }], [{ synchronous_commit: 'on' }]]);
  });
});
