import { Logger } from '@nestjs/common';
import { ASK_AGAIN_MS, DENIAL_STANDS_MS, KeyManagementHealth } from './key-management-health';

const KEY = { keyId: 'arn:aws:kms:eu-west-1:1:key/1' };

describe('what AWS KMS last answered', () => {
  let health: KeyManagementHealth;
  let asked: number;
  /** What DescribeKey answers from now on. */
  let answer: 'ok' | 'unavailable';

  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers();
    health = new KeyManagementHealth();
    [asked, answer] = [0, 'ok'];
    health.report(async () => {
      asked++;
      health.saw('DescribeKey', answer);
      return KEY;
    });
  });
  afterEach(() => {
    health.onApplicationShutdown();
    jest.useRealTimers();
  });

  it('is asked again while it fails, until it answers, and not before or after', async () => {
    await jest.advanceTimersByTimeAsync(2 * ASK_AGAIN_MS);
    expect(asked).toBe(0);
    answer = 'unavailable';
    health.saw('Decrypt', 'unavailable');
    const { since } = health.away()!;
    await jest.advanceTimersByTimeAsync(2 * ASK_AGAIN_MS);
    expect([asked, health.away()]).toEqual([2, { reason: 'key management cannot be reached', since }]);
    answer = 'ok';
    await jest.advanceTimersByTimeAsync(3 * ASK_AGAIN_MS);
    expect([asked, health.away()]).toEqual([3, null]);
  });

  it('tells that it is back where it could not be reached, and not where it throttled', async () => {
    let told = 0;
    health.whenBack(async () => void told++);
    for (const [outcome, expected] of [
      ['throttled', 0],
      ['unavailable', 1],
    ] as const) {
      health.saw('Decrypt', outcome);
      await jest.advanceTimersByTimeAsync(ASK_AGAIN_MS);
      expect([health.away(), told]).toEqual([null, expected]);
    }
  });

  it('believes a denial, whatever is allowed beside it, until the call is allowed or nobody has met it for long', async () => {
    health.saw('Decrypt', 'denied');
    await jest.advanceTimersByTimeAsync(2 * ASK_AGAIN_MS);
    expect(health.away()).toMatchObject({ reason: 'key management refused access' });
    health.saw('Decrypt', 'ok');
    expect(health.away()).toBeNull();
    health.saw('Decrypt', 'denied');
    await jest.advanceTimersByTimeAsync(DENIAL_STANDS_MS + ASK_AGAIN_MS);
    expect(health.away()).toBeNull();
  });

  it('is nothing of one key or one secret, and is not asked when the process ends', async () => {
    health.saw('Decrypt', 'wrong_context');
    expect(health.away()).toBeNull();
    health.saw('Decrypt', 'unavailable');
    health.onApplicationShutdown();
    await jest.advanceTimersByTimeAsync(2 * ASK_AGAIN_MS);
    expect(asked).toBe(0);
  });
});
