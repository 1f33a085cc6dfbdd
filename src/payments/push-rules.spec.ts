import { ProviderFailure, type Verdict } from '../platform/outbound';
import type { Doubt, PushError, PushPosition, PushStep } from './outbound-payment';
import {
  after,
  isSearchedEnough,
  outcomeOf,
  RETRY_DELAYS_MS,
  stageOf,
  type CallOutcome,
  type PushEvent,
} from './push-rules';
import { doubtOf } from './sending-rules';

const error: PushError = { code: 'provider_error', verdict: 'network', message: 'gone', nextAction: 'wait' };
const at = (step: PushStep, more: Partial<PushPosition> = {}): PushPosition => ({
  step,
  status: 'queued',
  attempts: 0,
  searches: 0,
  doubt: null,
  ...more,
});
const event = (kind: Exclude<PushEvent['kind'], 'doubted'>): PushEvent => ({ kind, error });
const doubted = (doubt: Doubt): PushEvent => ({ kind: 'doubted', doubt });
const DURING = ['creating', 'allocating', 'logging'] as const;

describe('the way of a payment', () => {
  it('goes through every step in order, marked before each call', () => {
    const steps: PushStep[] = ['queued'];
    let payment = at('queued');
    while (payment.status === 'queued') {
      payment = after(payment, event('begun'));
      steps.push(payment.step);
      payment = after(payment, event('done'));
      steps.push(payment.step);
    }
    expect(steps).toEqual(['queued', 'creating', 'created', 'allocating', 'allocated', 'logging', 'logged']);
    expect(payment.status).toBe('pushed');
    expect(() => stageOf('logged')).toThrow();
  });

  it.each(DURING)('never begins a call again from %s: an unknown outcome is searched for', (step) => {
    expect(() => after(at(step), event('begun'))).toThrow();
    expect(after(at(step), event('unknown'))).toMatchObject({ step, status: 'queued', searches: 0, waitMs: 2_000 });
  });

  it.each(['queued', 'created', 'allocated'] as const)('nothing can be known of a call from %s', (step) => {
    for (const kind of ['done', 'refused', 'unknown', 'absent'] as const) {
      expect(() => after(at(step), event(kind))).toThrow();
    }
  });

  it('gives up a creation after three searches, and does the rest again', () => {
    for (const step of DURING) {
      let payment = after(at(step), event('unknown'));
      const waits = [payment.waitMs];
      for (let search = 1; search <= 2; search++) {
        payment = after(payment, event('absent'));
        waits.push(payment.waitMs);
        expect(payment).toMatchObject({ step, status: 'queued', searches: search });
      }
      expect(waits).toEqual([2_000, 15_000, 60_000]);
      const end = after(payment, event('absent'));
      if (step === 'creating') expect(end).toMatchObject({ step, status: 'needs_review', searches: 3 });
      else expect(end).toMatchObject({ step: stageOf(step).before, status: 'queued', searches: 0, attempts: 1 });
    }
  });

  it('a search that fails does not count as one that found nothing', () => {
    expect(after(at('creating', { searches: 2 }), event('unanswered'))).toMatchObject({
      step: 'creating',
      status: 'queued',
      searches: 2,
      attempts: 1,
    });
    expect(after(at('creating', { searches: 2 }), event('put_off'))).toMatchObject({ searches: 2, attempts: 0 });
  });

  it('ends after the last try: failed where the outcome is known, for review where it is not', () => {
    const attempts = RETRY_DELAYS_MS.length;
    expect(after(at('creating', { attempts }), event('not_done'))).toMatchObject({ step: 'queued', status: 'failed' });
    expect(after(at('creating', { attempts }), event('unanswered'))).toMatchObject({
      step: 'creating',
      status: 'needs_review',
    });
    expect(after(at('allocating', { attempts }), event('unanswered'))).toMatchObject({
      step: 'allocating',
      status: 'failed',
    });
  });

  it('waits longer from try to try', () => {
    let payment = at('creating');
    const waits: number[] = [];
    for (;;) {
      const change = after(payment, event('not_done'));
      if (change.status === 'failed') break;
      waits.push(change.waitMs);
      payment = after(change, event('begun'));
    }
    expect(waits).toEqual([...RETRY_DELAYS_MS]);
  });

  it('a pause that the provider asks for is nobody’s failure', () => {
    expect(after(at('creating', { attempts: 3 }), event('turned_away'))).toMatchObject({
      step: 'queued',
      status: 'queued',
      attempts: 3,
      waitMs: 0,
    });
  });
});

describe('a payment that is searched for before it is sent', () => {
  const REST = ['queued', 'created', 'allocated'] as const;

  it.each(REST)('is sent from %s when as many searches find nothing as the doubt asks for', (step) => {
    for (const [doubt, waits] of [
      ['slight', []],
      ['grave', [15_000, 60_000]],
    ] as const) {
      let payment = after(at(step), doubted(doubt));
      expect(payment).toMatchObject({ step: stageOf(step).during, status: 'queued', waitMs: 0, doubt, error: null });
      for (const waitMs of waits) {
        expect(isSearchedEnough(payment)).toBe(false);
        expect(() => after(payment, event('cleared'))).toThrow();
        payment = after(payment, event('absent'));
        expect(payment).toMatchObject({ waitMs, doubt });
      }
      expect(isSearchedEnough(payment)).toBe(true);
      const begun = after(payment, event('cleared'));
      expect(begun).toMatchObject({ step: stageOf(step).during, status: 'queued', searches: 0, doubt: null });
      // from here on it is a call like any other
      expect(isSearchedEnough({ ...begun, searches: 2 })).toBe(false);
      expect(() => after(begun, event('cleared'))).toThrow();
    }
  });

  it.each(REST)('goes on from %s when it is found', (step) => {
    const found = after(after(at(step), doubted('grave')), event('done'));
    expect(found).toMatchObject({ step: stageOf(step).after, doubt: null, searches: 0 });
  });

  it('is held for review when a grave doubt cannot be resolved, and fails for a slight one, which the next try has again', () => {
    const attempts = RETRY_DELAYS_MS.length;
    const end = (doubt: Doubt) => after({ ...after(at('queued'), doubted(doubt)), attempts }, event('unanswered'));
    expect(end('grave')).toMatchObject({ step: 'creating', status: 'needs_review', doubt: null });
    expect(end('slight')).toMatchObject({ step: 'queued', status: 'failed', doubt: null });
  });

  it('has an answer for every fact', () => {
    for (const tried of [false, true]) {
      for (const otherDatabase of [false, true]) {
        for (const outlivedStart of [false, true]) {
          for (const mayRepeatLost of ['no', 'days', 'minutes'] as const) {
            const grave = otherDatabase || mayRepeatLost === 'minutes';
            const known = !tried && !otherDatabase && !outlivedStart && mayRepeatLost === 'no';
            expect(doubtOf({ tried, otherDatabase, outlivedStart, mayRepeatLost })).toBe(
              known ? null : grave ? 'grave' : 'slight',
            );
          }
        }
      }
    }
  });
});

it('a refusal is the end, and leaves the step as it was before the call', () => {
  expect(after(at('creating', { searches: 1 }), event('refused'))).toEqual({
    ...at('queued', { status: 'failed' }),
    waitMs: 0,
    error,
  });
});

describe('what a failed call says about its effect', () => {
  const failure = (verdict: Verdict, details: ConstructorParameters<typeof ProviderFailure>[2] = {}) =>
    new ProviderFailure(verdict, 'x', details);
  it.each<[string, unknown, CallOutcome]>([
    ['no connection', failure('network', { nothingSent: true }), 'not_done'],
    ['a refused destination', failure('configuration', { nothingSent: true }), 'refused'],
    ['a redirect', failure('configuration', { nothingSent: false }), 'unknown'],
    ['a time-out after the request was sent', failure('network', { timedOut: true }), 'unknown'],
    ['a broken connection', failure('network'), 'unknown'],
    ['500', failure('provider_down', { status: 500 }), 'unknown'],
    ['503', failure('provider_down', { status: 503 }), 'unknown'],
    ['408', failure('provider_down', { status: 408 }), 'unknown'],
    ['200 that cannot be understood', failure('contract', { status: 200 }), 'unknown'],
    ['201 without an id', failure('contract'), 'unknown'],
    ['422', failure('contract', { status: 422 }), 'refused'],
    ['401', failure('auth', { status: 401 }), 'refused'],
    ['403', failure('permission', { status: 403 }), 'refused'],
    ['429 with a pause', failure('rate_limited', { status: 429, retryAfterMs: 6_000 }), 'turned_away'],
    ['429 without', failure('rate_limited', { status: 429 }), 'not_done'],
    ['429 with a pause of a second', failure('rate_limited', { status: 429, retryAfterMs: 1_000 }), 'turned_away'],
    ['429 with a shorter one', failure('rate_limited', { status: 429, retryAfterMs: 999 }), 'not_done'],
    ['a rejected credential, whatever the status', failure('auth', { status: 200 }), 'refused'],
    ['a missing permission, whatever the status', failure('permission', { status: 200 }), 'refused'],
    ['400', failure('contract', { status: 400 }), 'refused'],
    ['499', failure('contract', { status: 499 }), 'refused'],
    ['a fault of ours', new TypeError('x'), 'unknown'],
  ])('%s', (_what, thrown, outcome) => {
    expect(outcomeOf(thrown)).toBe(outcome);
  });
});
