import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Queue } from 'bullmq';
import pg from 'pg';
import { migrate } from '../../src/database/data-source';
import { loadConfig } from '../../src/platform/config';
import { connectionTo, Notifications } from '../../src/platform/database';
import { queueConnection, QueueModule } from '../../src/platform/queue/queue.module';
import { emptyDatabase, type TestDatabase } from '../support/database';
import { ROGUE_ANSWERS, startRoguePostgres, type RoguePostgres } from '../support/rogue-postgres';

const PASSWORD = 'canary-of-the-password';
const source = path.resolve(__dirname, '../../src');

describe('a URL with require_auth=scram-sha-256', () => {
  let rogue: RoguePostgres;
  afterEach(async () => rogue?.stop());

  const urlOfRogue = (): string =>
    `postgres://interlock:${PASSWORD}@127.0.0.1:${(rogue.server.address() as AddressInfo).port}/x?require_auth=scram-sha-256`;
  /** The first message alone may name the user; a second one would be a password, or a statement. */
  const statements = (): string => rogue.received().toString('latin1');

  describe.each(Object.entries(ROGUE_ANSWERS))('at a server that %s', (_, answer) => {
    it.each([Infinity, 1, 3])('sends neither password nor statement (answer in pieces of %d bytes)', async (bytes) => {
      rogue = await startRoguePostgres(answer, undefined, bytes);
      const client = new pg.Client({ ...connectionTo(urlOfRogue()), connectionTimeoutMillis: 5_000 });
      client.on('error', () => undefined);
      await expect(client.connect().then(() => client.query('SELECT secret'))).rejects.toThrow();
      await client.end();
      expect(statements()).toContain('interlock');
      expect(statements()).not.toContain(PASSWORD);
      expect(statements()).not.toContain('md5');
      expect(statements()).not.toContain('SELECT');
    });
  });

  describe('is kept by', () => {
    const expectNothing = (): void => {
      expect(statements()).toContain('interlock');
      expect(statements()).not.toContain(PASSWORD);
    };
    beforeEach(async () => {
      rogue = await startRoguePostgres(ROGUE_ANSWERS['asks for the password in clear']!);
    });

    it('migrations', async () => {
      await expect(migrate(urlOfRogue())).rejects.toThrow(/does not authenticate by SCRAM/);
      expectNothing();
    });

    it('the search among several hosts', async () => {
      const url = urlOfRogue().replace('/x', ',127.0.0.1:1/x');
      await expect(migrate(url)).rejects.toThrow(/No server of the database can be used/);
      expectNothing();
    });

    it('the queue on PostgreSQL', async () => {
      const config = loadConfig({ DATABASE_URL: urlOfRogue() });
      QueueModule.forRoot(config);
      const queue = new Queue('any', { connection: queueConnection(config) as never });
      queue.on('error', () => undefined);
      await expect(queue.waitUntilReady()).rejects.toThrow(/does not authenticate by SCRAM/);
      await queue.close().catch(() => undefined);
      expectNothing();
    });

    it('the channel of notifications', async () => {
      const channel = new Notifications(loadConfig({ DATABASE_URL: urlOfRogue() }));
      await channel.onApplicationBootstrap();
      expect(channel.connected).toBe(false);
      await channel.onApplicationShutdown();
      expectNothing();
    });
  });

  it('reaches a server that does know the password, which is all that changes', async () => {
    const database: TestDatabase = await emptyDatabase();
    const url = new URL(database.url);
    url.searchParams.set('require_auth', 'scram-sha-256');
    const client = new pg.Client(connectionTo(url.href));
    try {
      expect(connectionTo(url.href).stream).toBeDefined();
      await client.connect();
      // longer than a packet, so that what follows the handshake is passed on whole
      const { rows } = await client.query(`SELECT repeat('x', 3000000) AS long`);
      expect(rows[0].long).toHaveLength(3_000_000);
      url.password = 'wrong';
      await expect(new pg.Client(connectionTo(url.href)).connect()).rejects.toThrow(/password authentication failed/);
    } finally {
      await client.end();
      await database.drop();
    }
  });

  // node-postgres alone would send its password to anybody
  it('is heeded by every client and pool of the application: each is made with connectionTo', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => [file, readFileSync(path.join(source, file), 'utf8')] as const);
    const made = files.filter(([, text]) => /new (pg\.)?(Client|Pool|DataSource)\(|createPostgresBackend/.test(text));
    expect(made.length).toBeGreaterThanOrEqual(5);
    expect(made.filter(([, text]) => !/(connectionTo|dataSourceOptions)\(/.test(text)).map(([file]) => file)).toEqual(
      [],
    );
    const bare = files.filter(([, text]) => /connectionString:/.test(text)).map(([file]) => file);
    expect(bare).toEqual([path.join('platform', 'database', 'connection.ts')]);
  });
});
