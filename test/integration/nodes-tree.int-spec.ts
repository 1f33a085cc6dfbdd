import { randomUUID } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ADMINISTRATOR, NodeIntegrationService, NodeService, NodesModule } from '../../src/nodes';
import type { NodeActor } from '../../src/nodes/node-access';
import { SecretHasher } from '../../src/nodes/secret-hasher';
import { NodeIntegrationRepository } from '../../src/nodes/store/node-integration.repository';
import { Database } from '../../src/platform/database';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';

const DEPTH = 20;
const CHAINS = 527;

describe('the tree on its database', () => {
  let made: TestDatabase;
  let first: NestExpressApplication;
  let second: NestExpressApplication;
  let nodes: NodeService;
  let database: Database;

  beforeAll(async () => {
    made = await migratedDatabase();
    first = await createAuthApp(made.url, { imports: [NodesModule] });
    second = await createAuthApp(made.url, { imports: [NodesModule] });
    nodes = first.get(NodeService);
    database = first.get(Database);
  }, 60_000);
  afterAll(async () => {
    await second?.close();
    await first?.close();
    await made?.drop();
  });

  const holder = (...nodeIds: string[]): NodeActor => ({
    id: 'test',
    heldUntil: null,
    tokenId: null,
    binding: null,
    admin: false,
    nodeIds,
    permissions: new Set(),
  });
  const add = (parentId: string | null, name = 'a node') =>
    nodes.create(ADMINISTRATOR, { parentId, name, type: 'account', merchantId: null, environment: null });
  const subtree = (id: string) => nodes.list(holder(id), { limit: 100, offset: 0 });
  const broken = () =>
    database.query(
      `SELECT n.id FROM nodes n LEFT JOIN nodes p ON p.id = n.parent_id
       WHERE n.path IS DISTINCT FROM coalesce(p.path, '/') || n.id || '/'`,
    );

  describe('10,000 nodes, 20 levels deep', () => {
    let root: string;
    let chain: string[];

    beforeAll(async () => {
      root = (await add(null, 'root')).id;
      const rows: { id: string; parent: string; path: string }[] = [];
      for (let i = 0; i < CHAINS; i++) {
        let parent = root;
        let path = `/${root}/`;
        const ids: string[] = [root];
        for (let level = 2; level <= DEPTH; level++) {
          const id = randomUUID();
          path += `${id}/`;
          rows.push({ id, parent, path });
          ids.push(id);
          parent = id;
        }
        chain = ids;
      }
      await database.execute(
        `INSERT INTO nodes (id, parent_id, name, type, path)
         SELECT id, parent, 'deep', 'account', path FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (id, parent, path)`,
        [rows.map((row) => row.id), rows.map((row) => row.parent), rows.map((row) => row.path)],
      );
      await database.execute('ANALYZE nodes');
      const counted = await database.query<{ count: number }>('SELECT count(*) FROM nodes');
      expect(counted[0]!.count).toBeGreaterThanOrEqual(10_000);
    }, 60_000);

    /** The one query that the work sends, and how PostgreSQL carries it out. */
    async function planOf(work: () => Promise<unknown>): Promise<string[]> {
      const spy = jest.spyOn(database, 'query');
      await work();
      const calls = [...spy.mock.calls];
      spy.mockRestore();
      expect(calls).toHaveLength(1);
      const [text, values] = calls[0]!;
      const plan = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
      return plan.map((row) => row['QUERY PLAN']);
    }
    /** Counted, and read in order, from one range of the index on paths. */
    const usesPathRange = (plan: string[]): void => {
      expect(plan.join('\n')).not.toMatch(/Seq Scan on nodes/);
      expect(plan.filter((line) => line.includes('nodes_by_path')).length).toBeGreaterThanOrEqual(2);
      expect(plan.filter((line) => /Index Cond: \(\(path ~>=~ .*\) AND \(path ~<~ /.test(line))).toHaveLength(2);
    };

    it.each([2, 10, 19, 20])('everything below a node of level %d is one indexed query', async (level) => {
      const id = chain[level - 1]!;
      const listed = await subtree(id);
      expect(listed.total).toBe(DEPTH - level + 1);
      expect(listed.items.map((node) => node.id)).toEqual(chain.slice(level - 1));
      const plan = await planOf(() => subtree(id));
      usesPathRange(plan);
    });

    it('so is everything below the root, a page of it, and below several nodes at once', async () => {
      for (const actor of [holder(root), holder(root, chain[3]!), holder(chain[1]!, chain[9]!)]) {
        usesPathRange(await planOf(() => nodes.list(actor, { limit: 10, offset: 20 })));
      }
      expect((await nodes.list(holder(root), { limit: 10, offset: 9_990 })).items).toHaveLength(10);
      expect((await nodes.list(holder(chain[1]!, chain[9]!), { limit: 1, offset: 0 })).total).toBe(19);
    });

    it('so are one node, its children, and its integrations', async () => {
      const bottom = chain.at(-1)!;
      const actor = holder(chain[1]!);
      for (const work of [
        () => nodes.get(actor, bottom),
        () => nodes.children(actor, chain[5]!, { limit: 10, offset: 0 }),
        () => first.get(NodeIntegrationService).list(actor, bottom, { limit: 10, offset: 0 }),
      ]) {
        expect((await planOf(work)).join('\n')).not.toMatch(/Seq Scan on nodes/);
      }
      await expect(nodes.get(holder(bottom), chain[1]!)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('moves all of them in one transaction, seen whole or not at all', async () => {
      const top = await add(null, 'top');
      const move = nodes.update(ADMINISTRATOR, root, { parentId: top.id });
      const seen = new Set<number>();
      const watching = new AbortController();
      const watch = (async () => {
        do seen.add((await nodes.list(holder(top.id), { limit: 1, offset: 0 })).total);
        while (!watching.signal.aborted);
      })();
      await move;
      watching.abort();
      await watch;
      const total = (await nodes.list(holder(top.id), { limit: 1, offset: 0 })).total;
      expect(total).toBeGreaterThan(10_000);
      for (const count of seen) expect([1, total]).toContain(count);
      expect(await broken()).toEqual([]);
      const audited = await database.query<{ details: { nodes: number } }>(
        `SELECT details FROM audit_entries WHERE action = 'node.moved' AND subject_id = $1`,
        [root],
      );
      expect(audited[0]!.details.nodes).toBe(total - 1);
    }, 60_000);
  });

  it('moves and additions at once, from two processes, leave a tree', async () => {
    const top = await add(null, 'top');
    const ids: string[] = [];
    for (let i = 0; i < 8; i++) ids.push((await add(top.id, `n${i}`)).id);
    const pick = (): string => ids[Math.floor(Math.random() * ids.length)]!;
    const services = [nodes, second.get(NodeService)];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 120 }, (_, i) => {
        const service = services[i % 2]!;
        return i % 3 === 0
          ? service.create(ADMINISTRATOR, {
              parentId: pick(),
              name: 'new',
              type: 'account',
              merchantId: null,
              environment: null,
            })
          : service.update(ADMINISTRATOR, pick(), { parentId: pick() });
      }),
    );
    const failures = outcomes.flatMap((each) =>
      each.status === 'rejected' ? [(each.reason as { code?: string }).code] : [],
    );
    expect(new Set(failures)).toEqual(new Set(['conflict']));
    expect(await broken()).toEqual([]);
    // all of them are still reached from the top: nobody went round in a ring
    expect((await nodes.list(holder(top.id), { limit: 1, offset: 0 })).total).toBe(9 + 40);
  }, 60_000);

  it('two moves that would make a ring together: one is refused', async () => {
    for (let round = 0; round < 10; round++) {
      const [a, b] = [await add(null, 'a'), await add(null, 'b')];
      const outcomes = await Promise.allSettled([
        nodes.update(ADMINISTRATOR, a.id, { parentId: b.id }),
        second.get(NodeService).update(ADMINISTRATOR, b.id, { parentId: a.id }),
      ]);
      expect(outcomes.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
    }
    expect(await broken()).toEqual([]);
  });

  it('a path that does not end in its node, or half a binding, is refused by the database itself', async () => {
    const parent = await add(null);
    const insert = (id: string, parentId: string | null, path: string, merchant: string | null = null) =>
      database.execute(
        `INSERT INTO nodes (id, parent_id, name, type, path, environment, merchant_id) VALUES ($1, $2, 'x', 'account', $3, $4, null)`,
        [id, parentId, path, merchant],
      );
    const id = randomUUID();
    for (const [parentId, path] of [
      [null, `/${parent.id}/${id}/`],
      [parent.id, `/${id}/`],
      [parent.id, `${parent.path}${randomUUID()}/`],
      [parent.id, `/${randomUUID()}/${id}/`],
    ] as const) {
      await expect(insert(id, parentId, path)).rejects.toMatchObject({ constraint: 'nodes_path_ends_here' });
    }
    await expect(insert(id, null, `/${id}/`, 'live')).rejects.toMatchObject({ constraint: 'nodes_binding_is_whole' });
  });

  it('a generated key that is there already is never surfaced: another one is made', async () => {
    const node = await add(null);
    const repository = first.get(NodeIntegrationRepository, { strict: false });
    const integrations = first.get(NodeIntegrationService);
    const create = (name: string) =>
      integrations.create(ADMINISTRATOR, { nodeId: node.id, name, permissions: [], expiresAt: null });
    const { integration: taken } = await create('first');
    const real = repository.insert.bind(repository);
    const insert = jest
      .spyOn(repository, 'insert')
      .mockImplementationOnce((tx, row) => real(tx, { ...row, apiKey: taken.apiKey }));
    const { integration } = await create('second');
    expect(insert).toHaveBeenCalledTimes(2);
    insert.mockRestore();
    expect(integration.apiKey).not.toBe(taken.apiKey);
  });

  it('one check of a secret takes some 20 to 60 ms, and is argon2id', async () => {
    const hasher = first.get(SecretHasher, { strict: false });
    const hash = await hasher.hash('test', 'correct horse');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=32768,t=3,p=1\$/);
    const times = [];
    for (let i = 0; i < 9; i++) {
      const startedAt = performance.now();
      expect(await hasher.match('correct horse', { id: 'test', hashes: [hash] })).toBe(0);
      times.push(performance.now() - startedAt);
    }
    const median = times.sort((a, b) => a - b)[4]!;
    // a loose net, for a loaded machine: bench/keys.ts prints the figure
    expect(median).toBeGreaterThan(10);
    expect(median).toBeLessThan(150);
  });
});
