import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { startTestApp, type TestApp } from '../support/app';
import { buildSdk } from '../support/build';
import { makeClinic, type Clinic } from '../support/clinic';
import { nodesClient } from '../support/nodes';
import { freePort } from '../support/ports';

const root = path.resolve(__dirname, '../..');
const page = readFileSync(path.join(root, 'docs/sdk.md'), 'utf8');
const recipes = [...page.matchAll(/^### (\d+)\. (.+)\n\n```ts\n([\s\S]*?)^```/gm)].map(([, number, title, code]) => ({
  number: Number(number),
  title: title!,
  code: code!,
}));

/** Each program of docs/sdk.md, compiled strictly against the built package and run as its own process. */
describe('docs/sdk.md', () => {
  let running: TestApp;
  let clinic: Clinic;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-recipes-'));
    const installed = path.join(folder, 'node_modules/@interlock/sdk');
    mkdirSync(installed, { recursive: true });
    copyFileSync(path.join(root, 'sdk/typescript/package.json'), path.join(installed, 'package.json'));
    buildSdk(path.join(installed, 'dist'));
    writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
    for (const { number, code } of recipes) {
      writeFileSync(path.join(folder, `${number}.ts`), code);
      const { code: script } = transformSync(code, { loader: 'ts', format: 'esm', target: 'node20' });
      writeFileSync(path.join(folder, `${number}.mjs`), script);
    }
    running = await startTestApp();
    clinic = await makeClinic(running);
  }, 180_000);
  afterAll(async () => {
    await running?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = (more: Record<string, string>) => ({
    PATH: process.env['PATH'],
    INTERLOCK_URL: running.url,
    INTERLOCK_API_KEY: clinic.key,
    PROVIDER_URL: clinic.credentials.baseUrl,
    PROVIDER_KEY: clinic.credentials.apiKey,
    ...more,
  });
  const start = (number: number, more: Record<string, string>): ChildProcess =>
    spawn(process.execPath, [`${number}.mjs`], {
      cwd: folder,
      env: environment(more),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const run = (number: number, more: Record<string, string> = {}) =>
    new Promise<string>((resolve, reject) => {
      execFile(
        process.execPath,
        [`${number}.mjs`],
        { cwd: folder, env: environment(more), timeout: 60_000 },
        (error, stdout, stderr) => (error ? reject(new Error(`${error.message}${stderr}`)) : resolve(stdout)),
      );
    });

  it('has ten recipes', () => {
    expect(recipes.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('compiles strictly against the package', () => {
    const compilerOptions = {
      ...{ target: 'es2022', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: false },
      ...{ types: ['node'], typeRoots: [path.join(root, 'node_modules/@types')] },
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const { stdout } = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  }, 180_000);

  it('1: connects, and waits for the first sync', async () => {
    expect(await run(1)).toContain('customers: 30 new\n');
  }, 90_000);

  it('2: reads everything, and then nothing', async () => {
    expect(await run(2)).toBe('30 customers changed\nup to date\n');
    expect(await run(2)).toBe('up to date\n');
    const copy = JSON.parse(readFileSync(path.join(folder, 'copy.json'), 'utf8')) as { customers: object };
    expect(Object.keys(copy.customers)).toHaveLength(30);
  }, 90_000);

  it('3: follows, and stops where it is told to', async () => {
    const child = start(3, {});
    let output = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      if (output === '') child.kill('SIGTERM');
      output += text;
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(output).toMatch(/^\d+ is \w+, to pay: (\d+ GBP|unknown)\n[^]*stopped, and the cursor is (not )?known\n$/);
  }, 60_000);

  it('4: drops what the feed does not show any more', async () => {
    const OLD_CURSOR = Buffer.from('f1.999999').toString('base64url');
    expect(await run(4, { OLD_CURSOR })).toBe('30 customers, 1 of them gone\n');
  }, 60_000);

  it('5: shows how far a sync is', async () => {
    expect(await run(5)).toMatch(/customers success[^\n]*\ndone\n$/);
  }, 90_000);

  it('6: names the field', async () => {
    expect(await run(6)).toMatch(/^invalid_request: \{\s*syncIntervalMinutes:/);
  }, 60_000);

  it('7: is one call', async () => {
    expect(await run(7)).toBe('first: done\nafter a restart: was done before\n');
  }, 60_000);

  it('8: shows the attempts', async () => {
    const path = '/v2/integrations/practicehub';
    const said = `request GET ${path} \nanswer GET ${path} 200\n1 attempt, an id, version 2026-05-01\n`;
    expect(await run(8)).toBe(said);
  }, 60_000);

  it('9: lists the nodes of its key', async () => {
    const api = nodesClient(running.app, running.url);
    const admin = await api.token({ roles: ['admin'] });
    const { id } = await api.node(admin, { name: 'mine' });
    await api.node(admin, { name: 'not mine' });
    const key = await api.integration(admin, id, { permissions: ['nodes.read'] });
    expect(await run(9, { NODE_API_KEY: key.api_key, NODE_SECRET: key.secret })).toBe('account mine\n');
  }, 60_000);

  it('10: takes what is signed, and nothing else', async () => {
    const secret = randomBytes(24);
    const PORT = String(await freePort());
    const child = start(10, { PORT, WEBHOOK_SECRET: `whsec_${secret.toString('base64')}` });
    let output = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text));
    await once(child.stdout!, 'data');
    const body = '{"type":"sync.succeeded"}';
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', secret).update(`m1.${timestamp}.${body}`).digest('base64');
    const headers = { 'webhook-id': 'm1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
    const send = async (text: string) =>
      (await fetch(`http://127.0.0.1:${PORT}/`, { method: 'POST', headers, body: text })).status;
    expect(await send(body)).toBe(204);
    expect(await send('{"type":"sync.failed"}')).toBe(400);
    const ended = once(child, 'exit');
    child.kill();
    await ended;
    expect(output).toBe('listening\nsync.succeeded\n');
  }, 60_000);
});
