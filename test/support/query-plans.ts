import type { Client } from 'pg';
import { Database, Tx } from '../../src/platform/database';

/** A statement that a repository has run, and how PostgreSQL means to run it. */
export interface ExplainedStatement {
  readonly text: string;
  /** Tables (partitions by their own names) that are read from end to end. */
  readonly sequentialScans: readonly string[];
  readonly plan: PlanNode;
}

export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  /** With ANALYZE and BUFFERS. */
  readonly 'Shared Hit Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}

interface Statement {
  readonly text: string;
  readonly values?: unknown[];
}

/**
 * Stands between repositories and one connection: every statement is explained, with its values, and then run. So what
 * is looked at is the very SQL that the service runs.
 */
export class ExplainingConnection {
  private readonly taken: ExplainedStatement[] = [];
  readonly database: Database;
  readonly tx: Tx;

  /**
   * `options`: further ones of EXPLAIN, in an open transaction: with ANALYZE it runs the statement, which is then
   * undone.
   */
  constructor(
    private readonly client: Client,
    private readonly options = '',
  ) {
    const explaining = { query: (statement: Statement) => this.query(statement) } as never;
    this.database = new Database({ driver: { master: explaining } } as never);
    this.tx = new Tx(explaining);
  }

  /** Runs the work and returns what it asked of the database. */
  async explain(work: () => Promise<unknown>): Promise<ExplainedStatement[]> {
    this.taken.length = 0;
    await work();
    if (this.taken.length === 0) throw new Error('nothing was asked of the database');
    return [...this.taken];
  }

  private async query(statement: Statement): Promise<unknown> {
    const { text, values = [] } = statement;
    if (this.options !== '') await this.client.query('SAVEPOINT explained');
    const answer = await this.client.query({
      text: `EXPLAIN (${['FORMAT JSON', this.options].filter(Boolean).join(', ')}) ${text}`,
      values,
    });
    if (this.options !== '') await this.client.query('ROLLBACK TO SAVEPOINT explained');
    const plan = answer.rows[0]['QUERY PLAN'][0].Plan as PlanNode;
    const sequentialScans = nodesOf(plan)
      .filter((node) => node['Node Type'].endsWith('Seq Scan'))
      .map((node) => node['Relation Name']!);
    this.taken.push({ text, sequentialScans, plan });
    return this.client.query(statement as never);
  }
}

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
