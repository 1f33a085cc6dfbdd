import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import {
  DataDirectoryInUseError,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/database/embedded-postgres';

jest.setTimeout(60_000);

const copied = promisify(execFile);
const repository = path.resolve(__dirname, '../..');
const isRoot = process.geteuid?.() === 0;
const isLinux = process.platform === 'linux';

/** Starts the server, says so in one JSON line, then stays until killed or does what the second argument says. */
const childScript = `
  const { transformFileSync } = require('@swc/core');
  require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file).code, file);
  const { startEmbeddedPostgres } = require('./src/database/embedded-postgres.ts');
  const [dataDir, then] = process.argv.slice(1);
  startEmbeddedPostgres({ dataDir, log: (line) => console.error(line) }).then(
    ({ url }) => {
      console.log(JSON.stringify({ url }));
      if (then === 'stay') setInterval(() => {}, 1000);
      if (then === 'throw') setTimeout(() => { throw new Error('planted'); }, 100);
    },
    (error) => console.log(JSON.stringify({ name: error.name, message: error.message })),
  );
`;

interface Announcement {
  url?: string;
  name?: string;
  message?: string;
}

describe('embedded PostgreSQL', () => {
  const servers: EmbeddedPostgres[] = [];
  const children: ChildProcess[] = [];
  const folders: string[] = [];
  let template: Promise<string> | undefined;

  afterAll(async () => {
    if (template) await rm(path.dirname(await template), { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    for (const folder of folders.splice(0)) {
      const relocated = await readFile(path.join(folder, 'data', 'postgres.location'), 'utf8').catch(() => undefined);
      if (relocated?.startsWith('/var/lib/interlock/')) {
        await rm(relocated.trim(), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  });

  async function makeFolder(mode = 0o755): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-embedded-'));
    folders.push(folder);
    await chmod(folder, mode);
    return path.join(folder, 'data');
  }

  /** As a first start leaves it: made once, and copied. */
  async function madeFolder(): Promise<string> {
    template ??= (async () => {
      const made = path.join(await mkdtemp(path.join(os.tmpdir(), 'interlock-embedded-made-')), 'data');
      await chmod(path.dirname(made), 0o755);
      await (await startEmbeddedPostgres({ dataDir: made })).stop();
      return made;
    })();
    const dataDir = await makeFolder();
    await copied('cp', ['-a', await template, dataDir]);
    return dataDir;
  }

  async function start(dataDir: string, log?: (line: string) => void): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ dataDir, ...(log ? { log } : {}) });
    servers.push(server);
    return server;
  }

  function startChild(
    dataDir: string,
    then: 'stay' | 'throw' | 'leave',
  ): { child: ChildProcess; said: Promise<Announcement> } {
    const child = spawn(process.execPath, ['-e', childScript, dataDir, then], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout! });
    const said = once(lines, 'line').then(([line]) => JSON.parse(String(line)) as Announcement);
    return { child, said };
  }

  it('keeps the data over stop and start, at the same address', async () => {
    const dataDir = await makeFolder();
    const first = await start(dataDir);
    await ask(first.url, 'CREATE TABLE kept (value text)');
    await ask(first.url, "INSERT INTO kept VALUES ('über')");
    await first.stop();
    await expect(ask(first.url, 'SELECT 1')).rejects.toThrow();

    const second = await start(dataDir);
    expect(await ask(second.url, 'SELECT value FROM kept')).toEqual([{ value: 'über' }]);
    expect(new URL(second.url).pathname).toBe('/interlock');
    expect(second.url).toBe(first.url);
    await second.stop();
    await second.stop();
  });

  it('is PostgreSQL 18, durable, UTC, UTF-8, sorted by code point, and reachable on a socket by password only', async () => {
    const dataDir = await makeFolder();
    const { url } = await start(dataDir);
    const setting = async (name: string) => Object.values((await ask(url, `SHOW ${name}`))[0] ?? {})[0];
    expect(await setting('server_version')).toMatch(/^18\./);
    expect(await setting('fsync')).toBe('on');
    expect(await setting('synchronous_commit')).toBe('on');
    expect(await setting('timezone')).toBe('UTC');
    expect(await setting('server_encoding')).toBe('UTF8');
    expect(await setting('listen_addresses')).toBe('');
    expect(await setting('unix_socket_permissions')).toBe('0700');
    expect(
      await ask(url, 'SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()'),
    ).toEqual([{ datlocprovider: 'b', datlocale: 'C.UTF-8' }]);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect((await stat(path.join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    for (const folder of ['postgres', 'postgres.socket']) {
      expect((await stat(path.join(dataDir, folder))).mode & 0o777).toBe(0o700);
    }
  });

  it('runs two folders side by side', async () => {
    const [one, two] = await Promise.all([start(await madeFolder()), start(await madeFolder())]);
    expect(new URL(one.url).hostname).not.toBe(new URL(two.url).hostname);
    await ask(one.url, 'CREATE TABLE mine (value int)');
    await expect(ask(two.url, 'SELECT * FROM mine')).rejects.toThrow(/does not exist/);
  });

  it('refuses a folder that this process or another one holds, naming the folder and the process', async () => {
    const dataDir = await madeFolder();
    const { child, said } = startChild(dataDir, 'stay');
    const { url } = await said;
    const refused = await startEmbeddedPostgres({ dataDir }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DataDirectoryInUseError);
    expect((refused as Error).message).toContain(dataDir);
    expect((refused as DataDirectoryInUseError).pid).toBe(child.pid);
    expect(await ask(url!, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    const own = await madeFolder();
    await start(own);
    await expect(startEmbeddedPostgres({ dataDir: own })).rejects.toThrow(String(process.pid));
  });

  it('lets exactly one of several simultaneous first starts win', async () => {
    const dataDir = await makeFolder();
    const rivals = Array.from({ length: 4 }, () => startChild(dataDir, 'stay'));
    const outcomes = await Promise.all(rivals.map(({ said }) => said));
    expect(outcomes.filter(({ url }) => url)).toHaveLength(1);
    expect(outcomes.filter(({ name }) => name === 'DataDirectoryInUseError')).toHaveLength(3);
  });

  it('recovers the data after kill -9 of its process, at once', async () => {
    const dataDir = await madeFolder();
    const { child, said } = startChild(dataDir, 'stay');
    const { url } = await said;
    await ask(url!, 'CREATE TABLE kept AS SELECT 42 AS value');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const next = await start(dataDir);
    expect(await ask(next.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
  });

  it.each([
    ['kill -9', 'stay'],
    ['an uncaught exception', 'throw'],
    ['an ordinary end without stop()', 'leave'],
  ] as const)('leaves no server behind after %s', async (_, then) => {
    const dataDir = await madeFolder();
    const { child, said } = startChild(dataDir, then);
    const { url } = await said;
    expect(url).toBeDefined();
    if (then === 'stay') child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await eventually(() => !existsSync(path.join(dataDir, 'postgres', 'postmaster.pid')));
    await expect(ask(url!, 'SELECT 1')).rejects.toThrow(/ENOENT/);
  });

  (isLinux ? it : it.skip)(
    'recovers when the server itself was killed too, and its number now belongs to a stranger',
    async () => {
      const dataDir = await madeFolder();
      const { child, said } = startChild(dataDir, 'stay');
      const { url } = await said;
      await ask(url!, 'CREATE TABLE kept AS SELECT 42 AS value');
      const pidFile = path.join(dataDir, 'postgres', 'postmaster.pid');
      const [pid, ...rest] = (await readFile(pidFile, 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
      child.kill('SIGKILL');
      await once(child, 'exit');
      // The lock likewise: a live process has the recorded number, but another start time.
      await writeFile(pidFile, [String(process.pid), ...rest].join('\n'));
      const [lock] = (await readdir(dataDir)).filter((name) => name.startsWith('postgres.lock.'));
      await writeFile(path.join(dataDir, lock!), JSON.stringify({ pid: process.pid, mark: 'an earlier boot/1' }));
      const next = await start(dataDir);
      expect(await ask(next.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
    },
  );

  it('stops an orphan that nobody watches any more, and starts on its data', async () => {
    const dataDir = await madeFolder();
    const { child, said } = startChild(dataDir, 'stay');
    const { url } = await said;
    await ask(url!, 'CREATE TABLE kept AS SELECT 42 AS value');
    const postmaster = Number(
      (await readFile(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0],
    );
    // Frozen, it cannot follow its watcher, which has gone by the time of the next start.
    process.kill(postmaster, 'SIGSTOP');
    child.kill('SIGKILL');
    await once(child, 'exit');
    setTimeout(() => process.kill(postmaster, 'SIGCONT'), 500);
    const lines: string[] = [];
    const next = await start(dataDir, (line) => lines.push(line));
    expect(lines).toEqual([expect.stringContaining('left running')]);
    expect(await ask(next.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
  });

  it('tells when the server ends by itself, and starts again on the same data after stop()', async () => {
    const dataDir = await madeFolder();
    const lines: string[] = [];
    const server = await start(dataDir, (line) => lines.push(line));
    const pidFile = await readFile(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
    process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
    await eventually(() => lines.some((line) => line.includes('ended by itself')));
    await server.stop();
    const next = await start(dataDir);
    expect(await ask(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('begins anew when the first start was killed half-way', async () => {
    const dataDir = await makeFolder();
    const { child } = startChild(dataDir, 'stay');
    const draft = () =>
      existsSync(dataDir) && readdir(dataDir).then((names) => names.some((name) => name.startsWith('postgres.draft-')));
    await eventually(draft);
    await sleep(100);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(path.join(dataDir, 'postgres', 'PG_VERSION'))).toBe(false);
    const next = await start(dataDir);
    expect(await ask(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await readdir(dataDir)).filter((name) => name.includes('draft'))).toEqual([]);
  });

  it('sets an incomplete cluster aside and makes a new one', async () => {
    const dataDir = await makeFolder();
    await mkdir(path.join(dataDir, 'postgres'), { recursive: true });
    await writeFile(path.join(dataDir, 'postgres', 'PG_VERSION'), '18\n');
    const lines: string[] = [];
    const server = await start(dataDir, (line) => lines.push(line));
    expect(lines).toEqual([expect.stringContaining('held no complete database')]);
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it("quotes the server's log when it does not come up, and lets go of the folder", async () => {
    const dataDir = await madeFolder();
    await expect(startEmbeddedPostgres({ dataDir, settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /did not start: exit code 1[^]*invalid value for parameter "shared_buffers"/,
    );
    const server = await start(dataDir);
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  (isRoot && isLinux ? it : it.skip)(
    'as root in a closed folder, keeps the data elsewhere, says so, and finds it again',
    async () => {
      const dataDir = await makeFolder(0o700);
      const lines: string[] = [];
      const first = await start(dataDir, (line) => lines.push(line));
      const home = (await readFile(path.join(dataDir, 'postgres.location'), 'utf8')).trim();
      expect(home).toMatch(/^\/var\/lib\/interlock\/[0-9a-f]{16}$/);
      expect(lines).toEqual([expect.stringContaining(home)]);
      expect((await stat(path.dirname(dataDir))).mode & 0o777).toBe(0o700);
      await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS value');
      await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(DataDirectoryInUseError);
      await first.stop();
      const second = await start(dataDir, (line) => lines.push(line));
      expect(await ask(second.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
      expect(lines).toHaveLength(1);
    },
  );
});

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

async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('It did not come true within 15 s.');
    await sleep(10);
  }
}
