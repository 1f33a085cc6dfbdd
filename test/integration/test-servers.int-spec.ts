import { Client } from 'pg';
import { createDatabase, startTestPostgres } from '../support/postgres';
import { startTestRedis } from '../support/redis';

describe('test servers', () => {
  it('gives fresh databases on a private PostgreSQL', async () => {
    const server = await startTestPostgres();
    try {
      const url = await createDatabase(server.url, 'fresh-one');
      await ask(url, 'CREATE TABLE a (b int)');
      const again = await createDatabase(server.url, 'fresh-one');
      expect(await ask(again, 'SELECT current_database() AS name')).toEqual([{ name: 'fresh-one' }]);
      await expect(ask(again, 'SELECT * FROM a')).rejects.toThrow(/does not exist/);
    } finally {
      await server.stop();
    }
  });

  it('starts a private Redis, or says why not', async () => {
    const redis = await startTestRedis();
    if (!redis) return;
    expect(() => process.kill(redis.pid, 0)).not.toThrow();
    await redis.stop();
    expect(() => process.kill(redis.pid, 0)).toThrow();
  });
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
