import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { openDatabase } from '../../src/cli/open-database';
import {
  startEmbeddedPostgres,
  urlOfRunningPostgres,
  type EmbeddedPostgres,
} from '../../src/database/embedded-postgres';
import { loadConfig } from '../../src/platform/config';
import { freePort } from '../support/ports';

jest.setTimeout(60_000);

const isRoot = process.geteuid?.() === 0;
const nobody = 65_534;
const socketName = '.s.PGSQL.5432';

/** Takes whoever comes, asks for the password in clear, and prints what it got. */
const squatterScript = `
  const listening = require('node:net').createServer((socket) => {
    socket.on('error', () => {}).on('data', (data) => console.log('got ' + data.toString('latin1').replace(/[^ -~]/g, '.')));
    socket.write(Buffer.from('520000000800000003', 'hex'));
  });
  const where = process.argv[1];
  listening.listen(/^[0-9]+$/.test(where) ? { port: Number(where), host: '127.0.0.1' } : { path: where }, () => console.log('listens'));
`;

describe('the socket of the embedded PostgreSQL', () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function makeFolder(prefix = 'interlock-socket-'): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), prefix));
    undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
    await chmod(folder, 0o755);
    return folder;
  }

  async function start(dataDir: string): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
    undo.push(() => server.stop());
    return server;
  }

  /** As long as it has to be, so that the socket's name has that many bytes. */
  async function folderForName(bytes: number): Promise<string> {
    const base = await makeFolder();
    const rest = bytes - Buffer.byteLength(path.join(base, 'x', 'postgres.socket', socketName)) + 1;
    return path.join(base, 'd'.repeat(rest));
  }

  /** A process of another user that waits for a client to come. */
  async function squat(where: string): Promise<{ got: string[] }> {
    const child: ChildProcess = spawn(process.execPath, ['-e', squatterScript, where], {
      uid: nobody,
      gid: nobody,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const got: string[] = [];
    const lines = createInterface({ input: child.stdout! });
    undo.push(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    await once(lines, 'line');
    lines.on('line', (line) => got.push(line));
    return { got };
  }

  async function folderOfNobody(): Promise<string> {
    const folder = await makeFolder('interlock-planted-');
    await chown(folder, nobody, nobody);
    await chmod(folder, 0o700);
    return folder;
  }

  const folderOf = (server: EmbeddedPostgres): string => decodeURIComponent(new URL(server.url).hostname);

  it.each(['plain', `odd, "x" '%2F#1?&ü`])('answers in a data folder named %s', async (name) => {
    const dataDir = path.join(await makeFolder(), name);
    const server = await start(dataDir);
    expect(folderOf(server)).toBe(path.join(dataDir, 'postgres.socket'));
    expect(await ask(server.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
    expect(await urlOfRunningPostgres(dataDir)).toBe(server.url);
    const { config, close } = await openDatabase(loadConfig({ DATA_DIR: dataDir }), () => undefined);
    expect(config.database.url).toBe(server.url);
    await close();
  });

  const longest = process.platform === 'linux' ? 107 : 103;
  it('moves to a short folder of its own where its name is too long, and is found there', async () => {
    const fits = await start(await folderForName(longest));
    expect(folderOf(fits)).toMatch(/postgres\.socket$/);

    const dataDir = await folderForName(longest + 1);
    const server = await start(dataDir);
    const short = folderOf(server);
    expect(short).toMatch(/^\/tmp\/interlock-\w+$/);
    const found = await lstat(short);
    expect([found.isDirectory(), found.mode & 0o777]).toEqual([true, 0o700]);
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await urlOfRunningPostgres(dataDir)).toBe(server.url);
    await server.stop();
    await expect(lstat(short)).rejects.toThrow(/ENOENT/);

    // as a killed process leaves it
    await mkdir(short, { mode: 0o777 });
    await chown(short, found.uid, found.gid);
    await writeFile(path.join(short, `${socketName}.lock`), `${process.pid}\n`);
    const again = await start(dataDir);
    expect(folderOf(again)).toBe(short);
    expect((await lstat(short)).mode & 0o777).toBe(0o700);
  });

  it('is not looked for behind a link', async () => {
    const dataDir = await folderForName(longest + 1);
    const first = await start(dataDir);
    const short = folderOf(first);
    await first.stop();
    const elsewhere = await makeFolder();
    await symlink(elsewhere, short);
    undo.push(() => rm(short, { force: true }));
    const second = await start(dataDir);
    expect(folderOf(second)).not.toBe(short);
    expect((await lstat(elsewhere)).mode & 0o777).toBe(0o755);
  });

  it('starts on the folder of a former release, which listened on a port', async () => {
    const dataDir = path.join(await makeFolder(), 'data');
    const first = await start(dataDir);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS value');
    await first.stop();
    await asFormerRelease(dataDir, await freePort());
    const next = await start(dataDir);
    expect(await ask(next.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
  });

  (isRoot ? describe : describe.skip)('beside a process of another user (needs root to start one)', () => {
    it('gives nothing to who has taken the port of a former release', async () => {
      const dataDir = path.join(await makeFolder(), 'data');
      await (await start(dataDir)).stop();
      const port = await freePort();
      await asFormerRelease(dataDir, port);
      const { got } = await squat(String(port));
      expect(await urlOfRunningPostgres(dataDir)).toBeNull();
      await expectUsable(await start(dataDir), dataDir);
      expect(got).toEqual([]);
    });

    it('gives nothing to who has planted the short folder', async () => {
      const dataDir = await folderForName(longest + 1);
      const first = await start(dataDir);
      const short = folderOf(first);
      await first.stop();
      await rename(await folderOfNobody(), short);
      undo.push(() => rm(short, { recursive: true, force: true }));
      const { got } = await squat(path.join(short, socketName));
      const second = await start(dataDir);
      expect(folderOf(second)).not.toBe(short);
      await expectUsable(second, dataDir);
      expect(got).toEqual([]);
    });

    it('gives nothing to who listens where a stale lock file points, whatever owner and mode its folder has', async () => {
      const dataDir = path.join(await makeFolder(), 'data');
      const server = await start(dataDir);
      const pidFile = path.join(dataDir, 'postgres', 'postmaster.pid');
      const lines = (await readFile(pidFile, 'utf8')).split('\n');
      const { uid } = await lstat(path.join(dataDir, 'postgres'));
      for (const prepare of [
        async () => undefined,
        async (folder: string) => chmod(folder, 0o755),
        // a socket of the other user in a folder of ours, and in an open one
        async (folder: string) => chown(folder, uid, nobody),
        async (folder: string) => chown(folder, uid, nobody).then(() => chmod(folder, 0o777)),
      ]) {
        const planted = await folderOfNobody();
        const { got } = await squat(path.join(planted, socketName));
        await prepare(planted);
        await writeFile(pidFile, lines.with(4, planted).join('\n'));
        expect(await urlOfRunningPostgres(dataDir)).toBeNull();
        await expect(openDatabase(loadConfig({ DATA_DIR: dataDir }), () => undefined)).rejects.toThrow(/in use/);
        // nor behind a link of ours
        const link = path.join(await makeFolder(), 'link');
        await symlink(planted, link);
        await writeFile(pidFile, lines.with(4, link).join('\n'));
        expect(await urlOfRunningPostgres(dataDir)).toBeNull();
        expect(got).toEqual([]);
      }
      await writeFile(pidFile, lines.join('\n'));
      await expectUsable(server, dataDir);
    });

    it('can neither be entered nor be reached', async () => {
      const server = await start(path.join(await makeFolder(), 'data'));
      const socket = path.join(folderOf(server), socketName);
      const child = spawn(process.execPath, ['-e', `require('node:net').connect(process.argv[1])`, socket], {
        uid: nobody,
        gid: nobody,
        cwd: '/',
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr!.on('data', (text) => (said += text));
      await once(child, 'close');
      expect(said).toContain('EACCES');
    });
  });

  async function expectUsable(server: EmbeddedPostgres, dataDir: string): Promise<void> {
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await urlOfRunningPostgres(dataDir)).toBe(server.url);
    // what a squatter got has arrived by now
    await sleep(100);
  }
});

/** What a former release left of a server that was killed: its rules and its lock file name 127.0.0.1 and a port. */
async function asFormerRelease(dataDir: string, port: number): Promise<void> {
  const cluster = path.join(dataDir, 'postgres');
  for (const name of ['postgres.socket', 'postgres.access']) await rm(path.join(dataDir, name), { recursive: true });
  await writeFile(path.join(cluster, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  const lines = [
    '4194303',
    cluster,
    '1700000000',
    String(port),
    '',
    '127.0.0.1',
    '   1234567     65536',
    'ready   ',
    '',
  ];
  await writeFile(path.join(cluster, 'postmaster.pid'), lines.join('\n'));
}

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
