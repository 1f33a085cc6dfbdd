import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { Worker } from 'bullmq';
import pg from 'pg';
import { loadConfig } from '../../src/platform/config';
import { connectionTo, Database, Notifications, sqlOf, UnitOfWork } from '../../src/platform/database';
import { isDatabaseUnavailable } from '../../src/platform/database/database-unavailable';
import { Readiness } from '../../src/platform/health';
import { queueConnection, QueueModule } from '../../src/platform/queue';
import { openContext } from '../support/context';
import { eventually } from '../support/eventually';
import { startFreezingProxy } from '../support/freezing-proxy';
import { startReplicatedPostgres, type ReplicatedPostgres } from '../support/standby';
import { endStatements, statement } from '../support/statements';

jest.setTimeout(120_000);

describe('a database of several hosts', () => {
  let postgres: ReplicatedPostgres;
  const undo: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-hosts-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    postgres = await startReplicatedPostgres(folder);
    undo.push(() => postgres.stop());
    await postgres.caughtUp();
  });
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });

  const WHERE = 'SELECT pg_is_in_recovery() AS recovering';
  /** Of a new connection of a pool of its own. */
  const isStandby = async (url: string): Promise<boolean> => {
    const pool = new pg.Pool({ ...connectionTo(url), max: 1, connectionTimeoutMillis: 5_000 });
    try {
      return (await pool.query<{ recovering: boolean }>(WHERE)).rows[0]!.recovering;
    } finally {
      await pool.end();
    }
  };
  const withTarget = (url: string, target: string): string =>
    `${url}${url.includes('?') ? '&' : '?'}target_session_attrs=${target}`;

  it.each([
    ['read-write', false],
    ['primary', false],
    ['any', true],
  ])('is asked for its server in order, for %s', async (target, standby) => {
    expect(await isStandby(withTarget(postgres.url, target))).toBe(standby);
  });

  it('means the server that takes writes, unless the URL says otherwise', async () => {
    expect(await isStandby(postgres.url)).toBe(false);
    expect(await isStandby(postgres.standbyUrl)).toBe(true);
  });

  it('is away while none of its servers fits, and says of each why, without a secret', async () => {
    const alone = withTarget(postgres.standbyUrl, 'read-write');
    const gone = 'postgres://canary:canary@127.0.0.1:1,127.0.0.1:2/canary';
    const error = await isStandby(alone).catch((failure: unknown) => failure);
    expect(isDatabaseUnavailable(error)).toBe(true);
    expect(String(error)).toMatch(/^NoServerError: No server of the database can be used: \S+ is read-only\.$/);
    await expect(isStandby(gone)).rejects.toThrow(
      'No server of the database can be used: 127.0.0.1:1 cannot be used (ECONNREFUSED), 127.0.0.1:2 cannot be used (ECONNREFUSED).',
    );
    const wrong = postgres.url.replace(/:[^:@]+@/, ':canary@');
    const refused = await isStandby(wrong).catch(String);
    expect(refused).toMatch(/ cannot be used \(28P01\), .* cannot be used \(28P01\)\.$/);
    expect(refused).not.toContain('canary');
  });

  it('is found behind a server that has fallen silent', async () => {
    const silent = await startFreezingProxy(postgres.standbyUrl);
    undo.push(() => silent.stop());
    silent.freeze();
    const both = postgres.url.replace(/@[^,]+,/, `@${new URL(silent.url).host},`);
    const begun = performance.now();
    expect(await isStandby(both)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(4_000);
    // the next one knows where to look first
    const again = performance.now();
    expect(await isStandby(both)).toBe(false);
    expect(performance.now() - again).toBeLessThan(1_500);
  });

  it('is listened to for jobs at the server that takes writes', async () => {
    const config = loadConfig({ DATABASE_URL: postgres.url });
    QueueModule.forRoot(config);
    const worker = new Worker('several-hosts', async () => undefined, { connection: queueConnection(config) as never });
    worker.on('error', () => undefined);
    undo.push(() => worker.close());
    await eventually(async () => {
      const listening = await statement(
        postgres.primaryUrl,
        `SELECT 1 FROM pg_stat_activity WHERE query ~* 'listen +bullmq_jobs'`,
      );
      expect(listening).toHaveLength(1);
    });
  });

  describe('whose primary stops taking writes, and goes on answering', () => {
    let service: INestApplicationContext;
    beforeAll(async () => {
      service = await openContext({ DATABASE_URL: postgres.url });
      await statement(postgres.standbyUrl, 'SELECT pg_promote()');
      await statement(postgres.primaryUrl, 'ALTER SYSTEM SET default_transaction_read_only = on');
      await statement(postgres.primaryUrl, 'SELECT pg_reload_conf()');
      for (const url of [postgres.primaryUrl, postgres.standbyUrl]) await endStatements(url);
    });
    afterAll(() => service?.close());
    const server = async (): Promise<unknown> =>
      (await service.get(Database).query(`SELECT setting FROM pg_settings WHERE name = 'data_directory'`))[0];

    it('has what is connected moved to the server that takes them', async () => {
      const work = service.get(UnitOfWork);
      const before = await server();
      const write = () => work.run((tx) => sqlOf(tx).execute('UPDATE database_generation SET since = now()'));
      // the connection of the first failure is given up, and the others with it
      await expect(write()).rejects.toMatchObject({ code: '25006' });
      await eventually(write, 5_000);
      expect(await server()).not.toEqual(before);
      const heard: string[] = [];
      const signals = service.get(Notifications);
      signals.subscribe('several_hosts', (payload) => heard.push(payload));
      await eventually(async () => {
        await work.run((tx) => signals.publish(tx, 'several_hosts', 'moved'));
        expect(heard).toContain('moved');
      }, 5_000);
      await eventually(async () => {
        const { database, queue } = await service.get(Readiness).report();
        expect([database, queue]).toEqual([{ status: 'up' }, { status: 'up' }]);
      }, 5_000);
      const left = await statement(
        postgres.primaryUrl,
        `SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'interlock%'`,
      );
      await endStatements(postgres.primaryUrl);
      expect(left).toEqual([]);
    });
  });
});
