import { randomUUID } from 'node:crypto';
import { MerchantService } from '../../src/merchants';
import { expectError } from '../support/answers';
import { type TestApp } from '../support/app';
import { startWithNodes, type NodesClient } from '../support/nodes';

const NODE_FIELDS = [
  'created_at',
  'environment',
  'id',
  'merchant_id',
  'name',
  'parent_id',
  'path',
  'type',
  'updated_at',
];

describe('the node tree', () => {
  let running: TestApp;
  let api: NodesClient;
  let admin: string;
  let root: Record<string, any>;
  let left: Record<string, any>;
  let right: Record<string, any>;

  beforeAll(async () => {
    ({ running, api, admin, root, left, right } = await startWithNodes());
  }, 60_000);
  afterAll(async () => running?.close());

  it('answers a node with exactly the fields of the contract', async () => {
    expect(Object.keys(left).sort()).toEqual(NODE_FIELDS);
    expect(left).toMatchObject({
      parent_id: root['id'],
      name: 'left',
      type: 'account',
      path: `/${root['id']}/${left['id']}/`,
      merchant_id: null,
      environment: null,
    });
    const answer = await api.call('get', `/nodes/${left['id']}`, admin).expect(200);
    expect(answer.body).toEqual(left);
  });

  it('a token reaches its node and the nodes below, never a sibling or a parent', async () => {
    const below = await api.node(admin, { name: 'below', parent_id: left['id'] });
    const bearer = await api.token({ permissions: ['nodes.read', 'nodes.write'], nodeIds: [left['id']] });
    await api.call('get', `/nodes/${left['id']}`, bearer).expect(200);
    await api.call('get', `/nodes/${below['id']}`, bearer).expect(200);
    await api.call('get', `/nodes/${left['id']}/children`, bearer).expect(200);
    for (const id of [root['id'], right['id'], randomUUID(), 'nonsense']) {
      expectError(await api.call('get', `/nodes/${id}`, bearer), 404, 'not_found', 'Node not found');
      expectError(await api.call('get', `/nodes/${id}/children`, bearer), 404, 'not_found', 'Node not found');
      const renamed = await api.call('patch', `/nodes/${id}`, bearer).send({ name: 'mine now' });
      expectError(renamed, 404, 'not_found', 'Node not found');
      if (id !== 'nonsense') {
        const added = await api.call('post', '/nodes', bearer).send({ parent_id: id, name: 'x', type: 'account' });
        expectError(added, 404, 'not_found', 'Node not found');
      }
    }
    const listed = await api.call('get', '/nodes', bearer).expect(200);
    expect(listed.body.items.map((each: any) => each.id)).toEqual([left['id'], below['id']]);
    expect(listed.body).toMatchObject({ page: 1, per_page: 10, total: 2 });
  });

  it('a node that is held twice over is listed once; ids that are no ids reach nothing', async () => {
    const top = await api.node(admin, { name: 'top', parent_id: right['id'] });
    const bearer = await api.token({
      permissions: ['nodes.read'],
      nodeIds: [right['id'], top['id'], 'root', "' OR 1=1", randomUUID()],
    });
    const listed = await api.call('get', '/nodes', bearer).expect(200);
    expect(listed.body.items.map((each: any) => each.name)).toEqual(['right', 'top']);
    const nobody = await api.token({ permissions: ['nodes.read'], nodeIds: ['root'] });
    expect((await api.call('get', '/nodes', nobody)).body).toEqual({ items: [], page: 1, per_page: 10, total: 0 });
  });

  it('only an admin makes a root, or turns a node into one', async () => {
    const bearer = await api.token({ permissions: ['nodes.write'], nodeIds: [left['id']], roles: ['operator'] });
    expectError(
      await api.call('post', '/nodes', bearer).send({ name: 'x', type: 'account' }),
      403,
      'permission_denied',
    );
    const mine = await api.call('post', '/nodes', bearer).send({ name: 'x', type: 'account', parent_id: left['id'] });
    expect(mine.status).toBe(201);
    const up = await api.call('patch', `/nodes/${mine.body.id}`, bearer).send({ parent_id: null });
    expectError(up, 403, 'permission_denied');
    const rooted = await api.call('patch', `/nodes/${mine.body.id}`, admin).send({ parent_id: null });
    expect(rooted.body).toMatchObject({ parent_id: null, path: `/${mine.body.id}/` });
  });

  it('who is no admin binds a node only as its parent is bound', async () => {
    const merchants = running.app.get(MerchantService);
    const acme = await merchants.create({ name: 'Acme', defaultCurrency: 'GBP' });
    const other = await merchants.create({ name: 'Other', defaultCurrency: 'GBP' });
    const live = { merchant_id: acme.id, environment: 'live' };
    const bound = await api.node(admin, { parent_id: root['id'], ...live });
    expect(bound).toMatchObject(live);
    const bearer = await api.token({ permissions: ['nodes.write'], nodeIds: [bound['id'], left['id']] });
    const add = (body: object) => api.call('post', '/nodes', bearer).send({ name: 'x', type: 'account', ...body });
    expect((await add({ parent_id: bound['id'], ...live })).status).toBe(201);
    expect((await add({ parent_id: bound['id'] })).status).toBe(201);
    for (const body of [
      { parent_id: left['id'], ...live },
      { parent_id: bound['id'], merchant_id: acme.id, environment: 'sandbox' },
      { parent_id: bound['id'], merchant_id: other.id, environment: 'live' },
      { parent_id: left['id'], merchant_id: randomUUID(), environment: 'live' },
    ]) {
      expectError(await add(body), 403, 'permission_denied');
    }
    const unknown = { name: 'x', type: 'account', merchant_id: randomUUID(), environment: 'live' };
    expectError(await api.call('post', '/nodes', admin).send(unknown), 404, 'not_found', 'Merchant not found');
    const half = await api.call('post', '/nodes', admin).send({ name: 'x', type: 'account', merchant_id: acme.id });
    expect(half.status).toBe(400);
    expect(half.body.details.fields).toHaveProperty('environment');
  });

  it('moves a node with everything below it', async () => {
    const a = await api.node(admin, { name: 'a', parent_id: left['id'] });
    const b = await api.node(admin, { name: 'b', parent_id: a['id'] });
    const c = await api.node(admin, { name: 'c', parent_id: b['id'] });
    const rightBearer = await api.token({ permissions: ['nodes.read'], nodeIds: [right['id']] });
    await api.call('get', `/nodes/${c['id']}`, rightBearer).expect(404);
    const moved = await api.call('patch', `/nodes/${a['id']}`, admin).send({ parent_id: right['id'], name: 'A' });
    expect(moved.body).toMatchObject({ name: 'A', parent_id: right['id'], path: `${right['path']}${a['id']}/` });
    const leaf = await api.call('get', `/nodes/${c['id']}`, rightBearer).expect(200);
    expect(leaf.body).toMatchObject({
      parent_id: b['id'],
      path: `${right['path']}${a['id']}/${b['id']}/${c['id']}/`,
    });
  });

  it('refuses a move below itself, and leaves everything as it was', async () => {
    const a = await api.node(admin, { name: 'a' });
    const b = await api.node(admin, { name: 'b', parent_id: a['id'] });
    for (const target of [a['id'], b['id']]) {
      const answer = await api.call('patch', `/nodes/${a['id']}`, admin).send({ parent_id: target, name: 'lost' });
      expectError(answer, 409, 'conflict');
    }
    expect((await api.call('get', `/nodes/${a['id']}`, admin)).body).toEqual(a);
  });

  it('a tree ends at 32 levels, by adding and by moving', async () => {
    let parent: string | null = null;
    const chain: string[] = [];
    for (let level = 1; level <= 32; level++) {
      const made: Record<string, any> = await api.node(admin, { name: `level ${level}`, parent_id: parent });
      parent = made['id'] as string;
      chain.push(parent);
    }
    const deeper = await api.call('post', '/nodes', admin).send({ name: 'x', type: 'account', parent_id: parent });
    expect(deeper.status).toBe(400);
    const top = await api.node(admin, { name: 'top' });
    const moved = await api.call('patch', `/nodes/${chain[0]}`, admin).send({ parent_id: top['id'] });
    expect(moved.status).toBe(400);
    expect(moved.body.details.fields).toHaveProperty('parent_id');
  });

  it.each([
    [{ type: 'account' }, 'name'],
    [{ name: '', type: 'account' }, 'name'],
    [{ name: '   ', type: 'account' }, 'name'],
    [{ name: 'x'.repeat(256), type: 'account' }, 'name'],
    [{ name: 'a\u0000b', type: 'account' }, 'name'],
    [{ name: 'x' }, 'type'],
    [{ name: 'x', type: 'team' }, 'type'],
    [{ name: 'x', type: 'account', parent_id: 'up' }, 'parent_id'],
    [{ name: 'x', type: 'account', environment: 'production', merchant_id: randomUUID() }, 'environment'],
    [{ name: 'x', type: 'account', path: '/' }, 'path'],
  ])('a new node %j is 400 on %s', async (body, field) => {
    const answer = await api.call('post', '/nodes', admin).send(body);
    expectError(answer, 400, 'invalid_request');
    expect(Object.keys(answer.body.details.fields)).toEqual([field]);
  });

  it('children come by name, in pages', async () => {
    const parent = await api.node(admin);
    for (const name of ['c', 'a', 'b']) await api.node(admin, { name, parent_id: parent['id'] });
    const path = `/nodes/${parent['id']}/children`;
    const first = await api.call('get', `${path}?per_page=2`, admin).expect(200);
    expect(first.body.items.map((each: any) => each.name)).toEqual(['a', 'b']);
    expect(first.body).toMatchObject({ page: 1, per_page: 2, total: 3 });
    const beyond = await api.call('get', `${path}?per_page=2&page=3`, admin).expect(200);
    expect(beyond.body).toEqual({ items: [], page: 3, per_page: 2, total: 3 });
  });
});
