import type { ServiceMetrics } from '../platform/metrics';
import { ProviderBudgets } from './provider-budgets';
import type { ProviderBudgetRepository } from './store/provider-budget.repository';

describe('a call budget that others use up', () => {
  afterEach(() => jest.restoreAllMocks());

  const refusedAfter = async (waitedMs: number, waitMs: number, blocked = false) => {
    const repository = { lease: async () => ({ granted: 0, waitMs, blocked }) } as unknown as ProviderBudgetRepository;
    jest.spyOn(performance, 'now').mockReturnValue(waitedMs).mockReturnValueOnce(0);
    const budget = new ProviderBudgets(repository).for('practicehub/sandbox/a', { perSecond: 3, burst: 6 });
    return budget.acquire(new AbortController().signal).catch((error: unknown) => error);
  };

  it('delays by a second at least whoever waited in vain: less would end the run as failed', async () => {
    expect(await refusedAfter(4_900, 200)).toMatchObject({ verdict: 'rate_limited', retryAfterMs: 1_000 });
  });

  it('delays by as long as the next call is away', async () => {
    expect(await refusedAfter(0, 60_000)).toMatchObject({ verdict: 'rate_limited', retryAfterMs: 60_000 });
  });

  it('is not what is told where the provider itself has said to stay away', async () => {
    const message = async (blocked: boolean) => ((await refusedAfter(0, 60_000, blocked)) as Error).message;
    expect(await message(false)).toContain('The call budget of this provider account is used up.');
    expect(await message(true)).toBe('The provider’s rate limit was reached, and the provider said when to retry.');
  });
});

describe('a call budget', () => {
  const KEY = 'practicehub/sandbox/a';
  const RATE = { perSecond: 40, burst: 80 };
  const signal = new AbortController().signal;
  let now: number;
  let answers: { granted: number; waitMs: number }[];
  let asked: unknown[][];
  let repository: Record<string, jest.Mock>;
  const waited = jest.fn();
  let budgets: ProviderBudgets;

  beforeEach(() => {
    now = 100;
    answers = [];
    asked = [];
    waited.mockClear();
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    repository = {
      lease: jest.fn(async (...terms: unknown[]) => {
        asked.push(terms);
        return answers.shift() ?? { granted: terms[2], waitMs: 0 };
      }),
      block: jest.fn(),
      lift: jest.fn(),
      removeIdle: jest.fn(),
    };
    budgets = new ProviderBudgets(
      repository as unknown as ProviderBudgetRepository,
      { budgetWaited: waited } as unknown as ServiceMetrics,
    );
  });
  afterEach(() => jest.restoreAllMocks());

  const acquire = async (times = 1, budget = budgets.for(KEY, RATE)) => {
    for (let call = 0; call < times; call++) await budget.acquire(signal);
  };

  it('leases a quarter of a second at once, and asks again when that is spent', async () => {
    await acquire(10);
    expect(asked).toEqual([[KEY, RATE, 10, false]]);
    await acquire();
    expect(asked).toHaveLength(2);
    expect(waited).not.toHaveBeenCalled();
  });

  it('leases one call at least, and spends what it was granted', async () => {
    const slow = { perSecond: 1, burst: 2 };
    await acquire(1, budgets.for(KEY, slow));
    expect(asked).toEqual([[KEY, slow, 1, false]]);
    answers = [{ granted: 2, waitMs: 0 }];
    await acquire(2);
    expect(asked).toHaveLength(2);
    await acquire();
    expect(asked).toHaveLength(3);
  });

  it('forgets a block that was not used for a second', async () => {
    await acquire();
    now += 999;
    await acquire();
    expect(asked).toHaveLength(1);
    now += 1;
    await acquire();
    expect(asked).toHaveLength(2);
  });

  it('holds blocks of ten thousand accounts, and no more', async () => {
    for (let account = 0; account <= 10_000; account++) await acquire(1, budgets.for(`a/${account}`, RATE));
    const before = asked.length;
    await acquire(1, budgets.for('a/0', RATE));
    expect(asked).toHaveLength(before);
    await acquire(1, budgets.for('a/one more', RATE));
    await acquire(1, budgets.for('a/0', RATE));
    expect(asked).toHaveLength(before + 2);
  });

  it('lets a person ask once in spite of a block, for one call', async () => {
    answers = [{ granted: 1, waitMs: 0 }];
    await acquire(2, budgets.for(KEY, RATE, { askOnce: true }));
    expect(asked).toEqual([
      [KEY, RATE, 1, true],
      [KEY, RATE, 10, false],
    ]);
  });

  it('waits in the call as long as it is told to, says so, and stops with its signal', async () => {
    answers = [{ granted: 0, waitMs: 30 }];
    const begun = Date.now();
    await acquire();
    expect(Date.now() - begun).toBeGreaterThanOrEqual(29);
    expect(waited).toHaveBeenCalledWith('practicehub', 'granted', 0);
    answers = [{ granted: 0, waitMs: 4_000 }];
    const stop = new AbortController();
    const waiting = budgets.for('other', RATE).acquire(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(budgets.for('other', RATE).acquire(stop.signal)).rejects.toThrow('stopped');
  });

  it('waits five seconds, and not longer', async () => {
    jest.mocked(performance.now).mockRestore();
    jest.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(4_980);
    answers = [{ granted: 0, waitMs: 20 }];
    await acquire();
    jest.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(4_981);
    answers = [{ granted: 0, waitMs: 20 }];
    await expect(budgets.for('other', RATE).acquire(signal)).rejects.toMatchObject({ retryAfterMs: 1_000 });
    expect(waited).toHaveBeenLastCalledWith('other', 'refused', 4_981);
  });

  it('drops what it holds of an account that is to be left alone', async () => {
    await acquire();
    await budgets.block(KEY, RATE, 5_000);
    expect(repository['block']).toHaveBeenCalledWith(KEY, 80, 5_000);
    await acquire();
    expect(asked).toHaveLength(2);
    await budgets.lift(KEY);
    expect(repository['lift']).toHaveBeenCalledWith(KEY);
  });

  it('looks for idle buckets a part at a time, and from the start again at the end', async () => {
    const steps = [
      { removed: 3, last: 'k' },
      { removed: 1, last: null },
      { removed: 0, last: null },
    ];
    repository['removeIdle']!.mockImplementation(async () => steps.shift());
    expect([await budgets.removeIdle(5), await budgets.removeIdle(5), await budgets.removeIdle(5)]).toEqual([3, 1, 0]);
    expect(repository['removeIdle']!.mock.calls).toEqual([
      ['', 5],
      ['k', 5],
      ['', 5],
    ]);
  });
});
