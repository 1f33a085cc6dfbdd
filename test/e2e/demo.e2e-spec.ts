import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';

const root = path.resolve(__dirname, '../..');

// the first of them may have to build
jest.setTimeout(180_000);

describe('npm run demo', () => {
  let folder: string;
  let running: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-demo-'));
    // as a folder for temporary files is: the database's account may pass through it
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  function start(...args: string[]) {
    const child = spawn(process.execPath, ['scripts/demo.cjs', ...args], {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        TMPDIR: folder,
        // somebody's own settings must not reach the demonstration's service
        DATABASE_URL: 'postgres://canary:canary@127.0.0.1:1/canary',
        REDIS_URL: 'redis://127.0.0.1:1',
        NODE_ENV: 'production',
        LOG_LEVEL: 'silent',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, ended, output: () => output };
  }

  /** Neither a process nor a file of it is left. */
  async function expectNothingLeft(output: string): Promise<void> {
    expect(await readdir(folder)).toEqual([]);
    // PostgreSQL's processes name their data folder
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(folder);
    const url = /ready after [\d.]+ s at (http:\S+)/.exec(output)?.[1];
    if (url) await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
  }

  it('connects, syncs, sees exactly seven rows move, and leaves nothing behind', async () => {
    const demo = start();
    expect([await demo.ended, demo.output()]).toEqual([0, expect.any(String)]);
    const output = demo.output();
    expect(output).toContain('"valid":false');
    expect(output).toContain('"code":"provider_credentials_rejected"');
    expect(output).toMatch(/^ {3}customers {4}2,000 {4}2,000 {8}0 {10}0 +\d+\.\d$/m);
    expect(output).toMatch(/^ {3}products {8}60 {7}60 /m);
    // read once more where one of them was made in the last minutes: the list may have moved while it was read
    expect(output).toMatch(/^ {3}payments {5}(?:2,500|5,000) {4}2,500 /m);
    expect(output.match(/ updated {2}version 1 → 2 /g)).toHaveLength(7);
    expect(output).toContain('exactly those 7 moved, and nothing else');
    expect(output).toContain('"status": "connected"');
    expect(output).toContain('npm start');
    // not a terminal: no bar, no colour
    expect(output).toMatch(/^ {3}reading \w+ \(/m);
    for (const sign of ['\r', '\x1b', '█']) expect(output).not.toContain(sign);
    expect(output).not.toContain('canary');
    const tookSeconds = Number(/All of it took ([\d.]+) s/.exec(output)?.[1]);
    expect(tookSeconds).toBeLessThan(45);
    await expectNothingLeft(output);
  });

  it('ends with 1 and says what went wrong when a step fails', async () => {
    const demo = start('--fault', JSON.stringify({ kind: 'html', match: { path: '/invoices' } }));
    expect([await demo.ended, demo.output()]).toEqual([1, expect.any(String)]);
    const output = demo.output();
    expect(output).toMatch(/✗ The sync of invoices failed: \S.* \(provider_error, next action: \w+\)/);
    expect(output).toMatch(/The last lines of the service’s log:\n[^]*WARN: a resource failed .*"resource":"invoices"/);
    expect(output).not.toContain('What to try next');
    await expectNothingLeft(output);
  });

  it('stays up with --serve until it is interrupted', async () => {
    const demo = start('--serve');
    await eventually(() => {
      if (demo.child.exitCode !== null) throw new Error(demo.output());
      expect(demo.output()).toContain('It stays up until Ctrl-C');
    }, 120_000);
    const [, url, key] = /curl -s (\S+) -H 'x-api-key: (\S+)'/.exec(demo.output())!;
    const answer = await fetch(url!, { headers: { 'x-api-key': key! } });
    expect(await answer.json()).toMatchObject({ data: { provider: 'practicehub', isActive: true } });
    demo.child.kill('SIGINT');
    expect(await demo.ended).toBe(0);
    await expectNothingLeft(demo.output());
  });

  it('explains itself when an option is not understood', async () => {
    const demo = start('--sevre');
    expect(await demo.ended).toBe(1);
    expect(demo.output()).toContain("Unknown option '--sevre'");
    expect(demo.output()).toContain('npm run demo [-- options]');
    await expectNothingLeft(demo.output());
  });
});
