import type { ClientConfig } from 'pg';
import { ScramSocket } from './scram-socket';

/**
 * What every client and pool of node-postgres is made with, so that `require_auth=scram-sha-256` in a URL holds: libpq
 * knows that parameter, node-postgres does not.
 */
export function connectionTo(
  url: string,
): Required<Pick<ClientConfig, 'connectionString'>> & Pick<ClientConfig, 'stream'> {
  const requiresScram = /[?&]require_auth=scram-sha-256(&|$)/.test(url);
  return { connectionString: url, ...(requiresScram ? { stream: () => new ScramSocket() } : {}) };
}
