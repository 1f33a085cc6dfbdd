import type { Classification } from '../platform/outbound';

/** What an HTTP status means, where the provider follows the usual meanings. null: the answer is good. */
export function classifyStatus(status: number, providerMessage: string | null): Classification | null {
  if (status >= 200 && status <= 299) return null;
  return { verdict: verdictOf(status), providerMessage };
}

function verdictOf(status: number): Classification['verdict'] {
  if (status === 401) return 'auth';
  if (status === 403) return 'permission';
  if (status === 404 || status === 410) return 'gone';
  if (status === 429) return 'rate_limited';
  if (status === 408 || status >= 500) return 'provider_down';
  return 'contract';
}

/** The first of these fields of an error body that is a text. */
export function messageIn(body: unknown, ...fields: readonly string[]): string | null {
  if (typeof body !== 'object' || body === null) return null;
  for (const field of fields) {
    const value = (body as Record<string, unknown>)[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}
