import type { Clinic } from './clinic';

/** All that the database holds of an integration: by table, in their order. */
export type RowsOfIntegration = Readonly<Record<string, readonly Record<string, unknown>[]>>;

export async function rowsOfIntegration(
  { sql }: Pick<Clinic, 'sql'>,
  integrationId: string,
): Promise<RowsOfIntegration> {
  const tables = await sql<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'integration_id'
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace ORDER BY 1`,
  );
  const found: Record<string, readonly Record<string, unknown>[]> = {};
  for (const { name } of tables) {
    const rows = await sql<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(t) AS row FROM ${name} t WHERE integration_id = $1 ORDER BY to_jsonb(t)::text`,
      [integrationId],
    );
    found[name] = rows.map(({ row }) => row);
  }
  return found;
}
