import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Controller, Get } from '@nestjs/common';
import autocannon from 'autocannon';
import { ApiKeyService, Authenticated, TokenService } from '../src/auth';
import { MerchantService, ProductService } from '../src/merchants';
import { NodesModule } from '../src/nodes';
import { SecretHasher } from '../src/nodes/secret-hasher';
import { Public } from '../src/platform/http';
import { createAuthApp } from '../test/support/auth-app';
import { migratedDatabase } from '../test/support/database';
import { benchmark, median, quantile, type Sample } from './support/benchmark';
import { startBenchPostgres } from './support/postgres';

const ROUNDS_PER_RUN = 8;
const REQUESTS_PER_ROUND = 500;
const CONNECTIONS = 4;

/**
 * One handler, open and shut: a page of products from the database, as GET /v2/products answers it, or nothing at all.
 */
const state: { merchantId: string } = { merchantId: '' };

@Controller('v2/bench')
class BenchController {
  constructor(private readonly products: ProductService) {}

  private page(): Promise<object> {
    return this.products.list({ merchantId: state.merchantId, environment: 'live' }, { limit: 25, offset: 0 });
  }

  @Get('products/public')
  @Public()
  publicProducts(): Promise<object> {
    return this.page();
  }

  @Get('products/shut')
  @Authenticated({ scope: 'integrations:read' })
  shutProducts(): Promise<object> {
    return this.page();
  }

  @Get('nothing/public')
  @Public()
  publicNothing(): object {
    return { ok: true };
  }

  @Get('nothing/shut')
  @Authenticated({ scope: 'integrations:read' })
  shutNothing(): object {
    return { ok: true };
  }
}

interface Served {
  readonly url: string;
  readonly apiKey: string;
  readonly token: string;
  readonly argon2Ms: number;
}

/** The service, in a process of its own. */
async function serve(databaseUrl: string): Promise<void> {
  const app = await createAuthApp(databaseUrl, {
    controllers: [BenchController],
    imports: [NodesModule],
    // high enough to let everything through; the limit itself is at work
    env: { RATE_LIMIT_LIVE_PER_MINUTE: '10000000', DATABASE_POOL_SIZE: '10' },
    listen: true,
  });
  const merchant = await app.get(MerchantService).create({ name: 'Bench', defaultCurrency: 'GBP' });
  state.merchantId = merchant.id;
  const scope = { merchantId: merchant.id, environment: 'live' as const };
  const products = Array.from({ length: 100 }, (_, i) => ({
    id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    name: `product ${i}`,
    kind: 'service',
    amountMinor: i,
    currency: 'GBP',
  }));
  await app.get(ProductService).upsert(scope, products);
  const { key } = await app.get(ApiKeyService).create({ ...scope, name: 'bench', scopes: ['integrations:read'] });
  const { token } = await app.get(TokenService).issue({
    subject: 'bench',
    roles: [],
    permissions: ['integrations.read'],
    nodeIds: [],
    ...scope,
    ttlSeconds: 3_600,
    now: new Date(),
  });
  const hasher = app.get(SecretHasher, { strict: false });
  const hash = await hasher.hash('bench', 'secret');
  const times: number[] = [];
  for (let i = 0; i < 21; i++) {
    const startedAt = performance.now();
    await hasher.match('secret', { id: 'bench', hashes: [hash] });
    times.push(performance.now() - startedAt);
  }
  const served: Served = { url: await app.getUrl(), apiKey: key.reveal(), token, argon2Ms: median(times) };
  console.log(JSON.stringify(served));
  process.on('SIGTERM', () => void app.close().then(() => process.exit(0)));
}

interface Way {
  readonly name: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  /** Of each round: the median of the requests' latencies, in milliseconds. */
  readonly times: number[];
}

function round({ url, headers, times }: Way): Promise<void> {
  const options = { url, headers, connections: CONNECTIONS, amount: REQUESTS_PER_ROUND, sampleInt: 50 };
  const latencies: number[] = [];
  return new Promise((resolve, reject) => {
    const run = autocannon(options, (error: Error | null, { '2xx': good, non2xx, errors }) => {
      if (error) return reject(error);
      if (good !== REQUESTS_PER_ROUND) return reject(new Error(`${url}: ${non2xx} refused, ${errors} failed`));
      times.push(median(latencies));
      resolve();
    });
    // autocannon's own summary counts whole milliseconds, too coarse here
    run.on('response', (_client, _status, _bytes, latencyMs) => latencies.push(latencyMs));
  });
}

const measure = (): void =>
  benchmark({ sizes: { rounds: { full: ROUNDS_PER_RUN, quick: 1 } } }, async ({ runs, sizes, log, report }) => {
    const server = await startBenchPostgres();
    const database = await migratedDatabase();
    const register = path.resolve(__dirname, '../scripts/register.cjs');
    const child = spawn(process.execPath, ['-r', register, __filename, 'serve', database.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const { url, apiKey, token, argon2Ms } = JSON.parse(line) as Served;
      report('keys.secret-check', [{ ours: argon2Ms }], 'median of 21');
      for (const route of ['products', 'nothing'] as const) {
        const [open, shut] = [`${url}/v2/bench/${route}/public`, `${url}/v2/bench/${route}/shut`];
        const ways: Way[] = [
          { name: 'public', url: open, headers: {}, times: [] },
          { name: 'API key', url: shut, headers: { 'x-api-key': apiKey }, times: [] },
          { name: 'JWT', url: shut, headers: { authorization: `Bearer ${token}` }, times: [] },
        ];
        const samples: [Sample[], Sample[]] = [[], []];
        for (let run = -1; run < runs; run++) {
          // side by side and in turns, so that what else the machine does hits all of them
          for (const way of ways) way.times.length = 0;
          for (let i = 0; i < sizes.rounds; i++) {
            for (let k = 0; k < ways.length; k++) await round(ways[(i + k) % ways.length]!);
          }
          // the first run warms up
          if (run < 0) continue;
          // on a shared machine the quiet quarter of the rounds says what the work itself takes
          const [shared, ...shutTimes] = ways.map(({ times }) => quantile(times, 0.25)) as [number, number, number];
          for (const [at, ours] of shutTimes.entries()) samples[at]!.push({ ours, reference: shared });
          for (const { name, times } of ways)
            log(`${route} ${name}: ${times.map((each) => each.toFixed(2)).join(' ')} ms`);
        }
        const note = `lower quartile of ${sizes.rounds} rounds of ${REQUESTS_PER_ROUND} requests, ${CONNECTIONS} connections`;
        const prefix = route === 'products' ? 'keys' : 'keys.empty';
        report(`${prefix}.api-key`, samples[0], note);
        report(`${prefix}.jwt`, samples[1], note);
      }
    } finally {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await database.drop();
      await server.stop();
    }
  });

if (process.argv[2] === 'serve') void serve(process.argv[3]!);
else measure();
