import { Database } from '../../src/platform/database';
import { startTestApp, type TestApp } from './app';
import { nodesClient, type NodesClient } from './nodes';

/** Two processes over one database, a node, and calls about the keys and tokens of that node. */
export interface NodeTokens {
  readonly first: TestApp;
  readonly second: TestApp;
  /** Of the first process, and of the second. */
  readonly api: NodesClient;
  readonly other: NodesClient;
  readonly admin: string;
  readonly nodeId: string;
  make(body?: Record<string, unknown>, node?: string): ReturnType<NodesClient['integration']>;
  exchange(made: { api_key: string; secret: string }, client?: NodesClient): Promise<TokenPair>;
  /** The status of a read of the node. */
  reads(client: NodesClient, accessToken: string): Promise<number>;
  /** How long a token is still taken, in milliseconds; fails when it is for more than a second. */
  refusedAfter(client: NodesClient, accessToken: string): Promise<number>;
  sql(text: string, values: unknown[]): Promise<number>;
  close(): Promise<void>;
}

interface TokenPair {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  expires_at: string;
}

export async function startNodeTokens(): Promise<NodeTokens> {
  const first = await startTestApp();
  const second = await startTestApp({ databaseUrl: first.config.database.url, dataDir: first.config.dataDir });
  const api = nodesClient(first.app, first.url);
  const other = nodesClient(second.app, second.url);
  const admin = await api.token({ roles: ['admin'] });
  const nodeId = (await api.node(admin))['id'] as string;
  let names = 0;

  const reads: NodeTokens['reads'] = async (client, accessToken) =>
    (await client.call('get', `/nodes/${nodeId}`, accessToken)).status;
  return {
    first,
    second,
    api,
    other,
    admin,
    nodeId,
    make: (body = {}, node = nodeId) => {
      const permissions = ['nodes.read', 'integrations.read'];
      return api.integration(admin, node, { name: `key ${names++}`, permissions, ...body });
    },
    exchange: async (made, client = api) =>
      (await client.authenticate(made.api_key, made.secret).expect(200)).body as TokenPair,
    reads,
    refusedAfter: async (client, accessToken) => {
      const startedAt = performance.now();
      for (;;) {
        const status = await reads(client, accessToken);
        if (status === 401) return performance.now() - startedAt;
        if (performance.now() - startedAt > 1_000) throw new Error(`still ${status} after a second`);
      }
    },
    sql: (text, values) => first.app.get(Database).execute(text, values),
    close: async () => {
      await second.close();
      await first.close();
    },
  };
}
