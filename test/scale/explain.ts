import { migrate } from '../../src/database/data-source';
import { explainHotQueries, fillForHotQueries, type HotQuery } from '../support/hot-queries';
import { startTestPostgres } from '../support/postgres';

/**
 * The queries that are asked most often, on so many rows of everything: a database of its own, and no process of the
 * service.
 */
export async function explainAt(rows: number, log: (line: string) => void): Promise<HotQuery[]> {
  const server = await startTestPostgres();
  try {
    await migrate(server.url);
    log(`filling a database with ${rows} rows of everything`);
    await fillForHotQueries(server.url, rows);
    return await explainHotQueries(server.url);
  } finally {
    await server.stop();
  }
}

/** One line a query. */
export function explained(queries: readonly HotQuery[]): string {
  return queries
    .map(
      ({ name, scanned }) =>
        `${name.padEnd(32)}${scanned.length === 0 ? 'by index' : `READS ALL OF ${scanned.join(', ')}`}`,
    )
    .join('\n');
}
