import type { Client, ClientConfig } from 'pg';
import { within } from '../clock';
import type { TargetSession } from '../config/database-address';

/** For a server to let a client in, and again for it to answer. */
const SERVER_MS = 2_000;

/** None of the servers can be used now. Its code is PostgreSQL's own for a connection that cannot be made. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
  readonly code = '08001';

  constructor(
    reasons: readonly string[],
    /** Whether one of them answers, and takes no writes. */
    readonly readOnly: boolean,
  ) {
    super(`No server of the database can be used: ${reasons.join(', ')}.`);
  }
}

/** Makes a client of one server. */
type NewClient = (settings: ClientConfig) => Client;

interface Server {
  readonly newClient: NewClient;
  /** As a message may name it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Finds the server that connections are to be made to: the one that was right before, or else the first that is.
 * node-postgres knows one server for each client.
 */
export class ServerSearch {
  private readonly servers: readonly Server[];
  private right = 0;
  private underWay: Promise<Server> | null = null;
  private readonly clients = new Set<{ readonly client: Client; readonly server: Server }>();

  constructor(
    private readonly target: TargetSession,
    servers: readonly NewClient[],
  ) {
    this.servers = servers.map((newClient) => {
      const { host, port } = newClient({});
      return { newClient, name: `${host}:${port}`, host, port };
    });
  }

  /** One search at a time, for all who ask meanwhile. */
  find(): Promise<Server> {
    this.underWay ??= this.search().finally(() => (this.underWay = null));
    return this.underWay;
  }

  /** Aims a client that is not connected yet. It is cut once its server is no longer the right one. */
  aim(client: Client, server: Server): void {
    const aimed = { client, server };
    client.host = server.host;
    client.port = server.port;
    this.clients.add(aimed);
    client.once('end', () => this.clients.delete(aimed));
  }

  private async search(): Promise<Server> {
    const reasons: string[] = [];
    let readOnly = false;
    for (let step = 0; step < this.servers.length; step++) {
      const place = (this.right + step) % this.servers.length;
      const server = this.servers[place]!;
      try {
        if (await this.fits(server)) {
          if (step > 0) this.move(place);
          return server;
        }
        readOnly = true;
        reasons.push(`${server.name} is read-only`);
      } catch (error) {
        reasons.push(`${server.name} ${wordsFor(error)}`);
      }
    }
    throw new NoServerError(reasons, readOnly);
  }

  /** A server that takes no writes any more may answer reads with what is old by now, and hears no signals. */
  private move(place: number): void {
    this.right = place;
    if (this.target === 'any') return;
    for (const { client, server } of this.clients) {
      if (server !== this.servers[place]) client.connection.stream.destroy();
    }
  }

  private async fits({ newClient }: Server): Promise<boolean> {
    const client = newClient({
      application_name: 'interlock-search',
      connectionTimeoutMillis: SERVER_MS,
      query_timeout: SERVER_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ fits: boolean }>(
        `SELECT $1::text = 'any' OR NOT pg_is_in_recovery()
           AND ($1 = 'primary' OR current_setting('transaction_read_only') = 'off') AS fits`,
        [this.target],
      );
      return rows[0]!.fits;
    } finally {
      void within(SERVER_MS, client.end());
    }
  }
}

/** Never what a driver says of itself: that may hold the user's name or what was sent. */
function wordsFor(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `cannot be used (${code})` : 'does not answer';
}
