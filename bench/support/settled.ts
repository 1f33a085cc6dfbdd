import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

const POLL_MS = 50;

/**
 * Waits until no run is live; throws when one failed. One connection, asked seldom: waiting must not be part of the
 * figure.
 */
export async function runsSettled(databaseUrl: string, withinMs = 3_600_000): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const { rows } = await client.query<{ live: number; failed: string | null }>(
        `SELECT count(*) FILTER (WHERE state IN ('queued', 'running', 'waiting'))::int AS live,
                min(error_code) FILTER (WHERE state = 'failed') AS failed FROM sync_runs`,
      );
      const { live, failed } = rows[0]!;
      if (failed !== null) throw new Error(`A run failed: ${failed}`);
      if (live === 0) return;
      if (Date.now() > deadline) throw new Error(`${live} runs are still live.`);
      await sleep(POLL_MS);
    }
  } finally {
    await client.end();
  }
}
