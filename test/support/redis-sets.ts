import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { eventually } from './eventually';
import { startTestRedis, type TestRedis } from './redis';

const run = promisify(execFile);
/** What a user needs, as docs/operations.md has it. */
export const USER_RIGHTS = '~bull:* +@read +@write +@connection +@scripting +@transaction +info';
const PRIMARY = 'interlock';
/** How long a Sentinel waits before it takes a silent primary for dead. */
const DOWN_AFTER_MS = 1_000;

/** A primary, a replica and the Sentinels that watch them. */
export interface SentinelSet {
  readonly url: string;
  readonly primary: TestRedis;
  readonly replica: TestRedis;
  stop(): Promise<void>;
}

export async function startSentinelSet(sentinels = 3): Promise<SentinelSet> {
  const started: TestRedis[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((redis) => redis.stop()));
  };
  const start = async (options: Parameters<typeof startTestRedis>[0] = {}): Promise<TestRedis> => {
    const redis = (await startTestRedis(options))!;
    started.push(redis);
    return redis;
  };
  try {
    const primary = await start();
    const replica = await start({
      configuration: (port) => [`port ${port}`, `replicaof 127.0.0.1 ${primary.port}`, 'repl-diskless-sync-delay 0'],
    });
    await asked(replica.port, async (redis) =>
      eventually(async () => expect(await redis.info('replication')).toContain('master_link_status:up'), 20_000),
    );
    const watching = Array.from({ length: sentinels }, () =>
      start({
        sentinel: true,
        configuration: (port) => [
          `port ${port}`,
          `sentinel monitor ${PRIMARY} 127.0.0.1 ${primary.port} ${Math.floor(sentinels / 2) + 1}`,
          `sentinel down-after-milliseconds ${PRIMARY} ${DOWN_AFTER_MS}`,
          `sentinel failover-timeout ${PRIMARY} 5000`,
        ],
      }),
    );
    const ports = (await Promise.all(watching)).map(({ port }) => port);
    // until they know each other and the replica they promote nobody
    for (const port of ports) {
      await asked(port, (redis) =>
        eventually(async () => {
          const known = String(await redis.info('sentinel'));
          expect(known).toContain(`slaves=1,sentinels=${sentinels}`);
        }, 20_000),
      );
    }
    const url = `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${PRIMARY}`;
    return { url, primary, replica, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A Cluster of primaries alone, which share the slots. */
export interface TestCluster {
  readonly url: string;
  readonly nodes: readonly TestRedis[];
  /** How many keys each node holds whose name begins so. */
  keys(prefix: string): Promise<number[]>;
  stop(): Promise<void>;
}

export async function startTestCluster(size = 3): Promise<TestCluster> {
  const nodes: TestRedis[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.splice(0).map((redis) => redis.stop()));
  };
  try {
    for (let node = 0; node < size; node += 1) {
      nodes.push(
        (await startTestRedis({
          configuration: (port) => [
            `port ${port}`,
            'cluster-enabled yes',
            'cluster-node-timeout 1500',
            // a test loses a node for a while, and the others serve their own slots
            'cluster-require-full-coverage no',
            `user interlock on >of-a-cluster ${USER_RIGHTS} +cluster|slots +cluster|info`,
          ],
        }))!,
      );
    }
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { timeout: 30_000 });
    for (const { port } of nodes) {
      await asked(port, (redis) =>
        eventually(async () => expect(await redis.cluster('INFO')).toContain('cluster_state:ok'), 20_000),
      );
    }
    const keys = (prefix: string): Promise<number[]> =>
      Promise.all(nodes.map(({ port }) => asked(port, async (redis) => (await redis.keys(`${prefix}*`)).length)));
    return { url: `redis+cluster://interlock:of-a-cluster@${addresses.join(',')}`, nodes, keys, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Moves every slot in which one node has keys to another, as `redis-cli --cluster reshard` does, under load too. */
export async function migrateSlots(from: TestRedis, to: TestRedis): Promise<void> {
  await asked(from.port, (source) =>
    asked(to.port, async (target) => {
      const [sourceId, targetId] = [await source.cluster('MYID'), await target.cluster('MYID')] as [string, string];
      const names = await source.keys('*');
      const slots = new Set(await Promise.all(names.map((name) => source.cluster('KEYSLOT', name))));
      for (const slot of slots) {
        await target.cluster('SETSLOT', slot, 'IMPORTING', sourceId);
        await source.cluster('SETSLOT', slot, 'MIGRATING', targetId);
        for (;;) {
          const keys = await source.cluster('GETKEYSINSLOT', slot, 50);
          if (keys.length === 0) break;
          await source.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...(keys as string[]));
        }
        for (const node of [target, source]) await node.cluster('SETSLOT', slot, 'NODE', targetId);
      }
    }),
  );
}

/** One connection to one server, for as long as the question takes. */
export async function asked<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
  redis.on('error', () => undefined);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}
