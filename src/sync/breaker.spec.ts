import { VERDICTS } from '../platform/outbound';
import { afterFailure, BREAKER_THRESHOLD, type BreakerState } from './breaker';

const closed: BreakerState = { consecutiveErrors: 0, breaker: 'closed', cause: null };
const open: BreakerState = { consecutiveErrors: 5, breaker: 'open', cause: 'failures' };
const probing: BreakerState = { ...open, breaker: 'half_open' };
const rejected: BreakerState = { consecutiveErrors: 1, breaker: 'open', cause: 'auth' };
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

  it('probes later and later, at most once a day', () => {
    const at = (consecutiveErrors: number) =>
      afterFailure({ ...probing, consecutiveErrors }, 'network', true).probeInMs as number;
    expect(at(6)).toBe(4 * 15 * 60_000);
    expect(at(40)).toBe(24 * 3_600_000);
  });

  it('comes early after a failure that passes by itself, and as scheduled after one that does not', () => {
    expect(afterFailure(closed, 'network', true).retryInMs).toBe(60_000);
    expect(afterFailure(closed, 'permission', true).retryInMs).toBeNull();
  });
});
