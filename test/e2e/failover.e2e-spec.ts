import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { run } from '../../src/cli/program';
import { startSandboxServer } from '../../src/sandbox';
import { makeClinic, type ClinicHost } from '../support/clinic';
import { openContext } from '../support/context';
import { eventually } from '../support/eventually';
import { FeedReader } from '../support/feed-reader';
import { freePort } from '../support/ports';
import { startTestProcess, type TestProcess } from '../support/process';
import { makePushingClinic } from '../support/pushes';
import { startReplicatedPostgres, type ReplicatedPostgres } from '../support/standby';
import { endStatements } from '../support/statements';

jest.setTimeout(180_000);

/** From the promotion until a write is answered well again: a check of readiness, and what is tried again meanwhile. */
const BACK_MS = 10_000;
const LOOKBACKS = '/invoice-lookback';

describe('a primary that is lost while both hosts are in DATABASE_URL', () => {
  const before = { ...process.env };
  const undo: (() => Promise<unknown>)[] = [];
  let postgres: ReplicatedPostgres;
  let environment: Record<string, string>;
  let api: TestProcess;
  let worker: TestProcess;
  let host: ClinicHost;
  let database: { url: string };
  let folder: string;
  let context: INestApplicationContext;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-failover-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    postgres = await startReplicatedPostgres(folder);
    undo.push(() => postgres.stop());
    const simulators = await startSandboxServer();
    undo.push(() => simulators.close());
    environment = {
      NODE_ENV: 'test',
      DATA_DIR: path.join(folder, 'keys'),
      DATABASE_URL: postgres.url,
      SANDBOX_PROVIDERS: 'true',
      SANDBOX_ORIGIN: simulators.url,
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      RUN_LEASE_SECONDS: '5',
      LOG_LEVEL: 'warn',
    };
    // makes merchants and keys, before anything is lost
    context = await openContext(environment);
    undo.push(() => context.close());
    const port = String(await freePort());
    [api, worker] = await Promise.all([
      startTestProcess({ ...environment, ROLE: 'api', PORT: port }),
      startTestProcess({ ...environment, ROLE: 'worker' }),
    ]);
    undo.push(() => Promise.all([api.kill(), worker.kill()]));
    await Promise.all([api.ready(), worker.ready()]);
    database = { url: postgres.primaryUrl };
    undo.push(() => endStatements(database.url));
    host = {
      app: context,
      url: api.url,
      sandbox: simulators.sandbox,
      sandboxUrl: simulators.url,
      config: { database },
    };
  });
  afterEach(async () => {
    process.env = { ...before };
    for (const step of undo.splice(0).reverse()) await step();
  });

  const readiness = async (of: TestProcess): Promise<{ status: number; body: any }> => {
    const answer = await fetch(`${of.url}/health/ready`);
    return { status: answer.status, body: await answer.json() };
  };

  /** The crash, the readiness of both processes meanwhile, the promotion. Answers with its time when both are ready. */
  const failOver = async (): Promise<number> => {
    await postgres.losePrimary();
    await endStatements(database.url);
    for (const each of [api, worker]) {
      await eventually(async () => {
        const { status, body } = await readiness(each);
        expect([status, body.checks?.database]).toEqual([503, { status: 'down', reason: 'is read-only' }]);
      });
    }
    database.url = postgres.standbyUrl;
    const promoted = performance.now();
    await postgres.promote();
    for (const each of [api, worker]) {
      await eventually(async () => expect((await readiness(each)).status).toBe(200), BACK_MS);
      expect(each.child.exitCode).toBeNull();
    }
    return promoted;
  };

  it('loses nothing that was answered, where commits wait for the standby', async () => {
    await postgres.waitForStandby();
    const paying = await makePushingClinic(host, { invoices: 60 });
    const syncing = await makeClinic(host, { sizes: { patients: 40, '*': 0 } });
    await syncing.activate().expect(200);
    await syncing.settled();
    const waiting = await Promise.all(
      Array.from({ length: 8 }, () => makeClinic(host, { sizes: { patients: 3, '*': 0 } })),
    );
    const path = `${api.url}/v2/integrations/practicehub/records/customers`;
    const reader = new FeedReader(() => path, syncing.key);

    const written = { payments: new Map<string, string>(), lookback: 0, activated: [] as typeof waiting };
    const unexpected: number[] = [];
    const until = new AbortController();
    const writes: number[] = [];
    const firstSince = (time: number): number | undefined => writes.find((each) => each > time);
    /** True: it was answered well. A lost connection and 503 are all that may come instead. */
    const succeeds = async (call: PromiseLike<{ status: number }>): Promise<boolean> => {
      const status = await Promise.resolve(call).then(
        (answer) => answer.status,
        () => 503,
      );
      if (status >= 300 && status !== 503) unexpected.push(status);
      if (status < 300) writes.push(performance.now());
      return status < 300;
    };
    const repeat = async (everyMs: number, work: (round: number) => Promise<unknown>): Promise<void> => {
      for (let round = 0; !until.signal.aborted; round++) {
        await work(round);
        await sleep(everyMs);
      }
    };
    /** As a client does: the same again until it is answered. */
    const insist = async (call: () => PromiseLike<{ status: number }>): Promise<void> => {
      while (!(await succeeds(call()))) await sleep(200);
    };
    const load = [
      repeat(300, async (round) => {
        const reference = `paid-${round}`;
        if (round < paying.invoices.length) {
          await insist(async () => {
            const answer = await paying.push(reference, { externalInvoiceId: paying.invoices[round] });
            if (answer.status < 300) written.payments.set(reference, answer.body.data.id);
            return answer;
          });
        }
      }),
      repeat(100, async (round) => {
        await insist(() => syncing.call('put', LOOKBACKS, { invoiceLookbackDays: 30 + round }));
        written.lookback = 30 + round;
      }),
      repeat(250, async () => {
        host.sandbox.practicehub.change({ resource: 'patients', count: 2, apiKey: syncing.accountKey });
        await succeeds(syncing.call('post', '/sync', {}));
      }),
      repeat(500, async (round) => {
        const next = waiting[round];
        if (!next) return;
        await insist(() => next.activate());
        written.activated.push(next);
      }),
      repeat(100, () => reader.catchUp().catch(() => undefined)),
    ];
    await sleep(2_500);
    // what is committed from now on the standby never has, so it must not be answered
    postgres.cut();
    await sleep(1_000);
    const promoted = await failOver();
    await eventually(() => expect(firstSince(promoted)).toBeDefined(), BACK_MS);
    expect(firstSince(promoted)! - promoted).toBeLessThan(BACK_MS);
    await sleep(1_500);
    until.abort();
    await Promise.all(load);
    expect(unexpected).toEqual([]);

    expect((await syncing.integration())['configuration'].invoiceLookbackDays).toBe(written.lookback);
    for (const clinic of written.activated) expect(await clinic.integration()).toMatchObject({ isActive: true });
    // each of them was answered, and each is paid once
    expect(written.payments.size).toBeGreaterThan(5);
    for (const id of written.payments.values()) {
      await eventually(async () => {
        await paying.hurry();
        expect((await paying.row(id))['status']).toBe('pushed');
      }, 60_000);
      expect((await paying.truth(id)).payments).toHaveLength(1);
    }
    const { practicehub } = host.sandbox;
    const paid = practicehub.truth({ resource: 'payments', apiKey: paying.accountKey });
    expect(paid).toHaveLength(written.payments.size);

    await syncing.settled();
    expect(await syncing.sync()).toBe('succeeded');
    await reader.catchUp();
    expect([reader.faults, reader.starts]).toEqual([[], 0]);
    expect(stateOf(reader)).toEqual(truthOf(syncing.accountKey));
    const stored = await syncing.records('customers');
    expect(Object.fromEntries(stored.map((record) => [record.externalId, record.version]))).toEqual(
      Object.fromEntries(reader.versions),
    );
  });

  const stateOf = (reader: FeedReader): unknown[] =>
    [...reader.state].map(([id, { data }]) => ({ id, data })).sort(byId);
  const truthOf = (apiKey: string): unknown[] =>
    (host.sandbox.practicehub.providerTruth({ apiKey }).customers ?? [])
      .map(({ externalId, fields }) => ({ id: externalId, data: expect.objectContaining(fields) }))
      .sort(byId);
  const byId = (one: { id: string }, other: { id: string }): number => Number(one.id) - Number(other.id);

  it('tells what may be lost, where they do not: the feed begins anew, and the audit log lacks its end', async () => {
    const clinic = await makeClinic(host, { sizes: { patients: 20, '*': 0 } });
    await clinic.activate().expect(200);
    await clinic.settled();
    const anchor = path.join(folder, 'anchor.json');
    const reader = new FeedReader(() => `${api.url}/v2/integrations/practicehub/records/customers`, clinic.key);
    await reader.catchUp();
    await postgres.caughtUp();
    postgres.cut();
    // lost: versions that the reader has, and an act that the anchor has seen
    host.sandbox.practicehub.change({ resource: 'patients', count: 5, apiKey: clinic.accountKey });
    expect(await clinic.sync()).toBe('succeeded');
    await reader.catchUp();
    await clinic.call('put', LOOKBACKS, { invoiceLookbackDays: 77 }).expect(200);
    await eventually(async () => expect(await clinic.sql('SELECT 1 FROM audit_unchained')).toEqual([]));
    expect(await cli('audit', 'verify', '--anchor', anchor)).toMatchObject({ code: 0, said: { intact: true } });

    await failOver();
    expect((await clinic.integration())['configuration'].invoiceLookbackDays).not.toBe(77);
    const alone = await cli('audit', 'verify');
    expect(alone).toMatchObject({ code: 0, said: { intact: true, faults: [] } });
    const anchored = await cli('audit', 'verify', '--anchor', anchor);
    expect(anchored).toMatchObject({ code: 1, said: { intact: false } });
    for (const { kind } of anchored.said.faults) expect(['cut', 'rewritten']).toContain(kind);
    expect((await cli('db', 'restored', '--reason', 'failover')).code).toBe(0);

    // longer than the feed ever was: only its generation tells
    host.sandbox.practicehub.change({ resource: 'patients', count: 12, apiKey: clinic.accountKey });
    await eventually(async () => void (await clinic.call('post', '/sync', {}).expect(200)), BACK_MS);
    expect(await clinic.settled()).toBe('succeeded');
    await reader.catchUp();
    expect([reader.faults, reader.starts]).toEqual([[], 1]);
    expect(stateOf(reader)).toEqual(truthOf(clinic.accountKey));
  });

  const cli = async (...args: string[]): Promise<{ code: number; said: any }> => {
    Object.assign(process.env, environment);
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const code = await run([...args, '--json']);
    const said = write.mock.calls.map(([text]) => String(text)).join('');
    write.mockRestore();
    return { code, said: said === '' ? null : JSON.parse(said) };
  };
});
