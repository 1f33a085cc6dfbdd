import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { Reconciler } from '../../src/sync/reconciler';
import { RunQueue, RUNS_QUEUE } from '../../src/sync/run.queue';
import { RunRepository } from '../../src/sync/store/run.repository';
import { describeOnBothQueues } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

const customersOnly = { syncProducts: false, syncPackages: false, syncInvoices: false };

describeOnBothQueues(
  'turns at one worker slot',
  (application) => {
    it('go to a run that has had none before another of a long import', async () => {
      // four turns of twenty pages each, and some time for each page
      const big = await Promise.all(
        [1, 2, 3].map(() => makeClinic(application(), { sizes: { patients: 8_000, invoices: 0, payments: 0 } })),
      );
      for (const { accountKey } of big) {
        application().sandbox.practicehub.addFaults([{ kind: 'delay', delayMs: 15, match: { apiKey: accountKey } }]);
      }
      for (const clinic of big) await clinic.activate(customersOnly).expect(200);
      const turns = async (): Promise<number[]> =>
        (
          await big[0]!.sql<{ attempt: number }>(
            `SELECT r.attempt FROM sync_runs r JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = ANY($1)`,
            [big.map(({ merchantId }) => merchantId)],
          )
        ).map(({ attempt }) => attempt);
      await eventually(async () => expect(Math.min(...(await turns()))).toBeGreaterThanOrEqual(2));

      const small = await makeClinic(application(), { sizes: { patients: 5, invoices: 0, payments: 0 } });
      await small.activate(customersOnly).expect(200);
      const before = sum(await turns());
      expect(await small.settled()).toBe('succeeded');
      // the turn under way when it came, and one that may have begun since it ended: not those of the two that were
      // waiting
      expect(sum(await turns()) - before).toBeLessThanOrEqual(2);
      for (const clinic of big) expect(await clinic.settled()).toBe('succeeded');
    }, 90_000);
  },
  { environment: { WORKER_CONCURRENCY: '1' } },
);

describeOnBothQueues(
  'a long run that newcomers keep out',
  (application) => {
    let clinic: Clinic;
    beforeAll(async () => {
      clinic = await makeClinic(application());
    });

    it('stands among them after a minute, and not before', async () => {
      await clinic.activate(customersOnly).expect(200);
      const { app } = application();
      // as if it had been handed back for its second turn so long ago
      const waitingFor = async (seconds: number): Promise<string> =>
        (
          await clinic.sql<{ id: string }>(
            `UPDATE sync_runs r SET attempt = 2, created_at = now() - interval '1 hour', not_before = now() - $2 * interval '1 second'
             FROM integrations i WHERE i.id = r.integration_id AND i.merchant_id = $1 RETURNING r.id`,
            [clinic.merchantId, seconds],
          )
        )[0]!.id;
      const id = await waitingFor(50);
      const jobs = async () =>
        (await app.get<Queue>(getQueueToken(RUNS_QUEUE)).getJobs(['waiting', 'prioritized']))
          .filter((job) => job.id!.startsWith(`${id}-2`))
          .map((job) => [job.id!.slice(id.length), job.priority]);
      // there is no worker here, and so no reconciler but this one
      const reconciler = new Reconciler(app.get(RunRepository), app.get(RunQueue));
      await app.get(RunQueue).add([{ id, attempt: 2, delayMs: 0, yields: true }]);
      await reconciler.tick();
      expect(await jobs()).toEqual([['-2', 1]]);
      await waitingFor(70);
      await reconciler.tick();
      await reconciler.tick();
      expect(await jobs()).toEqual([['-2', 0]]);
    });
  },
  { environment: { ROLE: 'api' } },
);

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
