import { Client } from 'pg';
import { Reconciler } from '../../src/sync/reconciler';
import { RunQueue } from '../../src/sync/run.queue';
import { RunRepository } from '../../src/sync/store/run.repository';
import { describeOnBothQueues } from '../support/app';

const RUNS = 2_600;
const PAGE = 500;

describeOnBothQueues(
  'the loss of the queue with a long backlog',
  (application) => {
    it('is healed in one tick, and a backlog whose jobs are there is not added again each time', async () => {
      const { app, config } = application();
      const client = new Client({ connectionString: config.database.url });
      await client.connect();
      try {
        // all of one moment, so that pages are told apart by id
        await client.query(
          `WITH m AS (INSERT INTO merchants (id, name, default_currency) SELECT gen_random_uuid(), 'm' || n, 'GBP'
               FROM generate_series(1, ${RUNS}) n RETURNING id),
             i AS (INSERT INTO integrations (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id)
               SELECT gen_random_uuid(), id, 'sandbox', 'practicehub', 'inactive', true, '{}', 'a' FROM m RETURNING id)
           INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, created_at)
           SELECT gen_random_uuid(), id, 'sync', 'sync', 'scheduled', 'queued', now() - interval '1 minute' FROM i`,
        );
      } finally {
        await client.end();
      }
      const queue = app.get(RunQueue);
      const reconciler = new Reconciler(app.get(RunRepository), queue);
      await reconciler.tick();
      expect(await queue.size()).toBe(RUNS);
      expect(reconciler.healed.readded).toBe(RUNS);
      await reconciler.tick();
      expect(await queue.size()).toBe(RUNS);
      expect(reconciler.healed.readded).toBe(RUNS + PAGE);
    }, 60_000);
  },
  { environment: { ROLE: 'api' } },
);
