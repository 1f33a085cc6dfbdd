import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { AppModule } from '../../src/app.module';
import { ApiKeyService } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import { loadConfig } from '../../src/platform/config';
import { BUILT_IN_IDS, type BuiltInId } from '../../src/providers';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { ATTACKS } from '../support/hostile/attacks';
import { startTestProcess, type TestProcess } from '../support/process';

jest.setTimeout(1_200_000);

/** All combinations, one attack after the other and with time for each; else attacks run side by side. */
const ALL = process.env['HOSTILE_ALL'] === '1';
const MAX_GROWTH_MB = 200;
/** Of an answer to somebody else: a bound against hanging, not a promise of speed. */
const MAX_WAIT_MS = 10_000;
const NAMES = Object.keys(ATTACKS);
/** Of attacks side by side: what they take together is held against the one bound. */
const GROUPS = 4;

/** These take all the time that they are given. */
const SLOW = new Set(NAMES.filter((name) => /without end|now and then/.test(name)));

interface Caller {
  readonly key: string;
}

describe('a provider that does its worst', () => {
  let database: TestDatabase;
  let dataDir: string;
  let provider: ChildProcess;
  let origin: string;
  let service: TestProcess;
  let idleMb: number;
  let bystander: Caller;
  let callers: Caller[];

  beforeAll(async () => {
    database = await migratedDatabase();
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-hostile-'));
    provider = fork(path.resolve(__dirname, '../support/hostile/provider.ts'), {
      execArgv: ['-r', path.resolve(__dirname, '../../scripts/register.cjs')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const { port } = await new Promise<{ port: number }>((resolve) => provider.once('message', resolve as never));
    origin = `http://127.0.0.1:${port}`;
    const environment = {
      NODE_ENV: 'test',
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      SANDBOX_PROVIDERS: 'false',
      OUTBOUND_ALLOW_PRIVATE: 'true',
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
    };
    const config = loadConfig({ ...environment, ROLE: 'api', DEV_CREDENTIALS: 'false' });
    const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
      logger: false,
      abortOnError: false,
    });
    const made: Caller[] = [];
    for (let index = 0; index <= NAMES.length; index++) {
      const merchant = await app.get(MerchantService).create({ name: `Merchant ${index}`, defaultCurrency: 'GBP' });
      const issued = await app.get(ApiKeyService).create({
        merchantId: merchant.id,
        environment: 'sandbox',
        name: 'test',
        scopes: ['integrations:*', 'sync:*'],
      });
      made.push({ key: issued.key.reveal() });
    }
    await app.close();
    [bystander, ...callers] = made as [Caller, ...Caller[]];
    service = await startTestProcess(environment);
    await service.ready();
    await sleep(1_000);
    idleMb = rssMb();
  }, 180_000);
  afterAll(async () => {
    await service?.kill();
    provider?.kill('SIGKILL');
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const send = async (
    caller: Caller,
    method: string,
    rest: string,
    body?: object,
  ): Promise<{ status: number; body: any }> => {
    const answer = await fetch(`${service.url}/v2/integrations${rest}`, {
      method,
      headers: { 'x-api-key': caller.key, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const rssMb = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.child.pid}/status`, 'utf8'))![1]) / 1024;
  const sql = async <R>(text: string): Promise<R[]> => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  /** Looks at the process until told to stop: its memory, and how others fare. */
  function watch() {
    const seen = { idle: idleMb, peak: idleMb, slowestMs: 0, refused: [] as string[] };
    const done = new AbortController();
    const memory = (async () => {
      for (; !done.signal.aborted; await sleep(50)) seen.peak = Math.max(seen.peak, rssMb());
    })();
    const others = (async () => {
      for (; !done.signal.aborted; await sleep(100)) {
        const began = performance.now();
        const asked = await Promise.all([
          fetch(`${service.url}/health/live`).then(({ status }) => status),
          send(bystander, 'GET', '').then(({ status }) => status),
        ]).catch((error: Error) => [error.message]);
        seen.slowestMs = Math.max(seen.slowestMs, performance.now() - began);
        if (asked.some((status) => status !== 200)) seen.refused.push(asked.join());
      }
    })();
    return {
      stop: async () => {
        done.abort();
        await Promise.all([memory, others]);
        return seen;
      },
    };
  }

  const credentials = (attack: string, place: 'lists' | 'all', provider_: BuiltInId) => ({
    apiKey: `${NAMES.indexOf(attack)}-${place}-${provider_}`,
    baseUrl: origin,
  });

  /** Everything that asks a provider while somebody waits. */
  async function operations(caller: Caller, attack: string): Promise<[string, number, string | undefined][]> {
    const answers: [string, number, string | undefined][] = [];
    const note = async (what: string, answer: Promise<{ status: number; body: any }>) => {
      const { status, body } = await answer;
      answers.push([`${attack}: ${what}`, status, body.code]);
    };
    const ask = async (id: BuiltInId): Promise<void> => {
      const hostile = credentials(attack, 'all', id);
      await Promise.all([
        note(`test ${id}`, send(caller, 'POST', `/${id}/test`, { credentials: hostile })),
        note(`activate ${id}`, send(caller, 'POST', `/${id}/activate`, { credentials: hostile })),
      ]);
      if (id === 'practicehub') await note('look up methods', send(caller, 'POST', `/${id}/payment-methods`, hostile));
    };
    // what takes all of its time is asked at the same time
    await Promise.all(BUILT_IN_IDS.map(ask));
    return answers;
  }

  /** Every stream of every provider, and what asks with stored credentials. */
  async function streams(
    caller: Caller,
    attack: string,
    forMs: number,
  ): Promise<[string, number, string | undefined][]> {
    const answers: [string, number, string | undefined][] = [];
    const note = async (what: string, answer: Promise<{ status: number; body: any }>) => {
      const { status, body } = await answer;
      answers.push([`${attack}: ${what}`, status, body.code]);
    };
    await Promise.all(
      BUILT_IN_IDS.map((id) =>
        note(
          `activate ${id}`,
          send(caller, 'POST', `/${id}/activate`, { credentials: credentials(attack, 'lists', id) }),
        ),
      ),
    );
    await note('stored methods', send(caller, 'GET', '/practicehub/payment-methods'));
    const deadline = Date.now() + forMs;
    for (; Date.now() < deadline; await sleep(200)) {
      const live = await sql(`SELECT FROM sync_runs WHERE state IN ('queued', 'running')`);
      if (live.length === 0) break;
    }
    for (const id of BUILT_IN_IDS) {
      if ((await send(caller, 'GET', `/${id}`)).body.data?.isActive)
        await note(`deactivate ${id}`, send(caller, 'POST', `/${id}/deactivate`));
    }
    return answers;
  }

  const expectHarmless = async (
    answers: [string, number, string | undefined][],
    seen: Awaited<ReturnType<ReturnType<typeof watch>['stop']>>,
  ) => {
    expect(answers.filter(([, status]) => status >= 500 && status !== 502 && status !== 504)).toEqual([]);
    expect(seen.refused).toEqual([]);
    expect(seen.slowestMs).toBeLessThan(MAX_WAIT_MS);
    // nothing a provider sends is a fault of ours
    expect(
      await sql(`SELECT resource_type, error_code, error FROM sync_logs WHERE error_code = 'internal_error'`),
    ).toEqual([]);
    expect(seen.peak - seen.idle).toBeLessThan(MAX_GROWTH_MB);
  };

  const fast = NAMES.filter((name) => !SLOW.has(name));
  // dealt out: neighbours in the list are of a kind, and as large as each other
  const dealt = (_: unknown, group: number) => fast.filter((_name, at) => at % GROUPS === group);
  const groups = ALL ? NAMES.map((name) => [name]) : [[...SLOW], ...Array.from({ length: GROUPS }, dealt)];
  it.each(groups.map((group) => [group.join(', '), group] as const))('%s', async (_title, group) => {
    const watching = watch();
    const asked = await Promise.all(group.map((attack) => operations(callers[NAMES.indexOf(attack)]!, attack)));
    const read = await Promise.all(
      group.map((attack) => streams(callers[NAMES.indexOf(attack)]!, attack, ALL ? 30_000 : 5_000)),
    );
    const seen = await watching.stop();
    await expectHarmless([...asked, ...read].flat(), seen);
  });
});
