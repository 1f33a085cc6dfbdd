/** What is held against the bound: this project over the reference of the same run, or this project alone. */
export type Measure = 'ratio' | 'value';

export interface Target {
  /** The file in bench/ that measures it. */
  readonly bench: string;
  readonly what: string;
  /** What it is measured against, in the same run; null where nothing comparable exists. */
  readonly reference: string | null;
  /** Of both figures. */
  readonly unit: string;
  readonly measure: Measure;
  /** Null: measured and reported, promised by nobody. */
  readonly bound: { readonly atLeast: number } | { readonly atMost: number } | null;
  /** Where it should go beyond the bound. */
  readonly aim?: number;
}

const target = <T extends Target>(each: T): T => each;

const besideStranger = (what: string, processes: string): Target => ({
  bench: 'neighbours',
  what: `p95 of a merchant’s ${what} beside a stranger who does its worst with ten merchants, ${processes}`,
  reference: 'the same alone',
  unit: 'ms',
  measure: 'ratio',
  bound: { atMost: 1.5 },
});

/** Every promise about speed and size, in one place; the benchmarks report against these names. */
export const TARGETS = {
  'http.integration': target({
    bench: 'http',
    what: 'GET /v2/integrations/practicehub through every guard, 10,000 merchants',
    reference: 'bare Nest + Express, one prepared pg query, the same JSON',
    unit: 'requests/s',
    measure: 'ratio',
    bound: { atLeast: 0.8 },
    aim: 1,
  }),
  'edge.loop-hold': target({
    bench: 'edge',
    what: 'longest hold of the event loop by any one request body',
    reference: null,
    unit: 'ms',
    measure: 'value',
    bound: { atMost: 100 },
  }),
  'keys.api-key': target({
    bench: 'keys',
    what: 'latency of a route behind an API key',
    reference: 'the same route left public',
    unit: 'ms',
    measure: 'ratio',
    bound: { atMost: 1.15 },
  }),
  'keys.jwt': target({
    bench: 'keys',
    what: 'latency of a route behind a JWT',
    reference: 'the same route left public',
    unit: 'ms',
    measure: 'ratio',
    bound: { atMost: 1.15 },
  }),
  'keys.empty.api-key': target({
    bench: 'keys',
    what: 'latency of an empty route behind an API key',
    reference: 'the same empty route left public',
    unit: 'ms',
    measure: 'ratio',
    bound: null,
  }),
  'keys.empty.jwt': target({
    bench: 'keys',
    what: 'latency of an empty route behind a JWT',
    reference: 'the same empty route left public',
    unit: 'ms',
    measure: 'ratio',
    bound: null,
  }),
  'keys.secret-check': target({
    bench: 'keys',
    what: 'one argon2id check of a node secret',
    reference: null,
    unit: 'ms',
    measure: 'value',
    bound: { atMost: 60 },
  }),
  'vault.open.raw': target({
    bench: 'vault',
    what: 'opening a credential with its key cached',
    reference: 'node:crypto AES-256-GCM, same AAD and payload',
    unit: 'opens/s',
    measure: 'ratio',
    bound: { atLeast: 0.3 },
  }),
  'vault.open.sdk': target({
    bench: 'vault',
    what: 'opening a credential with its key cached',
    reference: 'AWS Encryption SDK, caching materials manager',
    unit: 'opens/s',
    measure: 'ratio',
    bound: { atLeast: 50 },
  }),
  'vault.open.sdk-unsigned': target({
    bench: 'vault',
    what: 'opening a credential with its key cached',
    reference: 'AWS Encryption SDK, its suite without signatures',
    unit: 'opens/s',
    measure: 'ratio',
    bound: null,
  }),
  'vault.unwraps': target({
    bench: 'vault',
    what: 'unwraps by the key management per credential, many opens',
    reference: null,
    unit: 'unwraps',
    measure: 'value',
    bound: { atMost: 1 },
  }),
  'vault-rotation.rewrap': target({
    bench: 'vault-rotation',
    what: 'credentials re-wrapped on the local keyring',
    reference: null,
    unit: 'credentials/s',
    measure: 'value',
    bound: { atLeast: 3_000 },
  }),
  'vault-rotation.reencrypt': target({
    bench: 'vault-rotation',
    what: 'credentials re-encrypted under new data keys',
    reference: null,
    unit: 'credentials/s',
    measure: 'value',
    bound: null,
  }),
  'sync.first': target({
    bench: 'sync',
    what: 'first sync of customers: HTTP, parse, normalise, hash, commit',
    reference: 'COPY of the same normalised rows, unindexed table',
    unit: 'records/s',
    measure: 'ratio',
    bound: { atLeast: 0.15 },
    aim: 0.3,
  }),
  'sync.unchanged': target({
    bench: 'sync',
    what: 'full re-sync in which nothing changed',
    reference: 'the first sync of the same records',
    unit: 'records/s',
    measure: 'ratio',
    bound: { atLeast: 2 },
  }),
  'sync.simulator': target({
    bench: 'sync',
    what: 'first sync of customers',
    reference: 'reading the same pages from the simulator, one at a time',
    unit: 'records/s',
    measure: 'ratio',
    bound: null,
  }),
  'memory.growth': target({
    bench: 'memory',
    what: 'peak RSS of a worker that imports 1,000,000 records',
    reference: 'its peak RSS with 50,000',
    unit: 'MB',
    measure: 'ratio',
    bound: { atMost: 1.2 },
  }),
  'memory.peak': target({
    bench: 'memory',
    what: 'peak RSS of a worker that imports 1,000,000 records',
    reference: null,
    unit: 'MB',
    measure: 'value',
    bound: { atMost: 350 },
  }),
  'schedule.idle-tick': target({
    bench: 'schedule',
    what: 'dispatcher tick with nothing due, 100,000 schedules',
    reference: 'the same tick with 1,000 schedules',
    unit: 'ms',
    measure: 'ratio',
    // "the same", on a machine that others use too
    bound: { atMost: 1.15 },
  }),
  'schedule.claims': target({
    bench: 'schedule',
    what: 'due schedules claimed, run rows written, 100,000 schedules',
    reference: null,
    unit: 'claims/s',
    measure: 'value',
    bound: { atLeast: 3_000 },
  }),
  'schedule.dispatched': target({
    bench: 'schedule',
    what: 'the same, and their jobs added to the queue',
    reference: null,
    unit: 'claims/s',
    measure: 'value',
    bound: null,
  }),
  'schedule.fairness': target({
    bench: 'schedule',
    what: 'p95 wait of 100 small runs beside 20 runs of 1,000,000 records',
    reference: 'the same 100 runs on an idle system',
    unit: 'ms',
    measure: 'ratio',
    bound: { atMost: 2 },
  }),
  'queue.postgres': target({
    bench: 'queue',
    what: 'empty runs through the engine, queue on PostgreSQL',
    reference: 'plain BullMQ, empty jobs, the same backend',
    unit: 'jobs/s',
    measure: 'ratio',
    bound: null,
  }),
  'queue.redis': target({
    bench: 'queue',
    what: 'empty runs through the engine, queue on Redis',
    reference: 'plain BullMQ, empty jobs, the same backend',
    unit: 'jobs/s',
    measure: 'ratio',
    bound: null,
  }),
  'storm.kms.peak': target({
    bench: 'storm',
    what: 'starts of runs while key management throttles for an hour, most in a minute',
    reference: 'the starts of an hour without a fault',
    unit: 'starts/s',
    measure: 'ratio',
    bound: { atMost: 8 },
  }),
  'storm.kms.back': target({
    bench: 'storm',
    what: 'from its end until the starts are as before',
    reference: null,
    unit: 'intervals',
    measure: 'value',
    bound: { atMost: 2 },
  }),
  'storm.outage.peak': target({
    bench: 'storm',
    what: 'starts of runs in an outage of an hour, most in a minute',
    reference: 'the starts of an hour without a fault',
    unit: 'starts/s',
    measure: 'ratio',
    bound: { atMost: 8 },
  }),
  'storm.outage.back': target({
    bench: 'storm',
    what: 'from its end until the starts are as before',
    reference: null,
    unit: 'intervals',
    measure: 'value',
    bound: { atMost: 2 },
  }),
  'neighbours.split.sync': besideStranger('syncs', 'an api and a worker process'),
  'neighbours.split.calls': besideStranger('API calls', 'an api and a worker process'),
  'neighbours.together.sync': besideStranger('syncs', 'one process'),
  'neighbours.together.calls': besideStranger('API calls', 'one process'),
  'start.ready': target({
    bench: 'start',
    what: 'ready on a database with 100,000 integrations',
    reference: 'the least Nest + Express process with one route',
    unit: 's',
    measure: 'value',
    bound: { atMost: 2 },
  }),
  'start.cpu': target({
    bench: 'start',
    what: 'processor time until then',
    reference: 'the least Nest + Express process with one route',
    unit: 's',
    measure: 'ratio',
    bound: null,
  }),
  'start.rss-api': target({
    bench: 'start',
    what: 'RSS of an idle api process',
    reference: 'the least Nest + Express process with one route',
    unit: 'MB',
    measure: 'ratio',
    bound: null,
  }),
  'start.rss-worker': target({
    bench: 'start',
    what: 'RSS of an idle worker process',
    reference: 'the least Nest + Express process with one route',
    unit: 'MB',
    measure: 'ratio',
    bound: null,
  }),
} as const;

export type TargetId = keyof typeof TARGETS;
