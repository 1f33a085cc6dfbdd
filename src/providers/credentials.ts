import { DestinationRefused, hostIsUnder, ProviderFailure } from '../platform/outbound';
import type { ProviderCredentials } from './provider';

/** A credential field that cannot be right. The message is the rule; the value is never repeated. */
export function invalidCredential(field: keyof ProviderCredentials, rule: string): ProviderFailure {
  return new ProviderFailure('configuration', rule, { field: `credentials.${field}`, nothingSent: true });
}

/** What a credential test fails with: where nothing knows the path that it asks for, the base URL leads to something else. */
export function leadsElsewhere(error: unknown, where: string): unknown {
  // 403 with this verdict is what a gateway says of an unknown path
  const isUnknownPath =
    error instanceof ProviderFailure && error.verdict === 'contract' && [403, 404, 410].includes(error.status ?? 0);
  if (!isUnknownPath) return error;
  return new ProviderFailure('configuration', `does not lead to ${where}`, {
    status: error.status ?? undefined,
    field: 'credentials.baseUrl',
  });
}

/** A header value: no line break may smuggle in another header. */
export function headerValue(field: keyof ProviderCredentials, value: string | undefined, maxLength: number): string {
  const trimmed = value?.trim() ?? '';
  if (trimmed === '') throw invalidCredential(field, 'must not be empty');
  if (trimmed.length > maxLength) throw invalidCredential(field, `must not be longer than ${maxLength} characters`);
  if (!/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(trimmed)) throw invalidCredential(field, 'must be printable ASCII');
  return trimmed;
}

/**
 * The base URL without query, fragment, trailing slashes and the API's own last path segment, which merchants paste or leave
 * out. Live credentials must point at the provider's own hosts.
 */
export function bareBaseUrl(
  pasted: string,
  options: { segment: string; liveHostSuffixes: readonly string[] | null; live: boolean },
): string {
  let url: URL;
  try {
    url = new URL(pasted.trim());
  } catch {
    throw invalidCredential('baseUrl', 'must be a well-formed URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new DestinationRefused('scheme');
  if (url.username !== '' || url.password !== '') throw new DestinationRefused('userinfo');
  const { liveHostSuffixes } = options;
  if (
    options.live &&
    liveHostSuffixes !== null &&
    !liveHostSuffixes.some((suffix) => hostIsUnder(url.hostname, suffix))
  ) {
    throw new DestinationRefused('host_not_allowed');
  }
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  while (segments.at(-1)?.toLowerCase() === options.segment) segments.pop();
  return [url.origin, ...segments].join('/');
}
