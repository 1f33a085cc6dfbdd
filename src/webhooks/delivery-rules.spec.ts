import {
  DISABLED_AFTER_MS,
  healthAfterFailure,
  healthAfterSuccess,
  LATE_MS,
  MAX_CONCURRENCY,
  nextTryAt,
  probeWaitMs,
  resultOf,
  STALLED_AFTER,
  type Failed,
} from './delivery-rules';
import type { EndpointHealth } from './endpoint';

const NOW = new Date('2026-05-01T00:00:00Z');
const before = (ms: number): Date => new Date(NOW.getTime() - ms);
const DAY = 86_400_000;
const FRESH: EndpointHealth = {
  concurrency: 1,
  failures: 0,
  slow: false,
  failingSince: null,
  lastFailureAt: null,
  lastSuccessAt: null,
  warned: 0,
  notBefore: null,
};
const failed = (more: Partial<Failed> = {}): Failed => ({
  kind: 'failed',
  status: 500,
  message: 'no',
  timedOut: false,
  retryAfterMs: null,
  ...more,
});
const SCHEDULE = [0, 5, 300].map((seconds) => seconds * 1000);

describe('a delivery', () => {
  it.each([
    [200, 'delivered'],
    [299, 'delivered'],
    [199, 'failed'],
    [300, 'failed'],
    [302, 'failed'],
    [400, 'failed'],
    [410, 'gone'],
    [500, 'failed'],
  ])('that is answered %i is %s', (status, kind) => {
    expect(resultOf(status, null).kind).toBe(kind);
  });

  it('is tried again by the schedule, a little later than it says, and given up behind it', () => {
    const waits = (random: number) =>
      SCHEDULE.map((_, index) => nextTryAt(SCHEDULE, index + 1, NOW, null, () => random));
    expect(waits(0).map((at) => at && at.getTime() - NOW.getTime())).toEqual([5_000, 300_000, null]);
    expect(waits(1).map((at) => at && at.getTime() - NOW.getTime())).toEqual([5_500, 330_000, null]);
  });

  it('is not tried again before the endpoint wishes', () => {
    const at = nextTryAt(SCHEDULE, 1, NOW, failed({ retryAfterMs: 60_000 }), () => 0);
    expect(at!.getTime() - NOW.getTime()).toBe(60_000);
  });
});

describe('the health of an endpoint', () => {
  it('grows calls with successes, halves them with failures, and has one where it is slow', () => {
    let health = FRESH;
    for (let success = 0; success < 40; success++) health = healthAfterSuccess(health, NOW, 50);
    expect(health.concurrency).toBe(MAX_CONCURRENCY);
    expect(healthAfterFailure(health, failed(), NOW).health.concurrency).toBe(MAX_CONCURRENCY / 2);
    expect(healthAfterFailure({ ...health, concurrency: 1 }, failed(), NOW).health.concurrency).toBe(1);
    expect(healthAfterFailure(health, failed({ timedOut: true }), NOW).health.concurrency).toBe(1);
    expect(healthAfterFailure(health, failed({ status: 502 }), NOW).health.concurrency).toBe(1);
  });

  it('is slow after a late answer, or none, until one comes in time', () => {
    const slow = healthAfterSuccess(FRESH, NOW, LATE_MS + 1);
    expect([slow, healthAfterSuccess(slow, NOW, LATE_MS)].map((each) => each.slow)).toEqual([true, false]);
    const after = (health: EndpointHealth, more: object) => healthAfterFailure(health, failed(more), NOW).health.slow;
    expect([after(FRESH, {}), after(FRESH, { timedOut: true }), after(slow, {})]).toEqual([false, true, true]);
  });

  it.each([
    [429, null, 1_000],
    [502, null, 1_000],
    [504, null, 1_000],
    [500, null, null],
    [503, null, null],
    [503, 7_000, 7_000],
    [429, 86_400_000, 86_400_000],
  ])('%i with Retry-After %p keeps everything back for %p ms', (status, retryAfterMs, waitMs) => {
    const { notBefore } = healthAfterFailure(FRESH, failed({ status, retryAfterMs }), NOW).health;
    expect(notBefore && notBefore.getTime() - NOW.getTime()).toBe(waitMs);
  });

  it('a wish for a pause is not shortened by a failure after it, and ends with a success', () => {
    const asked = healthAfterFailure(FRESH, failed({ status: 429, retryAfterMs: 60_000 }), NOW).health;
    expect(healthAfterFailure(asked, failed(), NOW).health.notBefore).toEqual(asked.notBefore);
    expect(healthAfterFailure(asked, failed({ status: 502 }), NOW).health.notBefore).toEqual(asked.notBefore);
    expect(healthAfterSuccess(asked, NOW, 50).notBefore).toBeNull();
  });

  const failingFor = (ms: number, more: Partial<EndpointHealth> = {}): EndpointHealth => ({
    ...FRESH,
    failures: 20,
    failingSince: before(ms),
    lastFailureAt: before(60_000),
    ...more,
  });

  it.each([
    [2.5 * DAY - 1, 0, false],
    [2.5 * DAY, 0, true],
    [2.5 * DAY, 50, false],
    [3.75 * DAY - 1, 50, false],
    [3.75 * DAY, 50, true],
    [3.75 * DAY, 75, false],
  ])('after %i ms of failures, warned of %i %%, it warns: %p', (ms, warned, warns) => {
    expect(healthAfterFailure(failingFor(ms, { warned }), failed(), NOW)).toMatchObject({ warns, disables: null });
  });

  it('is disabled after five days of failures only, not a moment before', () => {
    expect(healthAfterFailure(failingFor(DISABLED_AFTER_MS - 1, { warned: 75 }), failed(), NOW).disables).toBeNull();
    expect(healthAfterFailure(failingFor(DISABLED_AFTER_MS), failed(), NOW).disables).toBe('failing');
    expect(healthAfterSuccess(failingFor(DISABLED_AFTER_MS), NOW, 50)).toMatchObject({
      failures: 0,
      failingSince: null,
      warned: 0,
    });
  });

  it('concludes nothing from a time in which nothing was tried', () => {
    const silent = failingFor(30 * DAY, { lastFailureAt: before(20 * DAY), warned: 75 });
    const { health, warns, disables } = healthAfterFailure(silent, failed(), NOW);
    expect({ warns, disables }).toEqual({ warns: false, disables: null });
    expect(health).toMatchObject({ failingSince: NOW, warned: 0 });
  });

  it('is probed later and later, five minutes apart at most', () => {
    const waits = [0, 1, 2, 3, 20].map((more) => probeWaitMs(STALLED_AFTER + more));
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 300_000]);
  });
});
