import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/database/data-source';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded-postgres';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { startTestProcess, type TestProcess } from '../support/process';
import { makePushingClinic, type PushingClinic } from '../support/pushes';
import { openTcpGate, type TcpGate } from '../support/tcp-gate';

jest.setTimeout(300_000);

/** The address behind which one server takes another's place. */
async function startSwitch(first: string) {
  let target = new URL(first);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(first);
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    to: (next: string) => {
      target = new URL(next);
      cut();
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

async function ask<R>(url: string, text: string): Promise<R[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as R[];
  } finally {
    await client.end();
  }
}

/** A primary and an asynchronous standby, as the embedded server's own files make them. */
describe('a standby that is promoted after the last commits were lost', () => {
  let folder: string;
  let primary: EmbeddedPostgres;
  let standby: EmbeddedPostgres;
  let replication: TcpGate;
  let address: Awaited<ReturnType<typeof startSwitch>>;
  let running: TestApp;
  let clinic: PushingClinic;
  let worker: TestProcess;
  const undo: (() => Promise<unknown>)[] = [];

  const startWorker = async (): Promise<void> => {
    worker = await startTestProcess({
      DATABASE_URL: address.url,
      DATA_DIR: running.config.dataDir,
      ROLE: 'worker',
      OUTBOUND_ALLOW_PRIVATE: 'true',
      RUN_LEASE_SECONDS: '5',
    });
    await worker.ready();
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-failover-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const [one, two] = [path.join(folder, 'one'), path.join(folder, 'two')] as const;
    // where PostgreSQL's own user may go, so that the data stays where it is looked for
    for (const open of [folder, one, two]) {
      await mkdir(open, { recursive: true });
      await chmod(open, 0o755);
    }
    const settings = { fsync: 'off', wal_level: 'replica' };
    let server = await startEmbeddedPostgres({ dataDir: one, settings });
    await migrate(server.url);
    await server.stop();
    await writeFile(
      path.join(one, 'postgres', 'pg_hba.conf'),
      ['all', 'replication'].map((what) => `host ${what} all 127.0.0.1/32 scram-sha-256\n`).join(''),
    );
    await cp(one, two, { recursive: true, preserveTimestamps: true });
    await ownedLike(path.join(one, 'postgres'), path.join(two, 'postgres'));
    server = await startEmbeddedPostgres({ dataDir: one, settings });
    primary = server;
    undo.push(() => primary.stop());
    const { port, username, password } = new URL(primary.url);
    replication = await openTcpGate({ host: '127.0.0.1', port: Number(port) });
    undo.push(() => replication.stop());
    await writeFile(path.join(two, 'postgres', 'standby.signal'), '');
    standby = await startEmbeddedPostgres({
      dataDir: two,
      settings: {
        ...settings,
        primary_conninfo: `host=127.0.0.1 port=${replication.port} user=${username} password=${password}`,
        wal_retrieve_retry_interval: '100ms',
      },
    });
    undo.push(() => standby.stop());
    address = await startSwitch(primary.url);
    undo.push(() => address.stop());
    running = await startTestApp({ databaseUrl: address.url, environment: { ROLE: 'api' } });
    undo.push(() => running.close());
    await startWorker();
    undo.push(() => worker.kill());
    clinic = await makePushingClinic(running, { invoices: 3 });
  });
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });

  const caughtUp = async (): Promise<void> => {
    const [at] = await ask<{ lsn: string }>(primary.url, 'SELECT pg_current_wal_lsn() AS lsn');
    await eventually(async () => {
      const [row] = await ask<{ there: boolean }>(
        standby.url,
        `SELECT coalesce(pg_last_wal_replay_lsn() >= '${at!.lsn}', false) AS there`,
      );
      expect(row!.there).toBe(true);
    }, 30_000);
  };
  const counts = async (id: string) => {
    const { payments, allocations, logs } = await clinic.truth(id);
    return { payments: payments.length, allocations: allocations.length, logs: logs.length };
  };
  const ONCE = { payments: 1, allocations: 1, logs: 1 };

  it('pays once what it shows as waiting, and what it does not know at all and is asked for again', async () => {
    await worker.kill();
    const waiting = await clinic.pushed('waiting');
    await caughtUp();
    replication.shut();
    // from here on the standby hears nothing
    await startWorker();
    await eventually(async () => expect((await clinic.row(waiting))['status']).toBe('pushed'), 60_000);
    const second = { externalInvoiceId: clinic.invoices[1] };
    const lost = await clinic.pushed('lost', second);
    await eventually(async () => expect((await clinic.row(lost))['status']).toBe('pushed'), 60_000);
    expect(await counts(waiting)).toEqual(ONCE);

    await primary.stop();
    await ask(standby.url, 'SELECT pg_promote()');
    address.to(standby.url);
    // connections that were cut are noticed one by one
    await eventually(async () => void (await clinic.call('get', '').expect(200)), 30_000);
    await eventually(async () => expect(await clinic.row(waiting)).toBeDefined(), 30_000);
    expect(await clinic.sql('SELECT 1 FROM outbound_payments WHERE id = $1', [lost])).toEqual([]);
    const again = await clinic.pushed('lost', second);
    for (const id of [waiting, again]) {
      await eventually(async () => {
        await clinic.hurry();
        expect((await clinic.row(id))['status']).toBe('pushed');
      }, 90_000);
      expect(await counts(id)).toEqual(ONCE);
    }
    expect(running.sandbox.practicehub.truth({ resource: 'payments', apiKey: clinic.accountKey })).toHaveLength(2);
    // and one that was never asked for before is paid like any other
    const fresh = await clinic.pushed('fresh', { externalInvoiceId: clinic.invoices[2] });
    await eventually(async () => {
      await clinic.hurry();
      expect((await clinic.row(fresh))['status']).toBe('pushed');
    }, 90_000);
    expect(await counts(fresh)).toEqual(ONCE);
  });
});

/** PostgreSQL runs as another user where the tests run as root. */
async function ownedLike(from: string, to: string): Promise<void> {
  const { uid, gid } = await stat(from);
  await chown(to, uid, gid);
  for (const entry of await readdir(to, { recursive: true })) await chown(path.join(to, entry), uid, gid);
}
