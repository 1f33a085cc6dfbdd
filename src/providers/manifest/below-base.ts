import { ProviderFailure } from '../../platform/outbound';

/** A way up that is left when an address has been read: some servers read it once more. */
const UPWARDS = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:\/|%2f|%5c|$)/i;

/** Whether an address stands below the base URL, where alone the credentials go. */
export function isBelow({ origin, pathname }: URL, baseUrl: string): boolean {
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  return origin === base.origin && `${pathname}/`.startsWith(`${prefix}/`) && !UPWARDS.test(pathname);
}

/** The address of a path, with its query, below the base URL. Throws a ProviderFailure where it leads elsewhere. */
export function addressOf(baseUrl: string, place: string): URL {
  const url = new URL(baseUrl + place);
  if (isBelow(url, baseUrl)) return url;
  throw new ProviderFailure('internal', 'The call was not sent: it leads above the base URL.', { nothingSent: true });
}
