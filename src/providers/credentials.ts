import { DestinationRefused, hostIsUnder, ProviderFailure } from '../platform/outbound';

/**
 * What a credential test fails with: where nothing knows the path that it asks for, the base URL leads to something
 * else.
 */
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

/**
 * The base URL without query, fragment, trailing slashes and the API's own last path segment, which merchants paste or
 * leave out. Live credentials must point at the provider's own hosts.
 */
export function bareBaseUrl(
  pasted: string,
  options: { segment: string; liveHostSuffixes: readonly string[] | null; live: boolean },
): string {
  if (!URL.canParse(pasted)) {
    throw new ProviderFailure('configuration', 'must be a well-formed URL', {
      field: 'credentials.baseUrl',
      nothingSent: true,
    });
  }
  const url = new URL(pasted);
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
