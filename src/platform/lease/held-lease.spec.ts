import { ProviderFailure } from '../outbound';
import { HeldLease } from './held-lease';

describe('a lease as its worker knows it', () => {
  const LEASE_MS = 30_000;
  let now = { monotonic: 0, wall: 0 };
  const pass = (monotonic: number, wall = monotonic) => {
    now = { monotonic: now.monotonic + monotonic, wall: now.wall + wall };
  };
  let lease: HeldLease;
  beforeEach(() => {
    now = { monotonic: 5_000, wall: 1_780_000_000_000 };
    lease = new HeldLease(LEASE_MS, () => now);
  });
  const isHeld = (): boolean => {
    try {
      lease.assertHeld();
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(ProviderFailure);
      expect(error).toMatchObject({ nothingSent: true, final: true });
      return false;
    }
  };

  it('ends to the millisecond, counted from before it was asked for', () => {
    pass(LEASE_MS - 1);
    expect(isHeld()).toBe(true);
    pass(1);
    expect(isHeld()).toBe(false);
  });

  it('is renewed from when the renewal was asked for, and only when it was granted', () => {
    pass(10_000);
    const granted = lease.renewal();
    pass(5_000);
    expect(lease.leftMs).toBe(LEASE_MS - 15_000);
    granted();
    expect(lease.leftMs).toBe(LEASE_MS - 5_000);
  });

  it('ends while the machine sleeps, which stops the monotonic clock', () => {
    pass(10, LEASE_MS);
    expect(isHeld()).toBe(false);
  });

  it('is not made longer by a wall clock that is put back', () => {
    pass(LEASE_MS, -3_600_000);
    expect(isHeld()).toBe(false);
  });
});
