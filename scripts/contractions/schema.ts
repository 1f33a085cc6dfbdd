import type { Client } from 'pg';

export type FactKind =
  'relation' | 'column' | 'default' | 'null' | 'required' | 'unique' | 'check' | 'reference' | 'function';

/** One thing that a schema gives to those who use it, or asks of them. */
export interface Fact {
  readonly kind: FactKind;
  /** The table or view; the function where there is none. */
  readonly of: string;
  /** Those that it speaks of, by name. */
  readonly columns: readonly string[];
  /** What else tells it from others of its kind: a definition without a name. */
  readonly text: string;
}

/** Without what belongs to extensions, and without partitions: what holds for them stands at their table. */
const FACTS = `
  WITH relation AS (
    SELECT c.oid, c.relname::text AS name, c.relkind IN ('r', 'p') AS written FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
  ), field AS (
    SELECT r.name AS of, r.written, a.* FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped
  )
  SELECT 'relation' AS kind, name AS of, '{}'::text[] AS columns, '' AS text FROM relation
  UNION ALL SELECT 'column', of, ARRAY[attname::text], format_type(atttypid, atttypmod) FROM field
  UNION ALL SELECT 'default', of, ARRAY[attname::text], '' FROM field WHERE atthasdef OR attidentity <> ''
  UNION ALL SELECT 'null', of, ARRAY[attname::text], '' FROM field WHERE written AND NOT attnotnull
  UNION ALL SELECT 'required', of, ARRAY[attname::text], '' FROM field
    WHERE written AND attnotnull AND NOT atthasdef AND attidentity = ''
  UNION ALL SELECT 'unique', r.name, ARRAY(SELECT a.attname::text FROM pg_depend d JOIN pg_attribute a
      ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.refobjid = r.oid AND (d.classid, d.objid) IN
        (('pg_class'::regclass, x.indexrelid), ('pg_constraint'::regclass, k.oid)) ORDER BY 1),
    regexp_replace(pg_get_indexdef(x.indexrelid), '^CREATE UNIQUE INDEX .*? ON ', '')
    FROM relation r JOIN pg_index x ON x.indrelid = r.oid
    LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.conrelid = r.oid
    WHERE x.indisunique AND x.indisvalid
  UNION ALL SELECT CASE k.contype WHEN 'f' THEN 'reference' ELSE 'check' END, r.name, ARRAY(SELECT a.attname::text
      FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum = ANY (k.conkey) ORDER BY 1),
    regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')
    FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid WHERE k.contype IN ('c', 'f', 'x')
  UNION ALL SELECT 'function', proname, '{}',
    pg_get_function_identity_arguments(p.oid) || ' → ' || pg_get_function_result(p.oid)
    FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')`;

export async function readSchema(client: Pick<Client, 'query'>): Promise<Fact[]> {
  return (await client.query<Fact>(FACTS)).rows;
}
