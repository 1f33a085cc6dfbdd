import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Environment } from '../../platform/http';
import type { Reach } from '../node-access';

export const NODE_TYPES = ['organization', 'account', 'sub_account'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

export interface Node {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly type: NodeType;
  readonly path: string;
  readonly merchantId: string | null;
  readonly environment: Environment | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NodePage {
  readonly limit: number;
  readonly offset: number;
}

export interface Listed<T> {
  readonly items: T[];
  readonly total: number;
}

const COLUMNS = `id, parent_id AS "parentId", name, type, path, merchant_id AS "merchantId", environment,
  created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Serialises moves against each other and against new nodes; an arbitrary constant, ours in this database. */
const TREE_LOCK = 4_711_040;

/** The ids on the way from the root to the node, itself included, meet the ids that the caller holds. */
export function withinReach(path: string, parameter: string): string {
  return `(${parameter}::uuid[] IS NULL OR string_to_array(trim(both '/' from ${path}), '/')::uuid[] && ${parameter}::uuid[])`;
}

/**
 * A subtree is one range of the index on paths: from the path itself to where its last slash would be the next
 * character.
 */
export function subtree(path: string, ancestor: string): string {
  return `(${path} ~>=~ ${ancestor} AND ${path} ~<~ (left(${ancestor}, -1) || '0'))`;
}

@Injectable()
export class NodeRepository {
  constructor(private readonly database: Database) {}

  async find(reach: Reach, id: string): Promise<Node | null> {
    const rows = await this.database.query<Node>(
      `SELECT ${COLUMNS} FROM nodes WHERE id = $1 AND ${withinReach('path', '$2')}`,
      [id, reach],
    );
    return rows[0] ?? null;
  }

  /** Everything within reach, parents before their children, in one query however deep the tree is. */
  async list(reach: Reach, page: NodePage): Promise<Listed<Node>> {
    return listed(
      await this.database.query(
        `WITH tops AS (
           -- of the ids that the caller holds those that lie below none of the others
           SELECT path AS top FROM nodes WHERE id = ANY ($1::uuid[])
             AND NOT string_to_array(trim(both '/' from path), '/')::uuid[] && array_remove($1::uuid[], id)
           UNION ALL SELECT '/' WHERE $1::uuid[] IS NULL)
         -- each range in a query of its own: a join over ranges would be planned as a scan of the whole table
         SELECT counted.total, ${COLUMNS} FROM (
           SELECT coalesce(sum(one.total), 0)::bigint AS total FROM tops
           CROSS JOIN LATERAL (SELECT count(*) AS total FROM nodes n WHERE ${subtree('n.path', 'tops.top')}) one) counted
         LEFT JOIN LATERAL (
           SELECT one.* FROM tops
           CROSS JOIN LATERAL (SELECT * FROM nodes n WHERE ${subtree('n.path', 'tops.top')}
                               ORDER BY n.path USING ~<~ LIMIT $2::bigint + $3::bigint) one
           ORDER BY one.path USING ~<~ LIMIT $2 OFFSET $3) page ON true
         ORDER BY path USING ~<~`,
        [reach, page.limit, page.offset],
      ),
    );
  }

  /** null: there is no such parent within reach. */
  async children(reach: Reach, parentId: string, page: NodePage): Promise<Listed<Node> | null> {
    const rows = await this.database.query<Node & { total: number }>(
      `SELECT counted.total, page.* FROM nodes parent
       CROSS JOIN LATERAL (SELECT count(*) AS total FROM nodes child WHERE child.parent_id = parent.id) counted
       LEFT JOIN LATERAL (SELECT ${COLUMNS} FROM nodes child WHERE child.parent_id = parent.id
                          ORDER BY name, id LIMIT $3 OFFSET $4) page ON true
       WHERE parent.id = $1 AND ${withinReach('parent.path', '$2')} ORDER BY page.name, page.id`,
      [parentId, reach, page.limit, page.offset],
    );
    return rows.length === 0 ? null : listed(rows);
  }

  /** Paths stand still until the transaction ends; nodes may be added below them. */
  async holdPaths(tx: Tx): Promise<void> {
    await sqlOf(tx).query('SELECT pg_advisory_xact_lock_shared($1)', [TREE_LOCK]);
  }

  /** Nobody else adds or moves a node until the transaction ends. */
  async lockPaths(tx: Tx): Promise<void> {
    await sqlOf(tx).query('SELECT pg_advisory_xact_lock($1)', [TREE_LOCK]);
  }

  /** The row stays as it is until the transaction ends. */
  async lock(tx: Tx, reach: Reach, id: string): Promise<Node | null> {
    const rows = await sqlOf(tx).query<Node>(
      `SELECT ${COLUMNS} FROM nodes WHERE id = $1 AND ${withinReach('path', '$2')} FOR NO KEY UPDATE`,
      [id, reach],
    );
    return rows[0] ?? null;
  }

  /** Precondition: the paths are held. */
  async read(tx: Tx, reach: Reach, id: string): Promise<Node | null> {
    const rows = await sqlOf(tx).query<Node>(
      `SELECT ${COLUMNS} FROM nodes WHERE id = $1 AND ${withinReach('path', '$2')}`,
      [id, reach],
    );
    return rows[0] ?? null;
  }

  /** Precondition: the paths are held. */
  async insert(tx: Tx, node: Omit<Node, 'createdAt' | 'updatedAt'>): Promise<Node> {
    const rows = await sqlOf(tx).query<Node>(
      `INSERT INTO nodes (id, parent_id, name, type, path, merchant_id, environment)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
      [node.id, node.parentId, node.name, node.type, node.path, node.merchantId, node.environment],
    );
    return rows[0]!;
  }

  async rename(tx: Tx, id: string, name: string): Promise<void> {
    await sqlOf(tx).execute('UPDATE nodes SET name = $2, updated_at = now() WHERE id = $1', [id, name]);
  }

  /** Precondition: the paths are locked. */
  async longestPathBelow(tx: Tx, path: string): Promise<string> {
    const rows = await sqlOf(tx).query<{ path: string }>(
      `SELECT path FROM nodes WHERE ${subtree('path', '$1::text')} ORDER BY length(path) DESC LIMIT 1`,
      [path],
    );
    return rows[0]!.path;
  }

  /** The node and everything below it, in one statement. Precondition: the paths are locked. */
  async move(tx: Tx, node: Node, parentId: string | null, path: string): Promise<number> {
    return sqlOf(tx).execute(
      `UPDATE nodes SET path = $3::text || substr(path, length($2::text) + 1), updated_at = now(),
         parent_id = CASE WHEN id = $1 THEN $4::uuid ELSE parent_id END
       WHERE ${subtree('path', '$2::text')}`,
      [node.id, node.path, path, parentId],
    );
  }
}

/** Every row carries the total; a page past the end is one row with nothing else in it. */
export function listed<T extends { id: string }>(rows: readonly (T & { total: number })[]): Listed<T> {
  const items = rows.filter((row) => row.id !== null).map(({ total: _total, ...item }) => item as unknown as T);
  return { items, total: rows[0]!.total };
}
