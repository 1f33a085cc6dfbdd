import type { Client, ClientConfig } from 'pg';
import { within } from '../clock';
import type { TargetSession } from '../config/database-address';

/** For a server to let a client in and to answer it: what a connection has where one host is named. */
const SERVER_MS = 5_000;
/** After this the others are asked too. */
const HEAD_START_MS = 500;
const PARTING_MS = 2_000;

/** `reached`: it is there, and says something else or nothing. */
type Fault = 'read-only' | 'unreached' | 'reached';

/** Why one server cannot be used. */
class Misfit extends Error {
  constructor(
    readonly words: string,
    readonly fault: Fault,
  ) {
    super(words);
  }
}

/** None of the servers can be used now. Its code is PostgreSQL's own for a connection that cannot be made. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
  readonly code = '08001';
  /** Whether those that are reached take no writes. One that lets nobody in may be the one that does. */
  readonly readOnly: boolean;

  constructor(misfits: readonly Misfit[]) {
    super(`No server of the database can be used: ${misfits.map(({ words }) => words).join(', ')}.`);
    const faults = new Set(misfits.map(({ fault }) => fault));
    this.readOnly = faults.has('read-only') && !faults.has('reached');
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
 * Finds the server that connections are to be made to, and makes them: to the one that was right before, or else to the
 * first that is. node-postgres knows one server for each client.
 */
export class ServerSearch {
  /** The one that was right before comes first. */
  private servers: readonly Server[];
  private known: Server | null = null;
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

  /**
   * `connect`: connects the client to the server that it is aimed at. One that is slow is let in once and not twice: a
   * server that is known is asked by the client itself.
   */
  async connect(client: Client, connect: () => Promise<unknown>): Promise<void> {
    const { known } = this;
    const server = known ?? (await this.find());
    // its socket would be opened again for a client that nobody has any more
    if (isGivenUp(client)) throw new Error('Connection terminated');
    this.aim(client, server);
    if (!known) return void (await connect());
    const slow = setTimeout(() => void this.find().catch(() => undefined), HEAD_START_MS);
    try {
      await connect();
      await this.examine(client, server);
    } catch (error) {
      client.connection.stream.destroy();
      if (this.known === server) this.known = null;
      // a client connects once: the next one is told
      await this.find();
      throw error instanceof Misfit ? new Error(`Connection terminated: ${error.words}`) : error;
    } finally {
      clearTimeout(slow);
    }
  }

  /** One search at a time, for all who ask meanwhile. */
  private find(): Promise<Server> {
    this.underWay ??= this.search().finally(() => (this.underWay = null));
    return this.underWay;
  }

  /** Aims a client that is not connected yet. It is cut once its server is no longer the right one. */
  private aim(client: Client, server: Server): void {
    const aimed = { client, server };
    client.host = server.host;
    client.port = server.port;
    this.clients.add(aimed);
    client.once('end', () => this.clients.delete(aimed));
  }

  /** All others are asked at the same time, so that none that is slow or silent delays the others. */
  private async search(): Promise<Server> {
    const [first, ...others] = this.servers;
    const asked = [this.ask(first!)];
    if (!(await within(HEAD_START_MS, asked[0]!))) asked.push(...others.map((server) => this.ask(server)));
    try {
      const found = await Promise.any(asked);
      this.moveTo(found);
      return found;
    } catch (error) {
      this.known = null;
      throw new NoServerError((error as AggregateError).errors as Misfit[]);
    }
  }

  /** A server that takes no writes any more may answer reads with what is old by now, and hears no signals. */
  private moveTo(found: Server): void {
    this.known = found;
    this.servers = [found, ...this.servers.filter((server) => server !== found)];
    if (this.target === 'any') return;
    for (const { client, server } of this.clients) {
      if (server !== found) client.connection.stream.destroy();
    }
  }

  private async ask(server: Server): Promise<Server> {
    const client = server.newClient({ application_name: 'interlock-search' });
    let reached = false;
    client.on('error', () => undefined);
    client.connection.once('connect', () => (reached = true));
    const late = setTimeout(() => client.connection.stream.destroy(), SERVER_MS);
    try {
      await client.connect();
      await this.examine(client, server);
      return server;
    } catch (error) {
      throw error instanceof Misfit ? error : misfitOf(server, error, reached);
    } finally {
      clearTimeout(late);
      void leave(client);
    }
  }

  private async examine(client: Client, server: Server): Promise<void> {
    if (this.target === 'any') return;
    const { rows } = await client.query<{ fits: boolean }>(
      `SELECT NOT pg_is_in_recovery()
         AND ($1::text = 'primary' OR current_setting('transaction_read_only') = 'off') AS fits`,
      [this.target],
    );
    if (!rows[0]!.fits) throw new Misfit(`${server.name} is read-only`, 'read-only');
  }
}

/** By its owner's `end`, or by a pool that has waited long enough. */
function isGivenUp(client: Client): boolean {
  return (client as Client & { readonly _ending: boolean })._ending || client.connection.stream.destroyed;
}

/** The other end may never close. */
async function leave(client: Client): Promise<void> {
  if (!(await within(PARTING_MS, client.end()))) client.connection.stream.destroy();
}

/** Never what a driver says of itself: that may hold the user's name or what was sent. */
function misfitOf({ name }: Server, error: unknown, reached: boolean): Misfit {
  const { code } = error as { code?: unknown };
  const words = typeof code === 'string' ? `cannot be used (${code})` : 'does not answer';
  return new Misfit(`${name} ${words}`, reached ? 'reached' : 'unreached');
}
