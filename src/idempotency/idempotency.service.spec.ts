import { Logger } from '@nestjs/common';
import type { UnitOfWork } from '../platform/database';
import type { Vault } from '../vault';
import type { Digests } from './digests';
import { IdempotencyService } from './idempotency.service';
import type { IdempotencyRepository } from './store/idempotency.repository';

describe('the lease of a running request', () => {
  const renew = jest.fn<Promise<boolean>, [string, string, number]>();
  const ticket = { id: 'record', leaseToken: 'token' };
  const service = new IdempotencyService(
    { renew } as unknown as IdempotencyRepository,
    null as unknown as Digests,
    null as unknown as Vault,
    null as unknown as UnitOfWork,
  );

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    jest.useFakeTimers();
    renew.mockReset().mockResolvedValue(true);
  });
  afterEach(() => jest.useRealTimers());

  it('is renewed well before it lapses, for as long as the request runs', async () => {
    const letGo = service.hold(ticket);
    await jest.advanceTimersByTimeAsync(5 * 60_000);
    const [, , leaseMs] = renew.mock.calls[0]!;
    expect(renew.mock.calls[0]).toEqual(['record', 'token', 60_000]);
    // two renewals may fail before the lease is lost
    expect(renew.mock.calls.length).toBeGreaterThanOrEqual((5 * 60_000) / (leaseMs / 2));
    letGo();
    const renewed = renew.mock.calls.length;
    await jest.advanceTimersByTimeAsync(5 * 60_000);
    expect(renew.mock.calls.length).toBe(renewed);
  });

  it('is tried again when a renewal failed, and given up when it was taken over', async () => {
    renew.mockRejectedValueOnce(new Error('no connection'));
    const letGo = service.hold(ticket);
    await jest.advanceTimersByTimeAsync(45_000);
    expect(renew).toHaveBeenCalledTimes(2);
    renew.mockResolvedValue(false);
    await jest.advanceTimersByTimeAsync(5 * 60_000);
    expect(renew).toHaveBeenCalledTimes(3);
    letGo();
  });
});
