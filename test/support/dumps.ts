import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { eventually } from './eventually';

/** Every row of every table, as text; without what `recordWrites` has written down. */
export async function databaseDump(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'recorded')`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      parts.push(...rows.map((row) => row.row));
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

/**
 * From now on every row of every table as it was written, in whichever form it lay there for however short a time: a
 * job, for one, is gone by the time anybody looks. The answer reads what there is so far.
 */
export async function recordWrites(url: string): Promise<() => Promise<string>> {
  const inDatabase = async <R extends object>(...statements: string[]): Promise<R[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      let rows: R[] = [];
      for (const statement of statements) ({ rows } = await client.query<R>(statement));
      return rows;
    } finally {
      await client.end();
    }
  };
  const tables = await inDatabase<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_|^information_schema$'`,
  );
  await inDatabase(
    'CREATE SCHEMA recorded',
    'CREATE TABLE recorded.writes (origin text, line text)',
    `CREATE FUNCTION recorded.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       INSERT INTO recorded.writes VALUES (TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, NEW::text); RETURN NULL; END $$`,
    ...tables.map(
      ({ name }) =>
        `CREATE TRIGGER recorded AFTER INSERT OR UPDATE ON ${name} FOR EACH ROW EXECUTE FUNCTION recorded.keep()`,
    ),
  );
  return async () => {
    const written = await inDatabase<{ origin: string; line: string }>('SELECT origin, line FROM recorded.writes');
    return written.map(({ origin, line }) => `${origin} ${line}`).join('\n');
  };
}

/** Every key with its value. Read and not DUMPed: Redis dumps strings compressed, and a search would look past them. */
export async function redisDump(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const parts: string[] = [];
    for await (const keys of redis.scanStream() as AsyncIterable<string[]>) {
      for (const key of keys) parts.push(key, JSON.stringify(await valueOf(redis, key)));
    }
    return parts.join('\n');
  } finally {
    redis.disconnect();
  }
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  const readers: Record<string, () => Promise<unknown>> = {
    none: async () => null,
    string: () => redis.get(key),
    hash: () => redis.hgetall(key),
    list: () => redis.lrange(key, 0, -1),
    set: () => redis.smembers(key),
    zset: () => redis.zrange(key, 0, -1),
    stream: () => redis.xrange(key, '-', '+'),
  };
  const type = await redis.type(key);
  const read = readers[type];
  if (!read) throw new Error(`a value of type ${type} cannot be read`);
  return read();
}

/** From now on every command that Redis gets, with its arguments: a job is gone by the time anybody looks. */
export async function recordCommands(url: string): Promise<{ read(): Promise<string>; stop(): void }> {
  const redis = new Redis(url);
  const monitor = await redis.monitor();
  const lines: string[] = [];
  monitor.on('monitor', (_time: string, words: string[]) => lines.push(words.join(' ')));
  return {
    read: async () => {
      const end = `the end ${randomUUID()}`;
      await redis.echo(end);
      await eventually(() => {
        if (!lines.some((line) => line.includes(end))) throw new Error('not seen yet');
      });
      return lines.join('\n');
    },
    stop: () => {
      monitor.disconnect();
      redis.disconnect();
    },
  };
}
