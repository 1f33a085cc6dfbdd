import { randomUUID } from 'node:crypto';
import { ProviderBudgetRepository } from '../../src/integrations/store/provider-budget.repository';
import { Database } from '../../src/platform/database';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { startVaultProcess, type VaultProcess } from './vault-context';

const RATE = { perSecond: 10, burst: 20 };

describe('the call budget of a provider account', () => {
  let database: TestDatabase;
  let process: VaultProcess;
  let budgets: ProviderBudgetRepository;
  let account: string;

  beforeAll(async () => {
    database = await migratedDatabase();
    process = await startVaultProcess({ DATABASE_URL: database.url });
    budgets = new ProviderBudgetRepository(process.get(Database));
  });
  afterAll(async () => {
    await process?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    account = `practicehub/live/${randomUUID()}`;
    expect(await budgets.lease(account, RATE, 1_000)).toEqual({ granted: 20, waitMs: 0, blocked: false });
  });

  const sql = (text: string) => process.get(Database).execute(text, [account]);
  const later = (interval: string) =>
    sql(`UPDATE provider_budgets SET refilled_at = refilled_at - interval '${interval}',
           blocked_until = blocked_until - interval '${interval}' WHERE account_key = $1`);
  const take = (want = 1_000) => budgets.lease(account, RATE, want);

  it('that is used up grants nothing, and says when the next call is free', async () => {
    const { granted, waitMs, blocked } = await take();
    expect([granted, blocked]).toEqual([0, false]);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(100);
  });

  it('fills by its rate with the time that has passed, and once', async () => {
    await later('1 second');
    const { granted } = await take();
    expect([10, 11]).toContain(granted);
    expect((await take()).granted).toBe(0);
  });

  it('holds the burst at most', async () => {
    await later('1 day');
    expect((await take()).granted).toBe(20);
  });

  it('grants what is wanted and keeps the rest', async () => {
    await later('1 second');
    expect((await take(4)).granted).toBe(4);
    expect([6, 7]).toContain((await take()).granted);
  });

  it('neither gives nor takes when the clock was set back', async () => {
    await later('1 second');
    expect((await take(4)).granted).toBe(4);
    await later('-1 hour');
    expect([6, 7]).toContain((await take()).granted);
  });

  it('grants nothing while the provider has told to stay away, not a moment less than the longest it said', async () => {
    await later('1 day');
    await budgets.block(account, RATE.burst, 60_000);
    await budgets.block(account, RATE.burst, 1_000);
    const { granted, waitMs, blocked } = await take();
    expect([granted, blocked]).toEqual([0, true]);
    expect(waitMs).toBeGreaterThan(58_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    expect((await budgets.lease(account, RATE, 1, true)).granted).toBe(1);
    await later('61 seconds');
    expect((await take()).granted).toBeGreaterThan(0);
  });

  it('grants again when the provider has answered in spite of it', async () => {
    await later('1 day');
    await budgets.block(account, RATE.burst, 60_000);
    await budgets.lift(account);
    expect((await take()).granted).toBe(20);
  });

  it('is forgotten when nobody has used it for a day, unless the provider still says to stay away', async () => {
    const all = async () => {
      let [removed, after] = [0, '' as string | null];
      while (after !== null) {
        const step: { removed: number; last: string | null } = await budgets.removeIdle(after, 2);
        removed += step.removed;
        after = step.last;
      }
      return removed;
    };
    await all();
    await sql(`UPDATE provider_budgets SET refilled_at = now() - interval '23 hours' WHERE account_key = $1`);
    expect(await all()).toBe(0);
    await budgets.block(account, RATE.burst, 60_000);
    await sql(`UPDATE provider_budgets SET refilled_at = now() - interval '25 hours' WHERE account_key = $1`);
    expect(await all()).toBe(0);
    await budgets.lift(account);
    expect(await all()).toBe(1);
  });
});
