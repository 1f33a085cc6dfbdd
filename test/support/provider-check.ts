import { GuardedHttpClient } from '../../src/platform/outbound';
import { checkAccount, createAdapter, PROVIDER_FACTS, type AccountCheck, type BuiltInId } from '../../src/providers';

/** Checks an account as the command line does, without its pace. */
export async function checkedAccount(
  client: GuardedHttpClient,
  account: { readonly id: BuiltInId; readonly baseUrl: string; readonly apiKey: string; readonly now: Date },
): Promise<AccountCheck> {
  const { id, now, ...pasted } = account;
  const adapter = createAdapter(id);
  const { signal } = new AbortController();
  return checkAccount({
    adapter,
    page: PROVIDER_FACTS[id]!,
    environment: 'sandbox',
    credentials: adapter.normaliseCredentials(pasted, 'sandbox'),
    http: client.bind({ allowedHostSuffixes: null, exemptPrefix: null, signal, budget: null }),
    signal,
    asked: { paths: {}, timezone: null, currency: 'GBP', now },
  });
}
