import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { median, seconds } from './benchmark';

/** So that the stream costs next to nothing beside the rows. */
const CHUNK_BYTES = 256 * 1024;
const ROUNDS = 3;

/**
 * Seconds that COPY takes for the normalised rows of every record, into a table without an index: as fast as PostgreSQL
 * takes rows.
 */
export async function copyRecords(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ line: string }>(
      `SELECT external_id || E'\\t' || replace(data::text, '\\', '\\\\') || E'\\n' AS line FROM records`,
    );
    const chunks = chunksOf(rows.map(({ line }) => line));
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await client.query('DROP TABLE IF EXISTS bench_copy');
      await client.query('CREATE TABLE bench_copy (external_id text, data jsonb)');
      times.push(
        await seconds(() => pipeline(Readable.from(chunks), client.query(copyFrom('COPY bench_copy FROM STDIN')))),
      );
      const copied = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM bench_copy');
      if (copied.rows[0]?.count !== rows.length) throw new Error('COPY lost rows');
    }
    return median(times);
  } finally {
    await client.end();
  }
}

function chunksOf(lines: readonly string[]): Buffer[] {
  const chunks: Buffer[] = [];
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < CHUNK_BYTES) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  if (text !== '') chunks.push(Buffer.from(text));
  return chunks;
}
