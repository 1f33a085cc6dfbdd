import { Client } from 'pg';
import { loadConfig } from '../../src/platform/config';
import { UnitOfWork } from '../../src/platform/database';
import { AppLogger } from '../../src/platform/logging';
import { CannotStartError, Service } from '../../src/service';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { freePort } from '../support/ports';
import { makePushingClinic } from '../support/pushes';

jest.setTimeout(120_000);

const LEVELS = ['repeatable read', 'serializable'] as const;

async function databaseWith(level: string): Promise<TestDatabase> {
  const database = await migratedDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const name = client.escapeIdentifier(new URL(database.url).pathname.slice(1));
  await client.query(`ALTER DATABASE ${name} SET default_transaction_isolation = '${level}'`);
  await client.end();
  return database;
}

describe.each(LEVELS)('on a database whose default is %s', (level) => {
  let database: TestDatabase;
  let running: TestApp;
  beforeAll(async () => {
    database = await databaseWith(level);
    running = await startTestApp({ databaseUrl: database.url });
  });
  afterAll(async () => {
    await running?.close();
    await database?.drop();
  });

  it('payments of one invoice that are asked for at once share its balance', async () => {
    const clinic = await makePushingClinic(running);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => clinic.push(`crowd-${index}`, { amountMinor: 1000 })),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(4);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(8);
    for (const { body } of answers.filter(({ status }) => status === 202)) await clinic.becomes(body.data.id, 'pushed');
    expect(running.sandbox.practicehub.truth({ resource: 'payments', apiKey: clinic.accountKey })).toHaveLength(4);
  });

  it('one of many activations wins, one of many deactivations ends it, and one run answers many who ask', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    const activations = await Promise.all(Array.from({ length: 10 }, () => clinic.activate()));
    expect(activations.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
    expect(await clinic.settled()).toBe('succeeded');
    const asked = await Promise.all(Array.from({ length: 10 }, () => clinic.call('post', '/sync')));
    for (const { status } of asked) expect(status).toBe(200);
    expect(new Set(asked.map(({ body }) => body.data?.jobId ?? body.jobId)).size).toBeLessThanOrEqual(2);
    await clinic.settled();
    const ended = await Promise.all(Array.from({ length: 6 }, () => clinic.call('post', '/deactivate')));
    expect(ended.filter(({ status }) => status >= 500)).toEqual([]);
    expect(ended.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  });

  it('transactions and single statements run as read committed', async () => {
    expect(await running.app.get(UnitOfWork).defaultIsolation()).toBe('read committed');
  });
});

it('a process whose sessions cannot be given their level does not start', async () => {
  const database = await databaseWith('serializable');
  const url = new URL(database.url);
  // as through a pooler, where the session is not ours to set
  url.searchParams.set('options', '-c default_transaction_isolation=serializable');
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: url.href,
    PORT: String(await freePort()),
    DEV_CREDENTIALS: 'false',
    ROLE: 'api',
  });
  const service = new Service(config, new AppLogger({ level: 'silent' }));
  await expect(service.start()).rejects.toThrow(CannotStartError);
  await service.abandon();
  await database.drop();
});
