import request from 'supertest';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { migratedDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startFreezingProxy, type FreezingProxy } from '../support/freezing-proxy';
import { findProgram } from '../support/optional-programs';
import { startTestRedis } from '../support/redis';

jest.setTimeout(120_000);

const undo: (() => Promise<unknown>)[] = [];

interface Silenced {
  readonly proxy: FreezingProxy;
  readonly running: TestApp;
  readonly clinic: Clinic;
}

/** A process that has used its connections to a store, which then fell silent. */
async function silenced(store: { url: string; stop(): Promise<unknown> }, name: 'databaseUrl' | 'redisUrl') {
  undo.push(() => store.stop());
  const proxy = await startFreezingProxy(store.url);
  undo.push(() => proxy.stop());
  const environment = { DATABASE_STATEMENT_SECONDS: '1', RUN_LEASE_SECONDS: '5' };
  const running = await startTestApp({ [name]: proxy.url, environment });
  undo.push(() => running.close());
  const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
  await clinic.activate().expect(200);
  expect(await clinic.settled()).toBe('succeeded');
  proxy.freeze();
  return { proxy, running, clinic };
}

const database = async (): Promise<Silenced> => {
  const { url, drop } = await migratedDatabase();
  return silenced({ url, stop: drop }, 'databaseUrl');
};
const redis = async (): Promise<Silenced> => silenced((await startTestRedis())!, 'redisUrl');

const becomes = (status: number, running: TestApp): Promise<void> =>
  eventually(async () => void (await request(running.url).get('/health/ready').expect(status)), 30_000);

/**
 * As the network does when the other side is fenced: nothing is closed, nothing passes, and what was open stays dead
 * for ever.
 */
describe.each([
  { store: 'the database', start: database, read: 503, write: 503 },
  // the run is kept, and its job added once that is possible
  ...(findProgram('redis') === null ? [] : [{ store: 'Redis', start: redis, read: 200, write: 200 }]),
])('connections to $store that fall silent', ({ start, read, write }) => {
  let silent: Silenced;
  beforeAll(async () => {
    silent = await start();
  });
  afterAll(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  it('are given up: callers are told in time, and the process goes on by itself over others', async () => {
    const { proxy, running, clinic } = silent;
    await becomes(503, running);
    await clinic.call('get', '').expect(read);
    await clinic.call('post', '/sync').expect(write);
    await request(running.url).get('/health/live').expect(200);
    proxy.thaw();
    await becomes(200, running);
    await eventually(async () => void (await clinic.call('post', '/sync').expect(200)), 30_000);
    expect(await clinic.settled()).toBe('succeeded');
  });

  it('do not keep the process from ending', async () => {
    const { proxy, running } = silent;
    proxy.freeze();
    const ended = jest.fn();
    void running.close().then(ended);
    await eventually(() => expect(ended).toHaveBeenCalled(), 60_000);
  });
});
