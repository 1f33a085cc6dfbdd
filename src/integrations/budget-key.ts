import { createHash } from 'node:crypto';
import type { ProviderCredentials } from '../providers';
import type { IntegrationKey } from './integration';

export interface BudgetKey {
  /** Begins with the provider's id; holds no key, and no account in clear. */
  readonly key: string;
  /** Only a provider's answer to a proven credential speaks for the account. */
  readonly proven: boolean;
}

/**
 * Whose call budget a credential spends. One that a test has proven shares its account's; one that nobody has proven
 * spends a budget of the merchant that sent it, so that wrong keys on somebody else's host cost their owner nothing.
 * The origin is part of an account: another server that says it is the same account is not. `keyOf`: what
 * tells the key from another where the provider counts by key; null elsewhere.
 */
export function budgetOf(
  of: IntegrationKey & { readonly accountId: string | null },
  credentials: ProviderCredentials,
  { keyOf }: { keyOf: string | null },
): BudgetKey {
  const prefix = `${of.provider}/${of.environment}`;
  if (of.accountId === null) return { key: `${prefix}/unproven/${of.merchantId}`, proven: false };
  const account = [originOf(credentials.baseUrl), of.accountId, ...(keyOf === null ? [] : [keyOf])];
  return { key: `${prefix}/${digestOf(account)}`, proven: true };
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'invalid';
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
