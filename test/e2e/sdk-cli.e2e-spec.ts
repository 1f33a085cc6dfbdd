import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Webhook } from 'standardwebhooks';
import { run } from '../../sdk/typescript/cli/program';
import { startTestApp, type TestApp } from '../support/app';
import { buildSdk } from '../support/build';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';
import { startReceiver } from '../support/webhook-receiver';

const root = path.resolve(__dirname, '../..');
const SIZES = { patients: 9, invoices: 6, payments: 4, services: 2, products: 2, patient_packages: 2 };

const isLinux = os.platform() === 'linux';
/** Gives a program a terminal. */
const SCRIPT = '/usr/bin/script';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the command line interlock', () => {
  let running: TestApp;
  let clinic: Clinic;
  let built: string;
  let home: string;
  let bin: string;

  beforeAll(async () => {
    built = mkdtempSync(path.join(os.tmpdir(), 'interlock-cli-'));
    buildSdk(path.join(built, 'dist'));
    running = await startTestApp();
    clinic = await makeClinic(running, { sizes: SIZES });
  }, 180_000);
  afterAll(async () => {
    await running?.close();
    rmSync(built, { recursive: true, force: true });
  });
  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), 'interlock-home-'));
    bin = path.join(home, 'bin');
    mkdirSync(bin);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** No keychain is on this PATH, but what a test has put into `bin`. */
  const environment = (more: Record<string, string> = {}) => ({
    PATH: bin,
    HOME: home,
    XDG_CONFIG_HOME: home,
    ...more,
  });
  const start = (args: readonly string[], more?: Record<string, string>): ChildProcess =>
    spawn(process.execPath, [path.join(built, 'dist/cli.mjs'), ...args], {
      cwd: home,
      env: environment(more),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  /** In this process: half a second of starting less for every command. */
  async function cli(args: readonly string[], input = '', more?: Record<string, string>): Promise<Outcome> {
    const written = { stdout: '', stderr: '' };
    const into = (stream: 'stdout' | 'stderr') => ({
      write: (text: string, done?: () => void) => {
        written[stream] += text;
        done?.();
      },
    });
    const surroundings = { stdin: Readable.from([input]), stdout: into('stdout'), stderr: into('stderr') };
    const code = await run(args, { ...surroundings, env: environment(more), signal: new AbortController().signal });
    return { code, ...written };
  }
  const signedIn = () => ({ INTERLOCK_URL: running.url, INTERLOCK_API_KEY: clinic.key });
  const asMe = (...args: string[]) => cli(args, '', signedIn());
  const keyFile = () => path.join(home, 'interlock/sign-in.json');

  describe('login', () => {
    it('keeps the key in a file for its owner alone where there is no keychain', async () => {
      const { code, stdout, stderr } = await cli(['login', '--url', running.url], `${clinic.key}\n`);
      expect([code, stdout]).toEqual([0, `Signed in to ${running.url}. The key is in ${keyFile()}.\n`]);
      expect(stdout + stderr).not.toContain(clinic.key);
      expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
      expect(statSync(path.dirname(keyFile())).mode & 0o777).toBe(0o700);
      expect((await cli(['integrations', '--url', `${running.url}/`])).code).toBe(0);
      // a key goes nowhere but where it was stored for
      const elsewhere = await cli(['integrations', '--url', `http://127.0.0.1:${await freePort()}`]);
      expect([elsewhere.code, elsewhere.stderr]).toEqual([3, expect.stringContaining('There is no key for')]);
      expect((await cli(['logout'])).code).toBe(0);
      expect(existsSync(keyFile())).toBe(false);
      expect((await cli(['integrations'])).code).toBe(3);
    }, 60_000);

    (isLinux ? it : it.skip)(
      'keeps it in the keychain where there is one: the key is neither in a file nor among the arguments',
      async () => {
        const { PATH } = process.env;
        writeFileSync(
          path.join(bin, 'secret-tool'),
          `#!/bin/sh
PATH='${PATH}'; echo "$@" >> '${home}/arguments'
case $1 in store) cat > '${home}/kept' ;; lookup) cat '${home}/kept' ;; clear) rm '${home}/kept' ;; esac
`,
        );
        chmodSync(path.join(bin, 'secret-tool'), 0o755);
        expect((await cli(['login', '--url', running.url], clinic.key)).code).toBe(0);
        expect(readFileSync(path.join(home, 'kept'), 'utf8')).toBe(clinic.key);
        expect(readFileSync(keyFile(), 'utf8') + readFileSync(path.join(home, 'arguments'), 'utf8')).not.toContain(
          clinic.key,
        );
        expect((await cli(['integrations'])).code).toBe(0);
        expect((await cli(['logout'])).code).toBe(0);
        expect(existsSync(path.join(home, 'kept'))).toBe(false);
      },
      60_000,
    );

    it('keeps nothing that the service refuses', async () => {
      const { code, stderr } = await cli(['login', '--url', running.url, '--json'], 'rk_sandbox_wrong');
      expect([code, JSON.parse(stderr)]).toEqual([
        3,
        expect.objectContaining({ code: 'unauthenticated', nextAction: 'fix_credentials' }),
      ]);
      expect(existsSync(keyFile())).toBe(false);
    }, 60_000);

    (isLinux && existsSync(SCRIPT) ? it : it.skip)(
      'takes the key from a terminal without showing it',
      async () => {
        const command = `${process.execPath} ${path.join(built, 'dist/cli.mjs')} login --url ${running.url}`;
        const child = spawn(SCRIPT, ['-qec', command, '/dev/null'], {
          env: environment({ PATH: process.env['PATH']!, SHELL: '/bin/sh' }),
        });
        let shown = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          shown += text;
          if (text.includes('(not shown): ')) child.stdin.write(`${clinic.key}\r`);
        });
        const code = await new Promise((resolve) => child.once('close', resolve));
        expect([code, shown]).toEqual([0, expect.stringContaining(`Signed in to ${running.url}`)]);
        expect(shown).not.toContain(clinic.key.slice(0, 20));
      },
      60_000,
    );
  });

  it('says what it does not understand, and where to look', async () => {
    for (const args of [
      ['nothing'],
      ['sync'],
      ['sync', 'practicehub', '--what'],
      ['records', 'practicehub', 'dogs'],
      ['completion', 'tcsh'],
    ]) {
      expect([args, await asMe(...args)]).toEqual([args, { code: 2, stdout: '', stderr: expect.stringMatching(/\S/) }]);
    }
    const help = await cli(['--help']);
    expect([help.code, help.stdout]).toEqual([0, expect.stringMatching(/Exit codes: 0 done/)]);
    expect((await cli(['records', '--help'])).stdout).toContain('--cursor-file <value>');
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await cli(['--version'])).stdout).toBe(`${version}\n`);
  }, 120_000);

  it('ends with 5 where nobody answers', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect((await cli(['integrations'], '', { ...signedIn(), INTERLOCK_URL: url })).code).toBe(5);
  }, 60_000);

  it('connects a provider whose key is piped in, and shows the first sync', async () => {
    const args = ['activate', 'practicehub', '--base-url', clinic.credentials.baseUrl, '--timezone', 'UTC', '--follow'];
    const refused = await cli(args, 'wrong', signedIn());
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Next action: fix_credentials')]);
    const { code, stdout, stderr } = await cli(args, `${clinic.credentials.apiKey}\n`, signedIn());
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^customers +9 +9 /m)]);
    expect(stderr).toMatch(/^customers: success, 9 rows read$/m);
    expect(stdout + stderr).not.toContain(clinic.credentials.apiKey);
    const again = await cli(args, clinic.credentials.apiKey, signedIn());
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('already active')]);
  }, 90_000);

  it('lists integrations, for people without colours and for programs', async () => {
    const { stdout } = await asMe('integrations');
    expect(stdout).toMatch(/^provider +status +health .*\npracticehub +connected +healthy /);
    const [integration] = JSON.parse((await asMe('integrations', '--json')).stdout) as { provider: string }[];
    expect(integration).toMatchObject({ provider: 'practicehub', isActive: true });
  }, 60_000);

  it('syncs and waits, and ends with 4 when the sync fails', async () => {
    const logs = JSON.parse((await asMe('sync', 'practicehub', '--full', '--follow', '--json')).stdout) as {
      resourceType: string;
    }[];
    expect(logs.map(({ resourceType }) => resourceType).sort()).toEqual([
      'customers',
      'invoices',
      'payments',
      'products',
    ]);
    running.sandbox.practicehub.addFaults([{ kind: 'status', status: 400, match: { path: '/invoices' } }]);
    const failed = await asMe('sync', 'practicehub', '--follow');
    running.sandbox.practicehub.clearFaults();
    expect([failed.code, failed.stderr]).toEqual([4, expect.stringContaining('The sync of invoices failed')]);
    const { stdout } = await asMe('explain', 'practicehub');
    expect(stdout).toMatch(/^The next sync (runs|does not run)/);
    expect(JSON.parse((await asMe('explain', 'practicehub', '--json')).stdout)).toHaveProperty('reasons');
    expect((await asMe('sync', 'practicehub')).stdout).toMatch(/^Sync [0-9a-f-]{36} has been asked for\.\n$/);
    await clinic.settled();
  }, 120_000);

  it('prints records, and goes on where it stopped', async () => {
    const file = path.join(home, 'cursor');
    const first = await asMe('records', 'practicehub', 'customers', '--cursor-file', file);
    const ids = first.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { externalId: string }).externalId);
    expect(ids).toEqual((await clinic.records('customers')).map(({ externalId }) => externalId));
    expect((await asMe('records', 'practicehub', 'customers', '--cursor-file', file)).stdout).toBe('');
    const told = await asMe('records', 'practicehub', 'customers');
    expect(told.stderr).toBe(`cursor: ${readFileSync(file, 'utf8')}`);
    expect(readdirSync(home).sort()).toEqual(['bin', 'cursor']);
  }, 60_000);

  it('prints tables, in which every field has its column', async () => {
    const odd = {
      resource: 'patients',
      count: 1,
      fields: { first_name: 'A "quoted", name', city: 'Bath' },
      apiKey: clinic.accountKey,
    };
    running.sandbox.practicehub.change(odd);
    await clinic.sync();
    const { stdout } = await asMe('records', 'practicehub', 'customers', '--format', 'csv');
    const [head, ...lines] = stdout.trim().split('\n');
    expect(head).toBe(
      'externalId,version,operation,sourceUpdatedAt,syncedAt,name,firstName,lastName,email,phone,address,externalReference,active',
    );
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toContain('"A ""quoted"", name"');
    expect(lines.at(-1)).toContain('""city"":""Bath""');
  }, 60_000);

  it('follows a feed until it is interrupted, and keeps its place', async () => {
    const file = path.join(home, 'cursor');
    const child = start(
      ['records', 'practicehub', 'customers', '--follow', '--poll-seconds', '1', '--cursor-file', file],
      signedIn(),
    );
    let lines = 0;
    child.stdout!.on('data', (chunk: Buffer) => {
      const before = lines;
      lines += chunk.toString().split('\n').length - 1;
      if (before < 9 && lines >= 9) {
        running.sandbox.practicehub.change({
          resource: 'patients',
          count: 1,
          fields: { city: 'Hull' },
          apiKey: clinic.accountKey,
        });
        void clinic.call('post', '/sync').then(() => undefined);
      }
      if (before < 10 && lines >= 10) setTimeout(() => child.kill('SIGINT'), 1_500);
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130);
    expect(lines).toBe(10);
    expect((await asMe('records', 'practicehub', 'customers', '--cursor-file', file)).stdout).toBe('');
  }, 60_000);

  it('forwards events as they happen to a receiver of this machine, signed, until it is interrupted', async () => {
    const receiver = await startReceiver();
    const child = spawn(
      process.execPath,
      [path.join(built, 'dist/cli.mjs'), 'events', 'listen', '--forward-to', receiver.url],
      { cwd: home, env: environment(signedIn()), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let [printed, noted] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (noted += chunk.toString()));
    try {
      await eventually(() => expect(noted).toContain('Listening'), 20_000);
      await clinic.call('put', '/sync-toggle', { enabled: false }).expect(200);
      await clinic.call('put', '/sync-toggle', { enabled: true }).expect(200);
      await eventually(() => expect(printed).toMatch(/ integration\.resumed .* -> 204$/m), 20_000);
      expect(receiver.received.map(({ type }) => type)).toEqual(['integration.paused', 'integration.resumed']);
      const [secret] = /whsec_[\w+/=]+/.exec(noted)!;
      for (const { body, headers } of receiver.received) {
        expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      }
      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number];
      expect([code, noted]).toEqual([130, expect.stringMatching(/^cursor: \w+$/m)]);
    } finally {
      child.kill('SIGKILL');
      await receiver.close();
    }
  }, 60_000);

  it('completes its commands and options', async () => {
    const { stdout } = await cli(['completion', 'bash']);
    const complete = (line: string): string[] => {
      const words = line.split(' ');
      const probe = `${stdout}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}; _interlock; echo "\${COMPREPLY[*]}"`;
      return spawnSync('bash', ['-c', probe], { encoding: 'utf8' }).stdout.trim().split(' ');
    };
    expect(complete('interlock rec')).toEqual(['records']);
    expect(complete('interlock log')).toEqual(['login', 'logout']);
    expect(complete('interlock sync practicehub --f')).toEqual(['--full', '--follow']);
  }, 60_000);
});
