import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { EventLog, EVENTS_CHANNEL, exampleData, type EventScope } from '../src/events';
import { MerchantService } from '../src/merchants';
import { UnitOfWork } from '../src/platform/database';
import { EndpointsService } from '../src/webhooks';
import { startTestApp, type TestApp } from '../test/support/app';
import { build } from '../test/support/build';
import { benchmark, quantile, seconds, type Sample } from './support/benchmark';
import { PlainWebhooks } from './support/plain-webhooks';
import { startBenchPostgres } from './support/postgres';
import { memoryOf, starvedSecondsOf } from './support/process-figures';
import { benchKeyring, startService } from './support/service';
import { SLOW_PATH, startBenchReceiver, type BenchReceiver } from './support/webhook-receiver';

const sizes = {
  /** Of two merchants. */
  endpoints: { full: 100, quick: 4 },
  /** To each endpoint, in each run. */
  events: { full: 100, quick: 20 },
  /** Appended one by one, five a second, each to half of the endpoints. */
  single: { full: 50, quick: 5 },
  /** Of a third merchant, at a receiver that takes fifteen seconds for each answer: as many as a merchant may have. */
  slow: { full: 50, quick: 2 },
  /** That happened while an endpoint was off. */
  backlog: { full: 1_000_000, quick: 1_000 },
  /** Of these: sent while it is measured how fast it catches up. */
  caught: { full: 20_000, quick: 200 },
};
const SINGLE_EVERY_MS = 200;
/** More than each slow endpoint takes while the others are measured. */
const SLOW_EVENTS = 50;
const SLOW_BEGUN_MS = 2_000;
const SETTINGS = {
  description: null,
  eventTypes: null,
  providers: null,
  integrationIds: null,
  includeData: false,
  ordering: 'parallel',
  ratePerSecond: null,
  mirroredSignature: false,
} as const;

interface World {
  readonly api: TestApp;
  readonly client: Client;
  readonly receiver: BenchReceiver;
}

/** Deliveries of a worker process of its own to a receiver in another one. */
benchmark({ sizes, runs: { full: 3, quick: 1 } }, async ({ runs, sizes, log, report }) => {
  build();
  const postgres = await startBenchPostgres();
  const receiver = await startBenchReceiver();
  const plain = await PlainWebhooks.start();
  const environment = { LOCAL_KEYRING: benchKeyring(), OUTBOUND_ALLOW_PRIVATE: 'true' };
  const api = await startTestApp({ environment: { ...environment, ROLE: 'api', LOG_LEVEL: 'warn' } });
  const { url: databaseUrl } = api.config.database;
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const world = { api, client, receiver };
  const worker = await startService({
    ...environment,
    ROLE: 'worker',
    DATABASE_URL: databaseUrl,
    DATA_DIR: api.config.dataDir,
  });
  try {
    const many = [await merchant(world), await merchant(world)];
    for (let index = 0; index < sizes.endpoints; index++) await endpoint(world, many[index % 2]!, `many/${index}`);
    const rates: Sample[] = [];
    for (let run = 0; run < runs; run++) {
      const total = sizes.endpoints * sizes.events;
      const ours = total / (await deliverAll(world, many, sizes.events, total));
      const { endpoints, events } = sizes;
      const reference = total / (await plain.deliver({ url: `${receiver.url}/plain`, endpoints, events }));
      await receiver.take('plain');
      log(`${Math.round(ours)} deliveries/s, plain ${Math.round(reference)}/s`);
      rates.push({ ours, reference });
    }
    report('webhooks.deliveries', rates, `${sizes.endpoints} endpoints, ${sizes.events} events to each`);

    const delays: Sample[] = [];
    const besides: Sample[] = [];
    const stranger = await merchant(world);
    for (let index = 0; index < sizes.slow; index++) await endpoint(world, stranger, `${SLOW_PATH}/${index}`);
    await turn(world, [stranger], false);
    for (let run = 0; run < runs; run++) {
      const starvedBefore = await starvedSecondsOf(worker.pid);
      const alone = await singleEvents(world, many, sizes);
      const starvedBetween = await starvedSecondsOf(worker.pid);
      const beside = await besideSlow(world, stranger, sizes.slow, () => singleEvents(world, many, sizes));
      const starved = [starvedBetween - starvedBefore, (await starvedSecondsOf(worker.pid)) - starvedBetween];
      log(`from the event to its arrival: ${told(alone)}; beside slow receivers: ${told(beside)}`);
      log(`  the worker waited ${starved.map((each) => each.toFixed(1)).join(' and ')} s for a processor`);
      delays.push({ ours: quantile(alone, 0.95) });
      besides.push({ ours: quantile(beside, 0.95), reference: quantile(alone, 0.95) });
    }
    const note = `five events a second, each to ${sizes.endpoints / 2} endpoints`;
    report('webhooks.delay', delays, note);
    report('webhooks.beside-slow', besides, `${note}; ${sizes.slow} slow endpoints of another merchant`);

    const before = (await memoryOf(worker.pid)).peak;
    const { rows, samples } = await catchUps(world, runs, sizes, log);
    report('webhooks.rows', [{ ours: rows }], `${sizes.backlog} events while it was off`);
    report('webhooks.catch-up', samples, `${sizes.caught} events of them, one endpoint`);
    const { peak } = await memoryOf(worker.pid);
    log(`the worker's memory: ${before.toFixed(0)} MB at most before, ${peak.toFixed(0)} MB afterwards`);
    report('webhooks.memory', [{ ours: peak, reference: before }], 'peak RSS');
  } finally {
    await worker.stop();
    await client.end();
    await api.close();
    await plain.stop();
    await receiver.stop();
    await postgres.stop();
  }
});

async function merchant({ api }: World): Promise<EventScope> {
  const merchants = api.app.get(MerchantService, { strict: false });
  const { id } = await merchants.create({ name: 'Hooked', defaultCurrency: 'GBP' });
  return { merchantId: id, environment: 'live' };
}

async function endpoint({ api, receiver }: World, scope: EventScope, path: string): Promise<string> {
  const endpoints = api.app.get(EndpointsService, { strict: false });
  return (await endpoints.create(scope, { ...SETTINGS, url: `${receiver.url}/${path}` })).endpoint.id;
}

/** In bulk, as the log has them, while its endpoints are off. */
async function fillLog({ client }: World, { merchantId, environment }: EventScope, count: number): Promise<void> {
  await client.query(
    `WITH log AS (
       INSERT INTO event_logs AS l (merchant_id, environment, position) VALUES ($1, $2, $3)
       ON CONFLICT (merchant_id, environment) DO UPDATE SET position = l.position + excluded.position
       RETURNING position - $3 AS before)
     INSERT INTO events (merchant_id, environment, position, id, type, integration_id, provider, data)
     SELECT $1, $2, before + n, gen_random_uuid(), 'sync.completed', ($4::jsonb->>'integrationId')::uuid, $4::jsonb->>'provider', $4
     FROM log, generate_series(1, $3::bigint) AS n`,
    [merchantId, environment, count, JSON.stringify(exampleData('sync.completed'))],
  );
  await client.query('VACUUM ANALYZE events');
}

async function turn({ client }: World, scopes: readonly EventScope[], enabled: boolean): Promise<void> {
  const merchants = scopes.map(({ merchantId }) => merchantId);
  await client.query(
    `UPDATE webhook_endpoints SET updated_at = now(), disabled_reason = CASE WHEN $2 THEN NULL ELSE 'switched_off' END,
       disabled_at = CASE WHEN $2 THEN NULL::timestamptz ELSE now() END WHERE merchant_id = ANY ($1)`,
    [merchants, enabled],
  );
  // as a new event does
  const logs = scopes.map(({ merchantId, environment }) => `${merchantId}/${environment}`);
  await client.query(`SELECT pg_notify($1, log) FROM unnest($2::text[]) AS log`, [EVENTS_CHANNEL, logs]);
}

/** Seconds from the moment in which the endpoints are enabled to the last arrival. */
async function deliverAll(world: World, scopes: readonly EventScope[], events: number, total: number): Promise<number> {
  const { receiver } = world;
  await turn(world, scopes, false);
  for (const scope of scopes) await fillLog(world, scope, events);
  await receiver.take('many');
  const took = await seconds(async () => {
    await turn(world, scopes, true);
    await receiver.expect('many', total);
  });
  await receiver.take('many');
  return took;
}

/** Milliseconds from the event, written within its transaction, to the arrival of each first try. */
async function singleEvents(
  { api, receiver }: World,
  scopes: readonly EventScope[],
  { single, endpoints }: { readonly single: number; readonly endpoints: number },
): Promise<readonly number[]> {
  await receiver.take('many');
  const [log, unitOfWork] = [api.app.get(EventLog, { strict: false }), api.app.get(UnitOfWork)];
  for (let index = 0; index < single; index++) {
    const scope = scopes[index % scopes.length]!;
    const data = exampleData('sync.completed') as never;
    await unitOfWork.run((tx) => Promise.resolve(log.append(tx, scope, 'sync.completed', data)));
    await sleep(SINGLE_EVERY_MS);
  }
  await receiver.expect('many', (single * endpoints) / 2);
  return (await receiver.take('many')).delays;
}

function told(delays: readonly number[]): string {
  return `p50 ${quantile(delays, 0.5)} ms, p95 ${quantile(delays, 0.95)} ms`;
}

/** While a call to each of the slow endpoints is under way, and more wait behind it. */
async function besideSlow<T>(world: World, stranger: EventScope, slow: number, work: () => Promise<T>): Promise<T> {
  const { receiver } = world;
  await receiver.take(SLOW_PATH);
  await fillLog(world, stranger, SLOW_EVENTS);
  await turn(world, [stranger], true);
  await receiver.expect(SLOW_PATH, slow);
  // what is sent to them at first is much at once, and says nothing of how slow they are
  await sleep(SLOW_BEGUN_MS);
  try {
    return await work();
  } finally {
    await turn(world, [stranger], false);
    await receiver.release();
  }
}

/** What a long absence costs in rows, and events/s when the endpoint is back. */
async function catchUps(
  world: World,
  runs: number,
  { backlog, caught }: { readonly backlog: number; readonly caught: number },
  log: (line: string) => void,
): Promise<{ rows: number; samples: Sample[] }> {
  const { client, receiver } = world;
  const scope = await merchant(world);
  const id = await endpoint(world, scope, 'back');
  await turn(world, [scope], false);
  await fillLog(world, scope, backlog);
  const tables = ['webhook_cursors', 'webhook_held', 'webhook_attempts', 'webhook_replays'];
  const counts = tables.map((table) => `(SELECT count(*) FROM ${table} WHERE endpoint_id = $1)`);
  const { rows: found } = await client.query<{ count: string }>(`SELECT ${counts.join(' + ')} AS count`, [id]);
  const samples: Sample[] = [];
  for (let run = 0; run < runs; run++) {
    await client.query(`UPDATE webhook_cursors SET position = 0 WHERE endpoint_id = $1`, [id]);
    await receiver.take('back');
    const took = await seconds(async () => {
      await turn(world, [scope], true);
      await receiver.expect('back', caught);
    });
    const { count } = await receiver.take('back');
    await turn(world, [scope], false);
    // what is under way comes to its end
    await sleep(1_000);
    log(`catches up at ${Math.round(count / took)} events/s`);
    samples.push({ ours: count / took });
  }
  return { rows: Number(found[0]!.count), samples };
}
