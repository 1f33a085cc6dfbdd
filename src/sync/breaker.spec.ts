import { VERDICT_POLICIES, VERDICTS } from '../platform/outbound';
import { afterFailure, askedWaitMs, BREAKER_THRESHOLD, gateWaitMs, type BreakerState } from './breaker';

const closed: BreakerState = { consecutiveErrors: 0, failedRuns: 0, breaker: 'closed', cause: null };
const open: BreakerState = { consecutiveErrors: 5, failedRuns: 5, breaker: 'open', cause: 'failures' };
const probing: BreakerState = { ...open, breaker: 'half_open' };
const rejected: BreakerState = { consecutiveErrors: 1, failedRuns: 1, breaker: 'open', cause: 'auth' };
const UNCOUNTED = ['rate_limited', 'internal'] as const;

describe('what a failure does to an integration', () => {
  it('pauses at the fifth that counts, not before', () => {
    let state = closed;
    for (let count = 1; count < BREAKER_THRESHOLD; count++) {
      const change = afterFailure(state, 'provider_down', true);
      expect(change).toMatchObject({ breaker: 'closed', consecutiveErrors: count, retryInMs: expect.any(Number) });
      state = { ...closed, consecutiveErrors: count };
    }
    const last = afterFailure(state, 'provider_down', true);
    expect(last).toMatchObject({ breaker: 'open', cause: 'failures', probeInMs: 15 * 60_000, retryInMs: null });
  });

  it('pauses at once, with no probe, when the credentials are rejected', () => {
    expect(afterFailure(closed, 'auth', true)).toMatchObject({ breaker: 'open', cause: 'auth', probeInMs: null });
  });

  it.each(UNCOUNTED)('never closes an open breaker: %s', (verdict) => {
    expect(afterFailure(open, verdict, true)).toMatchObject({ breaker: 'open', cause: 'failures', probeInMs: 'kept' });
    expect(afterFailure(open, 'provider_down', false)).toMatchObject({ breaker: 'open', consecutiveErrors: 5 });
  });

  it.each(UNCOUNTED)('makes a probe again that learnt nothing: %s', (verdict) => {
    const change = afterFailure(probing, verdict, true);
    expect(change).toMatchObject({ breaker: 'open', cause: 'failures', probeInMs: 15 * 60_000 });
  });

  it.each(VERDICTS)('leaves a pause for rejected credentials what it is: %s', (verdict) => {
    for (const blamed of [true, false]) {
      const change = afterFailure(rejected, verdict, blamed);
      expect(change).toMatchObject({ breaker: 'open', cause: 'auth', probeInMs: null, retryInMs: null });
    }
  });

  it('opens again at the next failure that counts, whatever the count says', () => {
    const reopened = { consecutiveErrors: 1, failedRuns: 1, breaker: 'half_open', cause: 'failures' } as const;
    expect(afterFailure(reopened, 'provider_down', true)).toMatchObject({
      breaker: 'open',
      consecutiveErrors: 2,
      probeInMs: 15 * 60_000,
    });
    expect(afterFailure({ ...reopened, breaker: 'open' }, 'network', true)).toMatchObject({ probeInMs: 15 * 60_000 });
  });

  it('probes later and later, at most once a day', () => {
    const at = (consecutiveErrors: number) =>
      afterFailure({ ...probing, consecutiveErrors }, 'network', true).probeInMs as number;
    expect(at(6)).toBe(4 * 15 * 60_000);
    expect(at(40)).toBe(24 * 3_600_000);
  });

  it('comes early after a failure that passes by itself, and as scheduled after one that does not', () => {
    expect(afterFailure(closed, 'network', true, () => 0.5).retryInMs).toBe(60_000);
    expect(afterFailure(closed, 'permission', true).retryInMs).toBeNull();
  });

  const PASSING = VERDICTS.filter(
    (verdict) => VERDICT_POLICIES[verdict].nextAction === 'wait' || verdict === 'internal',
  );
  it.each(PASSING)('comes back later after each failure, whoever is to blame: %s', (verdict) => {
    const waits = Array.from(
      { length: 9 },
      (_, failedRuns) => afterFailure({ ...closed, failedRuns }, verdict, false, () => 0.5).retryInMs! / 60_000,
    );
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
  });

  it.each(PASSING)('spreads what failed at the same moment by half, both ways: %s', (verdict) => {
    for (const failedRuns of [0, 3, 40]) {
      const at = (random: number) => afterFailure({ ...closed, failedRuns }, verdict, false, () => random).retryInMs!;
      expect(at(0)).toBe(at(0.5) / 2);
      expect(at(1)).toBe(at(0.5) * 1.5);
    }
  });

  it('waits a little longer than a provider asks for, and never beyond a quarter of an hour', () => {
    expect([askedWaitMs(600_000, () => 0), askedWaitMs(600_000, () => 1)]).toEqual([630_000, 690_000]);
    expect(askedWaitMs(900_000, () => 1)).toBe(900_000);
  });

  it('waits at a shut gate for its time at least, longer each time in a row, and never all together', () => {
    const wait = (before: number, random: number) => gateWaitMs(30_000, before, () => random) - 30_000;
    expect([0, 1, 2, 3, 4, 5, 99].map((before) => wait(before, 0.5) / 60_000)).toEqual([1, 2, 4, 8, 16, 16, 16]);
    expect([wait(0, 0), wait(0, 1)]).toEqual([30_000, 90_000]);
  });
});
