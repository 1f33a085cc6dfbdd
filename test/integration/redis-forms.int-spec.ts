import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import request from 'supertest';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { findProgram } from '../support/optional-programs';
import { startTestRedis } from '../support/redis';
import { migrateSlots, startSentinelSet, startTestCluster, USER_RIGHTS } from '../support/redis-sets';
import { makeCertificates } from '../support/rsyslog';
import { expectEachOnce, startRunLoad } from '../support/run-load';

jest.setTimeout(180_000);

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function appOn(redisUrl: string, environment: Record<string, string> = {}): Promise<TestApp> {
  const running = await startTestApp({ redisUrl, environment });
  undo.push(() => running.close());
  return running;
}

/** What readiness says of the queue. */
const queueOf = async (running: TestApp): Promise<object> =>
  (await request(running.url).get('/health/ready')).body.checks.queue;

const moreEnd = async (load: { ended(): Promise<number> }, more: number, withinMs = 30_000): Promise<void> => {
  const before = await load.ended();
  await eventually(async () => expect(await load.ended()).toBeGreaterThanOrEqual(before + more), withinMs, 200);
};

(findProgram('redis') === null ? describe.skip : describe)('the queue on Redis as it is run (redis-server)', () => {
  it('is reached over TLS, by a user that may touch its keys alone, whose password is written nowhere', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-test-tls-'));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const { ca, cert, key } = makeCertificates(folder);
    const redis = (await startTestRedis({
      configuration: (port) => [
        ...['port 0', `tls-port ${port}`],
        ...[`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${ca}`],
        `user interlock on >canary@of:redis ${USER_RIGHTS}`,
      ],
      client: { tls: { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) } },
    }))!;
    undo.push(() => redis.stop());
    const files = `ssl_ca_certs=${ca}&ssl_certfile=${cert}&ssl_keyfile=${key}`;
    const at = (password: string): string => `rediss://interlock:${password}@127.0.0.1:${redis.port}?${files}`;
    const running = await appOn(at('canary%40of%3Aredis'));
    expect(await queueOf(running)).toEqual({ status: 'up' });
    const clinic = await makeClinic(running, { sizes: { patients: 2, '*': 0 } });
    await clinic.activate().expect(200);
    expect(await clinic.settled(60_000)).toBe('succeeded');
    // what nobody listens to is printed
    const printed = jest.spyOn(console, 'error').mockImplementation();
    undo.push(() => printed.mockRestore());
    const refused = await appOn(at('another-canary'));
    expect(await queueOf(refused)).toEqual({ status: 'down', reason: 'does not answer' });
    const logs = [...running.logs, ...refused.logs, inspect(printed.mock.calls, { depth: 9 })];
    expect(logs.some((line) => line.includes('WRONGPASS'))).toBe(true);
    expect(logs.filter((line) => line.includes('canary'))).toEqual([]);
  });

  it('goes on at the next primary of its Sentinels when the first one is killed, and loses no run', async () => {
    const set = await startSentinelSet();
    undo.push(() => set.stop());
    const running = await appOn(set.url, { QUEUE_SHARDS: '2' });
    const load = await startRunLoad(running, 6);
    await moreEnd(load, 6);
    process.kill(set.primary.pid, 'SIGKILL');
    await eventually(async () => expect(await queueOf(running)).toMatchObject({ status: 'down' }), 20_000);
    await eventually(async () => expect(await queueOf(running)).toEqual({ status: 'up' }), 40_000);
    await moreEnd(load, 12);
    expectEachOnce(await load.finish(40_000), 18);
  });

  it('is spread over the nodes of a Cluster, whatever is moved and while one is lost', async () => {
    const cluster = await startTestCluster();
    undo.push(() => cluster.stop());
    const running = await appOn(cluster.url, { QUEUE_SHARDS: '3' });
    const load = await startRunLoad(running, 9);
    await moreEnd(load, 9);
    for (const keys of await cluster.keys('bull:{')) expect(keys).toBeGreaterThan(0);

    const [first, second, third] = cluster.nodes;
    await migrateSlots(first!, second!);
    expect((await cluster.keys('bull:{'))[0]).toBe(0);
    await moreEnd(load, 9);

    process.kill(third!.pid, 'SIGSTOP');
    try {
      await eventually(async () => expect(await queueOf(running)).toMatchObject({ status: 'down' }), 20_000);
      await moreEnd(load, 3);
      await sleep(2_000);
    } finally {
      process.kill(third!.pid, 'SIGCONT');
    }
    await eventually(async () => expect(await queueOf(running)).toEqual({ status: 'up' }), 40_000);
    await moreEnd(load, 9);
    expectEachOnce(await load.finish(40_000), 30);
  });
});
