import 'reflect-metadata';
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import autocannon from 'autocannon';
import { Client } from 'pg';
import { generateApiKey } from '../src/auth/api-key-format';
import { migratedDatabase } from '../test/support/database';
import { startTestProcess } from '../test/support/process';
import { benchmark, median, type Sample } from './support/benchmark';
import { startBenchPostgres } from './support/postgres';

const POOL_SIZE = 20;
const CONNECTIONS = 16;
/** So many of the merchants call, in turns: each stays below its rate limit, which is at work as it comes. */
const CALLERS = 1_000;

interface Tenant {
  readonly merchantId: string;
  readonly apiKey: string;
}

interface Way {
  readonly name: string;
  readonly url: string;
  readonly headers: (tenant: Tenant) => Record<string, string>;
}

/**
 * How near the whole service comes to a handler with nothing around it: requests a second of one endpoint, in turns.
 */
benchmark(
  {
    sizes: {
      merchants: { full: 10_000, quick: 200 },
      rounds: { full: 5, quick: 1 },
      requests: { full: 4_000, quick: 400 },
    },
  },
  async ({ runs, sizes, log, report }) => {
    const server = await startBenchPostgres();
    const database = await migratedDatabase();
    const tenants = await fill(database.url, sizes.merchants);
    const callers = tenants.filter((_, i) => i % Math.max(1, Math.floor(tenants.length / CALLERS)) === 0);
    const service = await startTestProcess({
      ROLE: 'api',
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      KMS_KEY_ID: 'local',
      LOCAL_KEYRING: `1:${Buffer.alloc(32, 7).toString('base64')}`,
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: String(POOL_SIZE),
    });
    const bare = await startBare(database.url);
    try {
      await service.ready();
      const ways: Way[] = [
        { name: 'service', url: service.url, headers: ({ apiKey }) => ({ 'x-api-key': apiKey }) },
        { name: 'bare', url: bare.url, headers: ({ merchantId }) => ({ 'x-merchant-id': merchantId }) },
      ];
      await sameAnswer(ways, callers[0]!);
      const samples: Sample[] = [];
      for (let run = -1; run < runs; run++) {
        const rates: number[][] = ways.map(() => []);
        // side by side and in turns, so that what else the machine does hits both
        for (let i = 0; i < sizes.rounds; i++) {
          for (let k = 0; k < ways.length; k++) {
            const at = (i + k) % ways.length;
            rates[at]!.push(await round(ways[at]!, callers, sizes.requests));
          }
        }
        // the first run warms up
        if (run < 0) continue;
        for (const [at, { name }] of ways.entries()) {
          log(`${name}: ${rates[at]!.map((rate) => Math.round(rate)).join(' ')} requests/s`);
        }
        samples.push({ ours: median(rates[0]!), reference: median(rates[1]!) });
      }
      const note = `median of ${sizes.rounds} rounds of ${sizes.requests} requests, ${callers.length} keys of ${sizes.merchants} in turns, ${CONNECTIONS} connections`;
      report('http.integration', samples, note);
    } finally {
      await bare.stop();
      await service.kill();
      await database.drop();
      await server.stop();
    }
  },
);

/** Merchants, each with a key and an active integration, and the statistics that a table of that size has. */
async function fill(url: string, merchants: number): Promise<Tenant[]> {
  const tenants = Array.from({ length: merchants }, () => ({
    merchantId: randomUUID(),
    integrationId: randomUUID(),
    secretId: randomUUID(),
    keyId: randomUUID(),
    ...generateApiKey('live'),
  }));
  const ids = (name: 'merchantId' | 'integrationId' | 'secretId' | 'keyId') => tenants.map((each) => each[name]);
  const configuration = {
    syncIntervalMinutes: 60,
    currency: 'GBP',
    timezone: 'Europe/London',
    invoiceLookbackDays: 90,
    syncPatients: true,
    syncProducts: true,
    syncPackages: true,
    syncInvoices: true,
    pushPayments: false,
    autoSendInvoices: false,
    baseUrl: 'https://clinic.practicehub.io',
    credentialHint: '8c1f',
  };
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO merchants (id, name, default_currency) SELECT id, 'Bench', 'GBP' FROM unnest($1::uuid[]) AS m (id)`,
      [ids('merchantId')],
    );
    await client.query(
      `INSERT INTO api_keys (id, merchant_id, environment, name, key_hash, display_prefix, scopes)
       SELECT id, merchant_id, 'live', 'bench', key_hash, prefix, '{integrations:*}'
       FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[]) AS k (id, merchant_id, key_hash, prefix)`,
      [ids('keyId'), ids('merchantId'), tenants.map(({ hash }) => hash), tenants.map((each) => each.displayPrefix)],
    );
    await client.query(
      `INSERT INTO sealed_secrets (id, purpose, owner_id, context, algorithm, aad_version, nonce, tag, ciphertext,
         wrapped_key, key_id, key_version, fingerprint)
       SELECT id, 'integration_credential', id, '{}', 'bench', 1, ''::bytea, ''::bytea, ''::bytea, ''::bytea, 'bench', 1, ''
       FROM unnest($1::uuid[]) AS s (id)`,
      [ids('secretId')],
    );
    await client.query(
      `INSERT INTO integrations (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id,
         credential_id)
       SELECT id, merchant_id, 'live', 'practicehub', 'active', true, $4, merchant_id, secret_id
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS i (id, merchant_id, secret_id)`,
      [ids('integrationId'), ids('merchantId'), ids('secretId'), configuration],
    );
    await client.query(`INSERT INTO sync_health (integration_id, last_sync_at) SELECT id, now() FROM integrations`);
    await client.query(
      `INSERT INTO sync_schedules (integration_id, interval_ms, offset_ms, next_due_at)
       SELECT id, 3600000, 0, now() + interval '1 day' FROM integrations`,
    );
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
  return tenants.map(({ merchantId, key }) => ({ merchantId, apiKey: key }));
}

async function startBare(databaseUrl: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const child: ChildProcess = fork(path.join(__dirname, 'support/bare-http.ts'), [databaseUrl, String(POOL_SIZE)], {
    execArgv: ['-r', path.resolve(__dirname, '../scripts/register.cjs')],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const [url] = (await once(child, 'message')) as [string];
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
  return { url, stop };
}

/** A reference that answered something else would be none. */
async function sameAnswer(ways: readonly Way[], tenant: Tenant): Promise<void> {
  const answers = await Promise.all(
    ways.map(async ({ url, headers }) =>
      (await fetch(`${url}/v2/integrations/practicehub`, { headers: headers(tenant) })).text(),
    ),
  );
  if (new Set(answers).size !== 1 || !answers[0]!.includes('"isActive":true')) throw new Error(answers.join('\n'));
}

/** Requests a second. */
function round(way: Way, callers: readonly Tenant[], amount: number): Promise<number> {
  const requests = callers.map((tenant) => ({ headers: way.headers(tenant) }));
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const options = { url: `${way.url}/v2/integrations/practicehub`, requests, connections: CONNECTIONS, amount };
    autocannon(options, (error: Error | null, { '2xx': good, non2xx, errors }) => {
      if (error) return reject(error);
      if (good !== amount) return reject(new Error(`${way.name}: ${non2xx} refused, ${errors} failed`));
      resolve(amount / ((performance.now() - startedAt) / 1000));
    });
  });
}
