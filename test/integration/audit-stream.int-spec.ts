import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Client } from 'pg';
import { AuditChainer, AuditLog, AuditModule, AuditStreams, AuditVerifier, verifyCopy } from '../../src/audit';
import { HttpSink } from '../../src/audit/adapters/http-sink';
import { StreamRepository } from '../../src/audit/store/stream.repository';
import { dataSourceOptions } from '../../src/database/data-source';
import { AppConfig, loadConfig } from '../../src/platform/config';
import { DatabaseModule, UnitOfWork } from '../../src/platform/database';
import { leaseOwner } from '../../src/platform/lease';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { findProgram } from '../support/optional-programs';
import { makeCertificates, TestRsyslog, type Certificates } from '../support/rsyslog';

jest.setTimeout(300_000);

/** Two batches and a part. */
const ROUND = 1_100;

/** It reads all that comes, and is killed a moment later. */
function readAndDie(socket: Socket): void {
  let dying: NodeJS.Timeout | undefined;
  socket.on('data', () => {
    clearTimeout(dying);
    dying = setTimeout(() => socket.end(), 100);
  });
}

const root = path.resolve(__dirname, '../..');
const withRsyslog = findProgram('rsyslog') === null ? describe.skip : describe;

async function startAudit(environment: Record<string, string>): Promise<TestingModule> {
  const config = loadConfig({ NODE_ENV: 'test', ROLE: 'api', ...environment });
  @Module({ providers: [{ provide: AppConfig, useValue: config }], exports: [AppConfig] })
  class ConfigModule {}
  const module = await Test.createTestingModule({
    imports: [
      { module: ConfigModule, global: true },
      DatabaseModule.forRoot(dataSourceOptions({ ...config.database, poolSize: 4 })),
      AuditModule,
    ],
  }).compile();
  return module.init();
}

let database: TestDatabase;
let db: Client;
let folder: string;
const opened: TestingModule[] = [];

beforeEach(async () => {
  database = await migratedDatabase();
  db = new Client({ connectionString: database.url });
  await db.connect();
  folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-audit-stream-'));
});
afterEach(async () => {
  for (const module of opened.splice(0)) await module.close();
  await db?.end();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** An `api` process: it neither chains nor sends by itself. */
const open = async (environment: Record<string, string> = {}): Promise<TestingModule> => {
  const module = await startAudit({ DATABASE_URL: database.url, ...environment });
  opened.push(module);
  return module;
};
const record = (audit: TestingModule, count: number, name = 'thing') =>
  audit.get(UnitOfWork).run((tx) =>
    audit.get(AuditLog).recordAll(
      tx,
      Array.from({ length: count }, (_one, index) => ({
        action: 'thing.done',
        subject: { type: 'thing', id: `${name} ${index}` },
        actor: { kind: 'cli' as const, id: 'test' },
        reason: 'weil "Größe" \u007f wächst\n',
        details: { zeta: index, alpha: { nested: [1.5, null, 'ü'] } },
      })),
    ),
  );
const chain = async (audit: TestingModule): Promise<void> => {
  while (await audit.get(AuditChainer).chainOnce());
};
const chained = async (): Promise<number> =>
  (await db.query<{ count: number }>('SELECT count(*)::int AS count FROM audit_chain')).rows[0]!.count;

describe('the audit stream to an HTTP receiver', () => {
  let server: Server;
  let received: string;
  let tokens: IncomingHttpHeaders['authorization'][];
  let answers: number[];
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit`;
  const destination = () => new HttpSink({ url: url(), tokenFile: null }).destination;

  beforeEach(async () => {
    [received, tokens, answers] = ['', [], []];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        received += body;
        tokens.push(request.headers.authorization);
        response.writeHead(answers.shift() ?? 204).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => new Promise<void>((done) => server.close(() => done())));

  const copy = async (): Promise<string> => {
    const file = path.join(folder, 'copy.jsonl');
    await writeFile(file, received);
    return file;
  };

  it('sends every link once and proves complete, and what was refused again', async () => {
    await writeFile(path.join(folder, 'token'), 'first\n');
    const audit = await open({
      AUDIT_STREAM_HTTP_URL: url(),
      AUDIT_STREAM_HTTP_TOKEN_FILE: path.join(folder, 'token'),
    });
    await record(audit, 1_200);
    await chain(audit);
    answers = [204, 503];
    await audit.get(AuditStreams).tick();
    expect((await verifyCopy([await copy()])).links).toBe(1_000);
    // not before its time
    await audit.get(AuditStreams).tick();
    expect(tokens).toHaveLength(2);
    await writeFile(path.join(folder, 'token'), 'second\n');
    await db.query(`UPDATE audit_streams SET retry_at = now()`);
    await audit.get(AuditStreams).tick();
    const end = (await audit.get(AuditVerifier).verify()).end;
    expect(await verifyCopy([await copy()])).toEqual({
      intact: true,
      links: 1_200,
      duplicates: 500,
      unreadable: 0,
      firstUnreadable: null,
      tooLong: 0,
      firstTooLong: null,
      faults: [],
      moreFaults: 0,
      end,
    });
    expect(tokens).toEqual(['Bearer first', 'Bearer first', 'Bearer second', 'Bearer second']);
  });

  it('sends the whole chain to another receiver', async () => {
    const first = await open({ AUDIT_STREAM_HTTP_URL: url() });
    await record(first, 3);
    await chain(first);
    await first.get(AuditStreams).tick();
    const second = await open({ AUDIT_STREAM_HTTP_URL: `${url()}/other` });
    await second.get(AuditStreams).tick();
    expect(await verifyCopy([await copy()])).toMatchObject({ intact: true, links: 3, duplicates: 3 });
  });

  it('is the work of one process at a time, and a process without the lease moves no cursor', async () => {
    const audit = await open({ AUDIT_STREAM_HTTP_URL: url() });
    await record(audit, 3);
    await chain(audit);
    const streams = audit.get(StreamRepository);
    // a process of this machine that lives
    const owner = leaseOwner(process.ppid);
    const held = await streams.claim(destination(), owner, { leaseMs: 60_000, from: null });
    expect(await streams.claim(destination(), 'another', { leaseMs: 60_000, from: null })).toBeNull();
    await audit.get(AuditStreams).tick();
    expect(received).toBe('');
    await db.query(`UPDATE audit_streams SET lease_until = now() - interval '1 second'`);
    await audit.get(AuditStreams).tick();
    expect(await streams.advance(destination(), held!.fence, 1, 60_000)).toBe(false);
    expect((await db.query('SELECT position::int FROM audit_streams')).rows).toEqual([{ position: 3 }]);
  });

  it('takes over at once from a process of this machine that was killed', async () => {
    const audit = await open({ AUDIT_STREAM_HTTP_URL: url() });
    await record(audit, 3);
    await chain(audit);
    const killed = spawn('sleep', ['60']);
    await once(killed, 'spawn');
    await audit.get(StreamRepository).claim(destination(), leaseOwner(killed.pid), { leaseMs: 60_000, from: null });
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await audit.get(AuditStreams).tick();
    expect(await verifyCopy([await copy()])).toMatchObject({ intact: true, links: 3 });
  });

  it.each([
    ['of two lines', 's3cret-line-one\ns3cret-line-two'],
    ['of characters that no header has', 's3cret-€'],
    ['with a control character', 's3cret-\u0000'],
    ['that is empty', '\n'],
  ])('sends nothing with a token %s, and names no token', async (_what, token) => {
    await writeFile(path.join(folder, 'token'), token);
    const audit = await open({
      AUDIT_STREAM_HTTP_URL: url(),
      AUDIT_STREAM_HTTP_TOKEN_FILE: path.join(folder, 'token'),
    });
    await record(audit, 1);
    await chain(audit);
    await audit.get(AuditStreams).tick();
    expect(tokens).toEqual([]);
    expect((await db.query('SELECT last_error FROM audit_streams')).rows).toEqual([
      { last_error: 'the token file must hold one line of visible ASCII characters' },
    ]);
  });

  it('tells a receiver that takes nothing, with the reason and what waits', async () => {
    answers = [401];
    const audit = await open({ AUDIT_STREAM_HTTP_URL: url() });
    await record(audit, 3);
    await chain(audit);
    await audit.get(AuditStreams).tick();
    expect(await audit.get(AuditStreams).behind()).toEqual([]);
    await db.query(`BEGIN; SET LOCAL session_replication_role = 'replica';
      UPDATE audit_chain SET chained_at = now() - interval '121 seconds'; COMMIT`);
    expect(await audit.get(AuditStreams).behind()).toEqual([
      { origin: new URL(url()).origin, links: 3, since: expect.any(Date), lastError: 'the receiver answered 401' },
    ]);
    // the path may be a secret, and the table holds none
    expect(JSON.stringify((await db.query('SELECT * FROM audit_streams')).rows)).not.toContain('/audit');
    await db.query(`UPDATE audit_streams SET retry_at = now()`);
    await audit.get(AuditStreams).tick();
    expect(await audit.get(AuditStreams).behind()).toEqual([]);
  });
});

withRsyslog('the audit stream to rsyslog', () => {
  let certificates: Certificates;
  let receiver: TestRsyslog;
  let environment: Record<string, string>;
  const processes: ChildProcess[] = [];

  beforeEach(async () => {
    certificates = makeCertificates(folder);
    receiver = await TestRsyslog.start(folder, certificates);
    environment = {
      AUDIT_STREAM_SYSLOG_URL: `tls://localhost:${receiver.port}`,
      AUDIT_STREAM_SYSLOG_CA_FILE: certificates.ca,
      AUDIT_STREAM_SYSLOG_CERT_FILE: certificates.cert,
      AUDIT_STREAM_SYSLOG_KEY_FILE: certificates.key,
    };
  });
  afterEach(async () => {
    for (const child of processes.splice(0)) await end(child);
    await receiver?.kill();
  });

  const start = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, ['-r', './scripts/register.cjs', 'test/support/audit-process.ts'], {
      cwd: root,
      env: { PATH: process.env['PATH'], NODE_ENV: 'test', ROLE: 'worker', DATABASE_URL: database.url, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(child);
    await once(child.stdout!, 'data');
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  /** Until the receiver has begun to write what is new, and a little longer. */
  const midway = async (size: number): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while (receiver.size === size && Date.now() < deadline) await sleep(1);
    await sleep(Math.random() * 15);
  };

  it('misses nothing when receiver and process are killed 50 times', async () => {
    const audit = await open();
    let worker = await start();
    let intoTheMiddle = 0;
    for (let kill = 0; kill < 50; kill++) {
      const size = receiver.size;
      await record(audit, ROUND, `round ${kill}`);
      await midway(size);
      if (kill % 4 > 0) await receiver.kill();
      else await end(worker);
      const position = (await db.query<{ position: number }>('SELECT position::int FROM audit_streams')).rows[0]!
        .position;
      if (position < (kill + 1) * ROUND) intoTheMiddle++;
      if (kill % 4 > 0) await receiver.startAgain();
      else worker = await start();
      await db.query(`UPDATE audit_streams SET retry_at = NULL`);
    }
    await eventually(async () => {
      expect(await chained()).toBe(50 * ROUND);
      expect((await db.query('SELECT position::int FROM audit_streams')).rows).toEqual([{ position: 50 * ROUND }]);
    }, 60_000);
    const verdict = await verifyCopy([receiver.file]);
    expect(verdict).toMatchObject({ intact: true, links: 50 * ROUND, faults: [] });
    expect(intoTheMiddle).toBeGreaterThan(25);
    expect(verdict.end).toEqual((await audit.get(AuditVerifier).verify()).end);
  });

  it.each([
    ['before it has read', (socket: Socket) => void socket.end()],
    ['after the first bytes', (socket: Socket) => void socket.once('data', () => socket.destroy())],
    ['while it writes what it has read', readAndDie],
  ])('takes no receiver for served that closes the connection %s', async (_when, receive) => {
    const { ca, cert, key } = certificates;
    const sockets: Socket[] = [];
    const server = createTlsServer({ ca, cert: await readFile(cert), key: await readFile(key) }, (socket) => {
      socket.on('error', () => undefined);
      sockets.push(socket);
      receive(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const audit = await open({ ...environment, AUDIT_STREAM_SYSLOG_URL: `tls://127.0.0.1:${port}` });
    // more than the kernel takes at once
    for (let part = 0; part < 10; part++) await record(audit, 500, 'x'.repeat(10_000));
    await chain(audit);
    await audit.get(AuditStreams).tick();
    const { rows } = await db.query('SELECT position::int FROM audit_streams');
    expect(rows).toEqual([{ position: 0 }]);
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((closed) => server.close(() => closed()));
  });

  it('sends nothing to a receiver whose certificate it does not trust', async () => {
    const { AUDIT_STREAM_SYSLOG_CA_FILE: _ca, ...trustsOthers } = environment;
    const audit = await open(trustsOthers);
    await record(audit, 3);
    await chain(audit);
    await audit.get(AuditStreams).tick();
    expect(await readFile(receiver.file, 'utf8')).toBe('');
    const { rows } = await db.query('SELECT position::int, last_error FROM audit_streams');
    expect(rows).toEqual([{ position: 0, last_error: expect.stringMatching(/certificate|issuer/) }]);
  });
});
