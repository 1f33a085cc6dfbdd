import { randomUUID } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { TokenVerifier } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import { ADMINISTRATOR, NodeIntegrationService, NodeService, NodesModule } from '../../src/nodes';
import { nodeActor, type NodeActor } from '../../src/nodes/node-access';
import { TokenExchangeService } from '../../src/nodes/token-exchange.service';
import { Database } from '../../src/platform/database';
import { InterlockError } from '../../src/platform/errors';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';
import {
  endOf,
  expectNoMorePower,
  expectNothingLater,
  expectNothingStrongerTouched,
  type KeyRow,
  type NodeRow,
  type World,
} from '../support/node-keys';

const PERMISSIONS = ['integrations.read', 'integrations.write', 'nodes.write', 'sync.read'];
const HOUR = 3_600_000;
const START = Date.now();
/** Not asked for, never, and some times. */
const ENDS = [undefined, null, ...[2, 24, 240, 2_400].map((hours) => new Date(START + hours * HOUR))];

const pick = fc.nat({ max: 1_000 });
const rights = { permissions: fc.subarray(PERMISSIONS), end: fc.constantFrom(...ENDS) };
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('create' as const), node: pick, ...rights }) },
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('update' as const),
      key: pick,
      permissions: fc.option(rights.permissions, { nil: undefined }),
      end: rights.end,
      rename: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('remove' as const), key: pick }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('rotate' as const), key: pick, overlapSeconds: fc.constantFrom(0, 3_600) }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('add' as const), node: pick, bound: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('move' as const), node: pick, below: pick }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const story = fc.record({
  /** Each hangs below an earlier one; the first two are roots. */
  nodes: fc.array(fc.record({ below: pick, bound: fc.boolean() }), { minLength: 4, maxLength: 7 }),
  keys: fc.array(fc.record({ node: pick, ...rights }), { minLength: 3, maxLength: 5 }),
  steps: fc.array(
    // now and then an admin acts in between; a caller may hold a token from before its key was changed
    fc.record({
      by: pick,
      admin: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
      stale: fc.boolean(),
      /** By the secret that a rotation replaced, where there is one. */
      old: fc.boolean(),
      what: step,
    }),
    { minLength: 10, maxLength: 24 },
  ),
});

describe('nobody hands on or takes more than it holds', () => {
  let made: TestDatabase;
  let app: NestExpressApplication;
  let database: Database;
  let merchantId: string;
  let names = 0;

  beforeAll(async () => {
    made = await migratedDatabase();
    app = await createAuthApp(made.url, { imports: [NodesModule] });
    database = app.get(Database);
    merchantId = (await app.get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' })).id;
  }, 60_000);
  afterAll(async () => {
    await app?.close();
    await made?.drop();
  });

  /** Of this story only: other stories have trees of their own. */
  async function look(roots: readonly string[]): Promise<World> {
    const nodes = await database.query<NodeRow>(
      `SELECT id, parent_id AS "parentId", path, merchant_id AS "merchantId" FROM nodes
       WHERE string_to_array(trim(both '/' from path), '/')::uuid[] && $1::uuid[] ORDER BY created_at, id`,
      [roots],
    );
    const keys = await database.query<KeyRow>(
      `SELECT id, node_id AS "nodeId", name, permissions, expires_at AS "expiresAt", deleted_at IS NOT NULL AS deleted,
         secret_number AS "secretNumber", previous_secret_until AS "previousSecretUntil"
       FROM node_integrations WHERE node_id = ANY ($1) ORDER BY created_at, id`,
      [nodes.map((node) => node.id)],
    );
    return {
      keys: new Map(keys.map((key) => [key.id, key])),
      nodes: new Map(nodes.map((node) => [node.id, node])),
    };
  }

  class Cast {
    readonly secrets = new Map<string, { apiKey: string; secret: string; oldSecret?: string }>();
    private readonly first = new Map<string, NodeActor>();
    private readonly openedBy = new Map<string, number>();
    private readonly latest = new Map<string, { actor: NodeActor; row: string }>();

    /** What the key's own token may do, by the real exchange and the real verifier; null: it gets none. */
    async play(key: KeyRow, { stale, old }: { stale: boolean; old: boolean }): Promise<NodeActor | null> {
      const { apiKey, secret, oldSecret } = this.secrets.get(key.id)!;
      if (old && oldSecret !== undefined) return this.enter(key, apiKey, oldSecret, key.secretNumber - 1);
      const before = this.first.get(key.id);
      if (stale && before) return before;
      const latest = this.latest.get(key.id);
      // its token is good still
      if (latest?.row === JSON.stringify(key)) return latest.actor;
      const actor = await this.enter(key, apiKey, secret, key.secretNumber);
      if (!actor) return null;
      if (!before) this.first.set(key.id, actor);
      this.latest.set(key.id, { actor, row: JSON.stringify(key) });
      return actor;
    }

    private async enter(key: KeyRow, apiKey: string, secret: string, secretNumber: number): Promise<NodeActor | null> {
      const pair = await app
        .get(TokenExchangeService, { strict: false })
        .authenticate(apiKey, secret)
        .catch(() => null);
      if (!pair) return null;
      const caller = await app.get(TokenVerifier).verify(pair.accessToken);
      // the same second as an end: the token counts from the next one on
      if (!caller) return null;
      const actor = nodeActor(caller);
      this.openedBy.set(actor.tokenId!, secretNumber);
      await this.checkLifetime(this.heldBy(actor, key), pair.accessToken);
      return actor;
    }

    /** What the caller holds of its key: what came from a replaced secret ends with that. */
    heldBy({ tokenId }: NodeActor, key: KeyRow): KeyRow {
      const secretNumber = this.openedBy.get(tokenId!)!;
      if (secretNumber === key.secretNumber) return key;
      const isPrevious = secretNumber === key.secretNumber - 1;
      const secretEnd = (isPrevious && key.previousSecretUntil?.getTime()) || 0;
      return { ...key, expiresAt: new Date(Math.min(endOf(key), secretEnd)) };
    }

    private async checkLifetime(key: KeyRow, accessToken: string): Promise<void> {
      const { exp, jti } = decodeJwt(accessToken);
      const [row] = await database.query<{ expiresAt: Date }>(
        'SELECT expires_at AS "expiresAt" FROM node_refresh_tokens WHERE access_jti = $1',
        [jti],
      );
      expect(exp! * 1_000).toBeLessThanOrEqual(endOf(key));
      expect(row!.expiresAt.getTime()).toBeLessThanOrEqual(endOf(key));
    }
  }

  async function act(actor: NodeActor, what: Step, world: World, cast: Cast): Promise<void> {
    const isNear = (node: NodeRow): boolean => actor.admin || actor.nodeIds.some((id) => node.path.includes(`/${id}/`));
    // one in eight may be out of reach
    const among = <T>(all: readonly T[], near: readonly T[], index: number): T | undefined =>
      index % 8 === 0 || near.length === 0 ? all[index % all.length] : near[index % near.length];
    const nodes = [...world.nodes.values()];
    const node = (index: number): NodeRow => among(nodes, nodes.filter(isNear), index)!;
    const keys = [...world.keys.values()].filter((key) => !key.deleted);
    const nearKeys = keys.filter((key) => isNear(world.nodes.get(key.nodeId)!));
    const integrations = app.get(NodeIntegrationService);
    switch (what.act) {
      case 'create': {
        const name = `key ${names++}`;
        const { permissions, end: expiresAt } = what;
        const issued = await integrations.create(actor, { nodeId: node(what.node).id, name, permissions, expiresAt });
        cast.secrets.set(issued.integration.id, { apiKey: issued.integration.apiKey, secret: issued.secret });
        return;
      }
      case 'add': {
        const binding = what.bound
          ? { merchantId, environment: 'live' as const }
          : { merchantId: null, environment: null };
        await app.get(NodeService).create(actor, {
          parentId: node(what.node).id,
          name: 'added',
          type: 'account',
          ...binding,
        });
        return;
      }
      case 'move':
        await app.get(NodeService).update(actor, node(what.node).id, { parentId: node(what.below).id });
        return;
      default: {
        const key = among(keys, nearKeys, what.key);
        if (!key) return;
        if (what.act === 'remove') return integrations.remove(actor, key.id);
        if (what.act === 'rotate') {
          const { overlapSeconds } = what;
          const { secret } = await integrations.rotateSecret(actor, key.id, { overlapSeconds });
          const { apiKey, secret: oldSecret } = cast.secrets.get(key.id)!;
          cast.secrets.set(key.id, { apiKey, secret, ...(overlapSeconds > 0 && { oldSecret }) });
          return;
        }
        await integrations.update(actor, key.id, {
          name: what.rename ? `key ${names++}` : key.name,
          permissions: what.permissions,
          expiresAt: what.end,
        });
      }
    }
  }

  it('in no state that random keys of random trees can reach', async () => {
    const done: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(story, async ({ nodes, keys, steps }) => {
        const cast = new Cast();
        const ids: string[] = [];
        for (const [index, { below, bound }] of nodes.entries()) {
          const node = await app.get(NodeService).create(ADMINISTRATOR, {
            parentId: index < 2 ? null : ids[below % ids.length]!,
            name: `node ${index}`,
            type: 'account',
            merchantId: bound ? merchantId : null,
            environment: bound ? 'live' : null,
          });
          ids.push(node.id);
        }
        const roots = ids.slice(0, 2);
        for (const { node, ...wish } of keys) {
          await act(ADMINISTRATOR, { act: 'create', node, ...wish }, await look(roots), cast);
        }
        // one key with two good secrets, so that the replaced one is used
        await act(ADMINISTRATOR, { act: 'rotate', key: 1, overlapSeconds: 3_600 }, await look(roots), cast);
        for (const { by, admin, what, ...choice } of steps) {
          const before = await look(roots);
          const living = [...before.keys.values()].filter((key) => !key.deleted);
          const key = living[by % living.length];
          const actor = admin || !key ? ADMINISTRATOR : await cast.play(key, choice);
          if (!actor) continue;
          const outcome = await act(actor, what, before, cast).then(
            () => 'done',
            (error: unknown) => {
              if (error instanceof InterlockError && error.code !== 'internal_error') return error.code;
              throw error;
            },
          );
          const held = actor.admin ? null : cast.heldBy(actor, key!);
          const who = held === null ? 'admin' : held === key ? 'key' : 'key by a replaced secret';
          const label = `${who} ${what.act} ${outcome}`;
          done[label] = (done[label] ?? 0) + 1;
          if (held === null) continue;
          const after = await look(roots);
          if (outcome !== 'done') expect(after).toEqual(before);
          expectNoMorePower(before, after);
          expectNothingLater(before, after, held);
          expectNothingStrongerTouched(before, after, held);
        }
      }),
      // a smaller story would take minutes to find
      { numRuns: 12, endOnFailure: true },
    );
    // it would prove nothing if all were refused
    const count = (outcome: string): number =>
      Object.entries(done).reduce(
        (sum, [label, n]) => (/^key /.test(label) && label.endsWith(outcome) ? sum + n : sum),
        0,
      );
    expect(count('done')).toBeGreaterThan(5);
    expect(count('permission_denied')).toBeGreaterThan(5);
    const byOldSecret = Object.keys(done).filter((label) => label.startsWith('key by a replaced secret'));
    expect(byOldSecret.some((label) => label.endsWith('permission_denied'))).toBe(true);
  }, 300_000);

  it('a move changes the reach of no stronger key, above either place or in the subtree', async () => {
    const nodes = app.get(NodeService);
    const integrations = app.get(NodeIntegrationService);
    const add = async (parentId: string | null) =>
      (
        await nodes.create(ADMINISTRATOR, {
          parentId,
          name: 'a node',
          type: 'account',
          merchantId: null,
          environment: null,
        })
      ).id;
    const key = (nodeId: string, permissions: string[], expiresAt: Date | null) =>
      integrations.create(ADMINISTRATOR, { nodeId, name: randomUUID(), permissions, expiresAt });
    const end = new Date(START + 48 * HOUR);
    const strong: [string[], Date | null][] = [
      [['nodes.write'], null],
      [['nodes.write', 'sync.read'], end],
    ];
    for (const [permissions, until] of strong) {
      const root = await add(null);
      const top = await add(root);
      const [from, to] = [await add(top), await add(top)];
      const moved = await add(from);
      const below = await add(moved);
      await key(root, PERMISSIONS, null);
      const { integration } = await key(top, ['nodes.write'], end);
      const actor: NodeActor = {
        ...ADMINISTRATOR,
        admin: false,
        id: integration.id,
        nodeIds: [top],
        permissions: new Set(['nodes.write']),
      };
      const move = (parentId: string) => nodes.update(actor, moved, { parentId });
      // one that is as strong as the caller, and one above both places, are in nobody's way
      await key(to, ['nodes.write'], end);
      await move(to);
      await move(from);
      for (const place of [from, to, moved, below]) {
        const { integration: stronger } = await key(place, permissions, until);
        await expect(move(to)).rejects.toMatchObject({ code: 'permission_denied' });
        await integrations.remove(ADMINISTRATOR, stronger.id);
      }
      await move(to);
      // out of a parent that the caller does not reach
      const both = { ...actor, nodeIds: [to, from] };
      await expect(nodes.update(both, to, { parentId: from })).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('a token from before its key was narrowed hands on only what is left', async () => {
    const node = await app.get(NodeService).create(ADMINISTRATOR, {
      parentId: null,
      name: 'a node',
      type: 'account',
      merchantId: null,
      environment: null,
    });
    const integrations = app.get(NodeIntegrationService);
    const create = (actor: NodeActor, permissions: string[]) =>
      integrations.create(actor, { nodeId: node.id, name: randomUUID(), permissions });
    const { integration } = await create(ADMINISTRATOR, ['integrations.write', 'sync.read']);
    const permissions = new Set(integration.permissions);
    const stale: NodeActor = { ...ADMINISTRATOR, admin: false, id: integration.id, nodeIds: [node.id], permissions };
    await create(stale, ['sync.read']);
    await integrations.update(ADMINISTRATOR, integration.id, { name: 'less', permissions: ['integrations.write'] });
    await expect(create(stale, ['sync.read'])).rejects.toMatchObject({ code: 'permission_denied' });
    await create(stale, ['integrations.write']);
  });

  it('what comes from a rotated secret holds until the overlap ends, and its refreshed and earlier tokens too', async () => {
    const node = await app.get(NodeService).create(ADMINISTRATOR, {
      parentId: null,
      name: 'a node',
      type: 'account',
      merchantId: null,
      environment: null,
    });
    const integrations = app.get(NodeIntegrationService);
    const exchange = app.get(TokenExchangeService, { strict: false });
    const permissions = ['integrations.write', 'nodes.write'];
    const made = await integrations.create(ADMINISTRATOR, { nodeId: node.id, name: 'owner', permissions });
    const { id, apiKey } = made.integration;
    const actorOfToken = async (token: string) => nodeActor((await app.get(TokenVerifier).verify(token))!);
    const earlierPair = await exchange.authenticate(apiKey, made.secret);
    const { secret, previousSecretUntil } = await integrations.rotateSecret(ADMINISTRATOR, id, { overlapSeconds: 120 });
    const oldPair = await exchange.authenticate(apiKey, made.secret);
    expect(oldPair.expiresInSeconds).toBeLessThanOrEqual(120);
    const refreshed = await exchange.refresh(oldPair.refreshToken);
    for (const { accessToken } of [oldPair, refreshed, earlierPair]) {
      const old = await actorOfToken(accessToken);
      const create = (expiresAt?: Date | null) =>
        integrations.create(old, { nodeId: node.id, name: randomUUID(), permissions, expiresAt });
      const acts = [
        () => create(null),
        () => create(new Date(previousSecretUntil!.getTime() + 1)),
        () => integrations.rotateSecret(old, id, { overlapSeconds: 0 }),
        () => integrations.rotateSecret(old, id, { overlapSeconds: 3_600 }),
        () => integrations.update(old, id, { name: 'renamed' }),
        () => integrations.update(old, id, { name: 'owner', permissions: [] }),
        () => integrations.update(old, id, { name: 'owner', expiresAt: previousSecretUntil }),
        () => integrations.remove(old, id),
      ];
      for (const act of acts) await expect(act()).rejects.toMatchObject({ code: 'permission_denied' });
      expect((await create()).integration.expiresAt).toEqual(previousSecretUntil);
    }
    // the owner is as it was, and rotates its key itself
    const owner = await actorOfToken((await exchange.authenticate(apiKey, secret)).accessToken);
    await integrations.create(owner, { nodeId: node.id, name: randomUUID(), permissions, expiresAt: null });
    await integrations.rotateSecret(owner, id, { overlapSeconds: 120 });
    // two rotations on, nothing is left of the first secret
    const first = await actorOfToken(earlierPair.accessToken);
    await expect(integrations.remove(first, id)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('the secret of a bound node’s key is given only to admins and to callers with the same binding', async () => {
    const integrations = app.get(NodeIntegrationService);
    const other = (await app.get(MerchantService).create({ name: 'Other', defaultCurrency: 'GBP' })).id;
    const add = async (parentId: string | null, merchant: string | null, environment: 'sandbox' | 'live' | null) =>
      app.get(NodeService).create(ADMINISTRATOR, {
        parentId,
        name: 'a node',
        type: 'account',
        merchantId: merchant,
        environment,
      });
    const top = await add(null, null, null);
    const sandbox = await add(top.id, merchantId, 'sandbox');
    const below = {
      same: await add(sandbox.id, merchantId, 'sandbox'),
      none: await add(sandbox.id, null, null),
      live: await add(sandbox.id, merchantId, 'live'),
      other: await add(sandbox.id, other, 'sandbox'),
    };
    const key = (actor: NodeActor, nodeId: string) =>
      integrations.create(actor, { nodeId, name: randomUUID(), permissions: ['integrations.write'] });
    const callerOf = async (nodeId: string) => {
      const { integration, secret } = await key(ADMINISTRATOR, nodeId);
      const exchange = app.get(TokenExchangeService, { strict: false });
      const { accessToken } = await exchange.authenticate(integration.apiKey, secret);
      return nodeActor((await app.get(TokenVerifier).verify(accessToken))!);
    };
    const verdicts = async (actor: NodeActor) => {
      const given: string[] = [];
      for (const [name, { id }] of Object.entries(below)) {
        const { integration } = await key(ADMINISTRATOR, id);
        const acts = [
          () => key(actor, id),
          () => integrations.rotateSecret(actor, integration.id, { overlapSeconds: 0 }),
        ];
        for (const act of acts) {
          const outcome = await act().then(
            () => 'given',
            (error: InterlockError) => error.code,
          );
          given.push(`${name} ${outcome}`);
        }
      }
      return given;
    };
    const twice = (...names: string[]) => names.flatMap((name) => [name, name]);
    expect(await verdicts(await callerOf(sandbox.id))).toEqual(
      twice('same given', 'none given', 'live permission_denied', 'other permission_denied'),
    );
    expect(await verdicts(await callerOf(top.id))).toEqual(
      twice('same permission_denied', 'none given', 'live permission_denied', 'other permission_denied'),
    );
    const live = await callerOf(below.live.id);
    await integrations.rotateSecret(live, live.id, { overlapSeconds: 0 });
  });

  it('a key that is made without an end by one that has one ends with it, and none lives longer', async () => {
    const world = await app.get(NodeService).create(ADMINISTRATOR, {
      parentId: null,
      name: 'a root',
      type: 'organization',
      merchantId: null,
      environment: null,
    });
    const integrations = app.get(NodeIntegrationService);
    const end = new Date(START + 48 * HOUR);
    const maker = await integrations.create(ADMINISTRATOR, {
      nodeId: world.id,
      name: 'maker',
      permissions: ['integrations.write'],
      expiresAt: end,
    });
    const actor = { ...ADMINISTRATOR, admin: false, id: maker.integration.id, nodeIds: [world.id] };
    const asMaker = { ...actor, permissions: new Set(['integrations.write']) };
    const create = (expiresAt?: Date | null) =>
      integrations.create(asMaker, { nodeId: world.id, name: randomUUID(), permissions: [], expiresAt });
    expect((await create()).integration.expiresAt).toEqual(end);
    for (const later of [null, new Date(end.getTime() + 1)]) {
      await expect(create(later)).rejects.toMatchObject({ code: 'permission_denied' });
    }
    const own = (expiresAt: Date | null) =>
      integrations.update(asMaker, maker.integration.id, { name: 'maker', expiresAt });
    for (const later of [null, new Date(end.getTime() + 1)]) {
      await expect(own(later)).rejects.toMatchObject({ code: 'permission_denied' });
    }
    await own(new Date(end.getTime() - HOUR));
    // what it has made stays as it is, and is not its own to change any more
    await expect(own(end)).rejects.toMatchObject({ code: 'permission_denied' });
    await integrations.remove(ADMINISTRATOR, maker.integration.id);
    await expect(create()).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
