import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { freePort } from '../support/ports';

interface Example {
  readonly child: ChildProcess;
  readonly port: number;
  readonly printed: () => string;
  /** Resolved with the exit code. */
  readonly ended: Promise<number | null>;
}

describe('examples/receive-webhooks.mjs', () => {
  const started: ChildProcess[] = [];
  let running: TestApp | null = null;
  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    await running?.close();
    running = null;
  });

  const start = async (environment: Record<string, string>): Promise<Clinic> => {
    running = await startTestApp({ environment });
    return makeClinic(running);
  };
  const example = async ({ key }: Clinic): Promise<Example> => {
    const port = await freePort();
    const env = { ...process.env, INTERLOCK_URL: running!.url, INTERLOCK_API_KEY: key, PORT: String(port) };
    const child = spawn(process.execPath, ['examples/receive-webhooks.mjs'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += String(chunk)));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, port, printed: () => text, ended };
  };

  it('prints the test and what happens, refuses what is not signed, and removes its endpoint', async () => {
    const clinic = await start({ OUTBOUND_ALLOW_PRIVATE: 'true' });
    const { child, port, printed, ended } = await example(clinic);
    await eventually(() => expect(printed()).toContain('The test was answered 204.'));
    await clinic.activate().expect(200);
    await eventually(() => expect(printed()).toMatch(/Z integration\.activated \{/));
    const forged = { method: 'POST', headers: { 'webhook-id': 'forged' }, body: '{"type":"forged"}' };
    expect((await fetch(`http://127.0.0.1:${port}/`, forged)).status).toBe(401);
    expect(printed()).not.toContain('forged');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect((await clinic.call('get', '/v2/webhook-endpoints').expect(200)).body.data).toEqual([]);
  }, 120_000);

  it('says how to start the service where it calls no private address', async () => {
    const clinic = await start({});
    const { printed, ended } = await example(clinic);
    expect(await ended).toBe(1);
    expect(printed()).toContain('OUTBOUND_ALLOW_PRIVATE=true npm start');
  }, 120_000);
});
