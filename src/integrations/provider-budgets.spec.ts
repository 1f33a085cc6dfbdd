import { ProviderBudgets } from './provider-budgets';
import type { ProviderBudgetRepository } from './store/provider-budget.repository';

describe('a call budget that others use up', () => {
  afterEach(() => jest.restoreAllMocks());

  const refusedAfter = async (waitedMs: number, waitMs: number) => {
    const repository = { lease: async () => ({ granted: 0, waitMs }) } as unknown as ProviderBudgetRepository;
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
});
