import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import request from 'supertest';
import { RunQueue } from '../../src/sync/run.queue';
import { adminToken } from '../support/admin';
import { QUEUE_BACKENDS, startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { migratedDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { findProgram } from '../support/optional-programs';
import { startTestRedis } from '../support/redis';
import { expectEachOnce, runsWhenEnded } from '../support/run-load';

jest.setTimeout(240_000);

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const NAMES = ['runs', 'runs-1', 'runs-2'];
const MOST_ACCOUNTS = 60;

describe.each(QUEUE_BACKENDS)('the shards of the queue (%s)', (backend) => {
  (backend === 'redis' && findProgram('redis') === null ? it.skip : it)(
    'share the runs, and another number of them at the next start loses no run and begins none twice',
    async () => {
      const { url: databaseUrl, drop } = await migratedDatabase();
      undo.push(drop);
      const dataDir = mkdtempSync(path.join(os.tmpdir(), 'interlock-test-shards-'));
      undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
      const redis = backend === 'redis' ? (await startTestRedis())! : null;
      if (redis) undo.push(() => redis.stop());
      const start = async (shards: number, ROLE: string, more: Record<string, string> = {}): Promise<TestApp> => {
        const environment = { QUEUE_SHARDS: String(shards), ROLE, ...more };
        const running = await startTestApp({ databaseUrl, redisUrl: redis?.url, dataDir, environment });
        undo.push(() => running.close());
        return running;
      };

      const api = await start(3, 'api');
      const sizes = (): Promise<number[]> =>
        Promise.all(
          NAMES.map((name) => api.app.get<Queue>(getQueueToken(name), { strict: false }).getJobCountByTypes('waiting')),
        );
      let runs = 0;
      while ((await sizes()).some((size) => size < 2) && runs < MOST_ACCOUNTS) {
        await (await makeClinic(api, { sizes: { patients: 1, '*': 0 } })).activate().expect(200);
        runs += 1;
      }
      expect(Math.min(...(await sizes()))).toBeGreaterThanOrEqual(2);
      expect(await api.app.get(RunQueue).size()).toBe(runs);
      const token = await adminToken(api, 'admin');
      const board = await request(api.url).get('/admin/queues/api/queues').set('authorization', `Bearer ${token}`);
      expect(board.body.queues.map(({ name }: { name: string }) => name)).toEqual(NAMES);

      // the jobs of the third queue are out of its reach, and come again to the others
      const fewer = await start(2, 'all', { SANDBOX_ORIGIN: api.sandboxUrl });
      expectEachOnce(await runsWhenEnded(databaseUrl, 120_000), runs);
      const left = await sizes();
      expect(left[2]).toBeGreaterThanOrEqual(2);
      await fewer.close();

      // where they are in reach again they begin nothing
      await start(3, 'all', { SANDBOX_ORIGIN: api.sandboxUrl });
      await eventually(async () => expect(await api.app.get(RunQueue).size()).toBe(0), 30_000);
      expectEachOnce(await runsWhenEnded(databaseUrl, 30_000), runs);
    },
  );
});
