import { randomUUID } from 'node:crypto';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { Database, UnitOfWork } from '../../src/platform/database';
import { RunQueue, RUNS_QUEUE } from '../../src/sync/run.queue';
import { CursorRepository } from '../../src/sync/store/cursor.repository';
import { ProviderBreakerRepository } from '../../src/sync/store/provider-breaker.repository';
import { ScheduleRepository } from '../../src/sync/store/schedule.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startTestRedis } from '../support/redis';

describe('what the engine does when things end otherwise than planned', () => {
  let running: TestApp;
  let clinic: Clinic;
  let integrationId: string;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api', DATABASE_POOL_SIZE: '2' } });
    clinic = await makeClinic(running);
    integrationId = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  const inTransaction = <T>(work: Parameters<UnitOfWork['run']>[0]) => running.app.get(UnitOfWork).run(work) as T;

  it('probes again when a probe was cancelled and left its breaker half-open', async () => {
    await clinic.sql(`UPDATE sync_runs SET state = 'cancelled' WHERE integration_id = $1`, [integrationId]);
    await clinic.sql(
      `UPDATE sync_health SET breaker = 'half_open', breaker_cause = 'failures', probe_at = now() WHERE integration_id = $1`,
      [integrationId],
    );
    const probes = await inTransaction<Promise<{ integrationId: string }[]>>((tx) =>
      running.app.get(ScheduleRepository).claimProbes(tx, 10),
    );
    expect(probes).toMatchObject([{ integrationId }]);
    // the next one is an hour away
    expect(await inTransaction((tx) => running.app.get(ScheduleRepository).claimProbes(tx, 10))).toEqual([]);
  });

  it('shows a resource as failed though its last run had succeeded, but for a stream that this run completed', async () => {
    await clinic.sql(
      `UPDATE sync_cursors SET last_sync_status = 'success',
         cursor = jsonb_build_object('v', 1, 'completedBy', CASE WHEN stream = 'services' THEN 'this-run' ELSE 'earlier' END)
       WHERE integration_id = $1`,
      [integrationId],
    );
    await inTransaction((tx) =>
      running.app.get(CursorRepository).markFailed(tx, { integrationId, resourceType: 'products' }, 'this-run', 'no'),
    );
    const streams = await clinic.sql(
      `SELECT stream, last_sync_status AS status FROM sync_cursors WHERE integration_id = $1 AND resource_type = 'products'
       ORDER BY stream`,
      [integrationId],
    );
    expect(streams).toEqual([
      { stream: 'packages', status: 'error' },
      { stream: 'products', status: 'error' },
      { stream: 'services', status: 'success' },
    ]);
    const states = (await clinic.call('get', '/sync-states').expect(200)).body.data;
    expect(states).toContainEqual(
      expect.objectContaining({ resourceType: 'products', lastSyncStatus: 'error', lastSyncError: 'no' }),
    );
  });

  it('gives the connection back before what follows a commit', async () => {
    // as many transactions as connections, and all have committed before one of them goes on: held ones would never
    // come free
    let committed = 0;
    const answers = [0, 1].map(
      () =>
        new Promise((resolve) => {
          void inTransaction<Promise<void>>(async (tx) =>
            tx.afterCommit(async () => {
              committed++;
              await eventually(() => expect(committed).toBe(2));
              resolve(await running.app.get(Database).query('SELECT 1 AS one'));
            }),
          );
        }),
    );
    expect(await Promise.all(answers)).toEqual([[{ one: 1 }], [{ one: 1 }]]);
  });

  it('notes an outage on the connection that ends the run: when all runs end at once there is no other', async () => {
    let begun = 0;
    const breakers = running.app.get(ProviderBreakerRepository);
    const end = () =>
      inTransaction<Promise<boolean>>(async (tx) => {
        begun++;
        await eventually(() => expect(begun).toBe(2));
        return breakers.recordFailure(tx, {
          integration: {
            id: integrationId,
            merchantId: clinic.merchantId,
            provider: 'practicehub',
            environment: 'sandbox',
          },
          runId: randomUUID(),
          verdict: 'provider_down',
          host: 'clinic.example',
          minHosts: 2,
        });
      });
    expect(await Promise.all([end(), end()])).toEqual([false, false]);
  });
});

describe('a queue whose store does not answer', () => {
  it('holds nobody up, piles nothing up, and takes jobs again when it is back', async () => {
    const redis = await startTestRedis();
    if (!redis) return;
    const application = await startTestApp({ redisUrl: redis.url, environment: { ROLE: 'api' } });
    const queue = application.app.get(RunQueue);
    const job = (id: string) => [{ id, attempt: 1, delayMs: 0 }];
    const stored = async () =>
      (await application.app.get<Queue>(getQueueToken(RUNS_QUEUE)).getJobs(['waiting'])).map((waiting) => waiting.id!);
    const warnings = () => application.logs.filter((line) => line.includes('jobs were not added')).length;
    try {
      await queue.add(job('before'));
      process.kill(redis.pid, 'SIGSTOP');
      await queue.add(job('lost'));
      expect(warnings()).toBe(1);
      for (let count = 0; count < 50; count++) await queue.add(job(`piled-${count}`));
      expect(warnings()).toBe(1);
      process.kill(redis.pid, 'SIGCONT');
      await eventually(async () => {
        await queue.add(job('after'));
        expect(await stored()).toEqual(expect.arrayContaining(['before-1', 'after-1']));
      });
      expect((await stored()).filter((id) => id.startsWith('piled'))).toEqual([]);
    } finally {
      process.kill(redis.pid, 'SIGCONT');
      await application.close();
      await redis.stop();
    }
  });
});
