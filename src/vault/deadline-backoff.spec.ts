import { setTimeout as sleep } from 'node:timers/promises';
import { DeadlineBackoff } from './deadline-backoff';
import { VaultError } from './vault-error';

/** Time itself is what is looked at: the waits are noted, not waited for. */
jest.mock('node:timers/promises', () => ({ setTimeout: jest.fn(async () => undefined) }));

const away = new VaultError('unavailable');

describe('backoff', () => {
  const waits = () => jest.mocked(sleep).mock.calls.map(([ms]) => ms as number);
  afterEach(() => {
    jest.restoreAllMocks();
    jest.mocked(sleep).mockClear();
  });

  it('waits with full jitter: anything between nothing and a ceiling that doubles up to half a minute', async () => {
    const ceilings = [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000];
    for (const share of [0, 0.25, 0.999]) {
      jest.mocked(sleep).mockClear();
      jest.spyOn(Math, 'random').mockReturnValue(share);
      const backoff = new DeadlineBackoff(60_000);
      for (const _ceiling of ceilings) await backoff.wait(away);
      expect(waits()).toEqual(ceilings.map((ceiling) => share * ceiling));
    }
  });

  it('begins anew once the work has gone through', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    const backoff = new DeadlineBackoff(60_000);
    let failures = 3;
    const work = async (): Promise<string> => {
      if (failures-- > 0) throw away;
      return 'done';
    };
    expect(await backoff.through(work)).toBe('done');
    failures = 1;
    expect(await backoff.through(work)).toBe('done');
    expect(waits()).toEqual([100, 200, 400, 100]);
  });

  it('gives up with the failure when it lasts longer than the limit', async () => {
    let now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const backoff = new DeadlineBackoff(10_000);
    await backoff.wait(away);
    now += 10_000;
    await backoff.wait(away);
    now += 1;
    await expect(backoff.wait(away)).rejects.toBe(away);
  });

  it('does not wait for what does not pass by itself, nor once it is told to stop', async () => {
    const denied = new VaultError('denied');
    await expect(new DeadlineBackoff(10_000).through(() => Promise.reject(denied))).rejects.toBe(denied);
    const stopped = new DeadlineBackoff(10_000, AbortSignal.abort());
    await expect(stopped.through(() => Promise.reject(away))).rejects.toBe(away);
    expect(waits()).toEqual([]);
  });
});
