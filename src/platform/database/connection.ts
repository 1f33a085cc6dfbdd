import pg, { type ClientConfig, type PoolConfig } from 'pg';
import { databaseAddressOf } from '../config/database-address';
import { ScramSocket } from './scram-socket';
import { ServerSearch } from './server-search';

type ConnectionConfig = Required<Pick<ClientConfig, 'connectionString'>> &
  Pick<ClientConfig, 'stream'> &
  Pick<PoolConfig, 'Client'>;

/** One for each URL, so that all connections of the process go to one server. */
const clients = new Map<string, typeof pg.Client>();

/**
 * What every pool of node-postgres is made with, so that these hold, which libpq knows and node-postgres does not:
 * `require_auth=scram-sha-256`, several hosts, and `target_session_attrs`.
 */
export function connectionTo(url: string): ConnectionConfig {
  const { servers, target } = databaseAddressOf(url);
  const first = configOf(servers[0]!);
  if (servers.length === 1 && target === 'any') return first;
  let client = clients.get(url);
  if (!client) {
    const makers = servers.map(
      (server) => (settings: ClientConfig) => new pg.Client({ ...configOf(server), ...settings }),
    );
    client = clientFinding(new ServerSearch(target, makers));
    clients.set(url, client);
  }
  return { ...first, Client: client as PoolConfig['Client'] };
}

/** The same for a client that is in no pool. */
export function newClient(url: string, settings: ClientConfig): pg.Client {
  const { Client, ...connection } = connectionTo(url);
  return new ((Client as typeof pg.Client | undefined) ?? pg.Client)({ ...connection, ...settings });
}

function configOf(connectionString: string): ConnectionConfig {
  const requiresScram = /[?&]require_auth=scram-sha-256(&|$)/.test(connectionString);
  return { connectionString, ...(requiresScram ? { stream: () => new ScramSocket() } : {}) };
}

/** Clients that look for their server when they connect. */
function clientFinding(search: ServerSearch): typeof pg.Client {
  return class extends pg.Client {
    override connect(): Promise<pg.Client>;
    override connect(callback: ((error: Error) => void) | ((error: null, client: pg.Client) => void)): void;
    override connect(callback?: (error: never, client: pg.Client) => void): Promise<pg.Client> | void {
      // one that is cut before its owner listens must not end the process
      this.on('error', () => undefined);
      const connected = this.reach();
      if (!callback) return connected;
      const tell = callback as (error: Error | null, client: pg.Client) => void;
      // what the callback throws is not the connection's failure
      connected.then(
        () => process.nextTick(tell, null, this),
        (error: Error) => process.nextTick(tell, error, this),
      );
    }

    /** The search is a part of the time that the client has. */
    private async reach(): Promise<this> {
      const { _connectionTimeoutMillis: ms } = this as unknown as { readonly _connectionTimeoutMillis: number };
      const connecting = search.connect(this, () => super.connect());
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        if (ms === 0) return;
        timer = setTimeout(() => {
          reject(new Error('timeout expired'));
          this.connection.stream.destroy();
        }, ms);
      });
      await Promise.race([connecting, late]).finally(() => clearTimeout(timer));
      return this;
    }
  };
}
