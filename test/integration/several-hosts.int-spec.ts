import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { Worker } from 'bullmq';
import pg from 'pg';
import { loadConfig } from '../../src/platform/config';
import { connectionTo, Database, Notifications, sqlOf, UnitOfWork } from '../../src/platform/database';
import { newClient } from '../../src/platform/database/connection';
import { isDatabaseUnavailable } from '../../src/platform/database/database-unavailable';
import { Drain, Readiness } from '../../src/platform/health';
import { queueConnection, QueueModule } from '../../src/platform/queue';
import { openContext } from '../support/context';
import { eventually } from '../support/eventually';
import { startFreezingProxy } from '../support/freezing-proxy';
import { addressOf } from '../support/server-address';
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

  it('is found where it lets clients in slowly, and is not searched for again', async () => {
    const gate = await openSlowly(postgres.primaryUrl);
    const slow = postgres.url.replace(/,[^/]+/, `,127.0.0.1:${gate.port}`);
    gate.delayMs = 2_200;
    expect(await isStandby(slow)).toBe(false);
    gate.delayMs = 4_000;
    expect(await isStandby(slow)).toBe(false);
  });

  describe('while the search for its server lasts', () => {
    /** Of servers of which the first is slow, and the other lets nobody in. */
    const slowly = async (): Promise<{ gate: SlowGate; url: string }> => {
      const gate = await openSlowly(postgres.primaryUrl);
      gate.delayMs = 1_500;
      return { gate, url: postgres.url.replace(/@[^/]+/, `@127.0.0.1:${gate.port},127.0.0.1:1`) };
    };
    /** Of the clients that are no search. */
    const connected = async (name: string): Promise<number> =>
      (await statement(postgres.primaryUrl, `SELECT 1 FROM pg_stat_activity WHERE application_name = '${name}'`))
        .length;

    it('a client that is ended is not connected any more', async () => {
      const client = newClient((await slowly()).url, { application_name: 'ended-early' });
      const connecting = client.connect().catch(String);
      await client.end();
      expect(await connecting).toBe('Error: Connection terminated');
      await sleep(2_500);
      expect(await connected('ended-early')).toBe(0);
    });

    it('a client has the time that it is given, and is not connected later', async () => {
      const { url } = await slowly();
      const begun = performance.now();
      const client = newClient(url, { application_name: 'too-late', connectionTimeoutMillis: 300 });
      await expect(client.connect()).rejects.toThrow('timeout expired');
      const pool = new pg.Pool({ ...connectionTo(url), application_name: 'too-late', connectionTimeoutMillis: 300 });
      await expect(pool.query(WHERE)).rejects.toThrow(/timeout/);
      expect(performance.now() - begun).toBeLessThan(1_000);
      await sleep(4_000);
      expect(await connected('too-late')).toBe(0);
      await pool.end();
    });
  });

  describe('one server of which lets nobody in', () => {
    it.each([
      ['says that it is full', '53300'],
      ['says that it is starting', '57P03'],
      ['says nothing', null],
    ])('is not told as read-only where it %s', async (_what, code) => {
      const server = await openRefusing(code);
      const url = withTarget(postgres.standbyUrl, 'primary').replace(/@([^/]+)/, `@$1,127.0.0.1:${server.port}`);
      expect(await checkOf(url)).toEqual({ status: 'down', reason: 'does not answer' });
    });

    it('is told as read-only where it is not reached', async () => {
      const url = postgres.standbyUrl.replace(/@([^/]+)/, '@$1,127.0.0.1:1');
      expect(await checkOf(url)).toEqual({ status: 'down', reason: 'is read-only' });
    });

    it('is left with no socket, also where it does not close', async () => {
      const server = await openRefusing('53300');
      await isStandby(`postgres://u:p@127.0.0.1:${server.port},127.0.0.1:1/db`).catch(() => undefined);
      expect(server.open()).toBe(1);
      await eventually(async () => expect(server.open()).toBe(0), 5_000);
    });
  });

  const checkOf = async (url: string): Promise<object> => {
    const readiness = new Readiness(loadConfig({ DATABASE_URL: url }), new Drain(), { names: [] });
    try {
      return (await readiness.report()).database;
    } finally {
      await readiness.onApplicationShutdown();
    }
  };

  interface SlowGate {
    readonly port: number;
    delayMs: number;
  }
  /** Passes each connection on, after a while. */
  const openSlowly = async (url: string): Promise<SlowGate> => {
    const gate = { port: 0, delayMs: 0 };
    gate.port = await listen((socket) => {
      setTimeout(() => {
        const server = connect(addressOf(url)).on('error', () => socket.destroy());
        socket.pipe(server).pipe(socket);
        socket.on('close', () => server.destroy());
        server.on('close', () => socket.destroy());
      }, gate.delayMs);
    });
    return gate;
  };
  /** Answers each client with an error or not at all, and closes nothing. */
  const openRefusing = async (code: string | null): Promise<{ port: number; open: () => number }> => {
    const sockets = new Set<Socket>();
    const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mno\0\0`);
    const answer = Buffer.concat([Buffer.from('E\0\0\0'), Buffer.from([fields.length + 4]), fields]);
    const port = await listen((socket) => {
      sockets.add(socket);
      // who has closed is noticed by writing
      const writing = setInterval(() => socket.readableEnded && socket.write('x'), 100);
      socket.on('close', () => {
        clearInterval(writing);
        sockets.delete(socket);
      });
      socket.once('data', () => code !== null && socket.write(answer));
      socket.resume();
    });
    return { port, open: () => sockets.size };
  };
  const listen = async (serve: (socket: Socket) => void): Promise<number> => {
    const sockets: Socket[] = [];
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket.on('error', () => socket.destroy()));
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  };

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
