import { randomUUID } from 'node:crypto';
import { Database } from '../../src/platform/database';
import { expectError } from '../support/answers';
import { type TestApp } from '../support/app';
import { startWithNodes, type NodesClient } from '../support/nodes';

const KEY_FIELDS = ['api_key', 'created_at', 'expires_at', 'id', 'name', 'node_id', 'permissions'];
const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString();

describe('node integrations', () => {
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

  it('create answers exactly the contract, with the secret once', async () => {
    const expires = day(1);
    const answer = await api.call('post', '/integrations', admin).send({
      node_id: left['id'],
      name: 'exact',
      permissions: ['integrations.write', 'integrations.read', 'integrations.write'],
      expires_at: expires,
    });
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body).sort()).toEqual([...KEY_FIELDS, 'secret'].sort());
    expect(answer.body).toMatchObject({
      node_id: left['id'],
      name: 'exact',
      permissions: ['integrations.write', 'integrations.read'],
      expires_at: expires,
    });
    expect(answer.body.api_key).toMatch(/^apex_[0-9A-Za-z]{38}$/);
    const { secret, ...shown } = answer.body as Record<string, unknown>;
    const got = await api.call('get', `/integrations/${String(shown['id'])}`, admin).expect(200);
    expect(got.body).toEqual(shown);
    const listed = await api.call('get', `/integrations?node_id=${left['id']}`, admin).expect(200);
    expect(Object.keys(listed.body).sort()).toEqual(['items', 'page', 'per_page', 'total']);
    expect(listed.body.items).toContainEqual(shown);
    expect(JSON.stringify([got.body, listed.body])).not.toContain(String(secret));
  });

  it('defaults: no permissions, never expiring', async () => {
    const made = await api.integration(admin, right['id'], { name: 'plain' });
    expect(made).toMatchObject({ permissions: [], expires_at: null });
  });

  it.each([
    [{ name: 'x' }, 'node_id'],
    [{ node_id: 'left', name: 'x' }, 'node_id'],
    [{ node_id: 'LEFT' }, 'name'],
    [{ node_id: 'LEFT', name: '' }, 'name'],
    [{ node_id: 'LEFT', name: 'x'.repeat(256) }, 'name'],
    [{ node_id: 'LEFT', name: 'x', permissions: 'integrations.read' }, 'permissions'],
    [{ node_id: 'LEFT', name: 'x', permissions: null }, 'permissions'],
    [{ node_id: 'LEFT', name: 'x', permissions: [1] }, 'permissions'],
    [{ node_id: 'LEFT', name: 'x', permissions: ['Integrations.read'] }, 'permissions'],
    [{ node_id: 'LEFT', name: 'x', permissions: ['integrations:read'] }, 'permissions'],
    [{ node_id: 'LEFT', name: 'x', permissions: ['integrations.*'] }, 'permissions'],
    [{ node_id: 'LEFT', name: 'x', permissions: Array.from({ length: 101 }, (_, i) => `a.p${i}`) }, 'permissions'],
    [{ node_id: 'LEFT', name: 'x', expires_at: 'tomorrow' }, 'expires_at'],
    [{ node_id: 'LEFT', name: 'x', expires_at: 4_102_444_800 }, 'expires_at'],
    [{ node_id: 'LEFT', name: 'x', expires_at: day(-1) }, 'expires_at'],
    [{ node_id: 'LEFT', name: 'x', api_key: 'apex_mine' }, 'api_key'],
  ] as [Record<string, unknown>, string][])('create with %j is 400 on %s', async (body, field) => {
    const sent = { ...body, ...(body['node_id'] === 'LEFT' ? { node_id: left['id'] } : {}) };
    const answer = await api.call('post', '/integrations', admin).send(sent);
    expectError(answer, 400, 'invalid_request');
    expect(Object.keys(answer.body.details.fields)).toEqual([field]);
  });

  it('a hundred permissions are taken, and their token is small enough to be used', async () => {
    const permissions = Array.from({ length: 100 }, (_, i) => `${'r'.repeat(40)}.a${String(i).padStart(8, '0')}`);
    expect(permissions[0]).toHaveLength(50);
    const made = await api.integration(admin, right['id'], { name: 'hundred', permissions });
    const pair = await api.authenticate(made.api_key, made.secret).expect(200);
    // known to the guard, but not allowed to do this: 403, not 401
    const answer = await api.call('get', '/nodes', pair.body.access_token);
    expectError(answer, 403, 'permission_denied');
  });

  it('one unexpired integration of a name on a node', async () => {
    const made = await api.integration(admin, left['id'], { name: 'twin' });
    const again = () => api.call('post', '/integrations', admin).send({ node_id: left['id'], name: 'twin' });
    expectError(await again(), 409, 'conflict', 'API key already exists for this node');
    await api.integration(admin, right['id'], { name: 'twin' });
    await api.call('delete', `/integrations/${made.id}`, admin).expect(204);
    expect((await again()).status).toBe(201);
    const other = await api.integration(admin, left['id'], { name: 'other' });
    const renamed = await api.call('put', `/integrations/${other.id}`, admin).send({ name: 'twin' });
    expectError(renamed, 409, 'conflict', 'API key already exists for this node');
  });

  it('of ten that are made at once under one name, one is', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        api.call('post', '/integrations', admin).send({ node_id: left['id'], name: 'race' }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('an unknown node and a foreign one are 404 with one text', async () => {
    const bearer = await api.token({
      permissions: ['integrations.write', 'integrations.read'],
      nodeIds: [left['id']],
    });
    const foreign = await api.integration(admin, right['id'], { name: 'foreign' });
    for (const id of [right['id'], root['id'], randomUUID()]) {
      const answer = await api.call('post', '/integrations', bearer).send({ node_id: id, name: 'mine' });
      expectError(answer, 404, 'not_found', 'Node not found');
      expectError(await api.call('get', `/integrations?node_id=${id}`, bearer), 404, 'not_found', 'Node not found');
    }
    for (const id of [foreign.id, randomUUID(), 'nonsense']) {
      const path = `/integrations/${id}`;
      expectError(await api.call('get', path, bearer), 404, 'not_found');
      expectError(await api.call('put', path, bearer).send({ name: 'mine' }), 404, 'not_found');
      expectError(await api.call('delete', path, bearer), 404, 'not_found');
      expectError(await api.call('post', `${path}/rotate-secret`, bearer), 404, 'not_found');
    }
    await api.authenticate(foreign.api_key, foreign.secret).expect(200);
  });

  it('nobody grants what its own token lacks, unless it is an admin', async () => {
    const bearer = await api.token({ permissions: ['integrations.write', 'sync.read'], nodeIds: [left['id']] });
    const create = (name: string, permissions: string[]) =>
      api.call('post', '/integrations', bearer).send({ node_id: left['id'], name, permissions });
    expect((await create('less', ['sync.read'])).status).toBe(201);
    expectError(await create('more', ['sync.read', 'sync.write']), 403, 'permission_denied');
    expectError(await create('internal', ['integrations.internal']), 403, 'permission_denied');

    const powerful = await api.integration(admin, left['id'], { name: 'powerful', permissions: ['sync.write'] });
    const put = (permissions: string[]) =>
      api.call('put', `/integrations/${powerful.id}`, bearer).send({ name: 'powerful', permissions });
    // nor is a stronger key narrowed, or given what the caller does hold
    for (const permissions of [['sync.read'], [], ['sync.write', 'sync.read']]) {
      expectError(await put(permissions), 403, 'permission_denied');
    }
    expectError(await put(['sync.write', 'sync.read', 'nodes.write']), 403, 'permission_denied');
    // a new secret would open all that the integration may
    const rotated = await api.call('post', `/integrations/${powerful.id}/rotate-secret`, bearer);
    expectError(rotated, 403, 'permission_denied');
    expectError(await api.call('delete', `/integrations/${powerful.id}`, bearer), 403, 'permission_denied');
    await api.authenticate(powerful.api_key, powerful.secret).expect(200);
  });

  it('nobody renames, shortens, prolongs or brings back to life what its own token lacks', async () => {
    const bearer = await api.token({ permissions: ['integrations.write', 'sync.read'], nodeIds: [left['id']] });
    const made = await api.integration(admin, left['id'], {
      name: 'to expire',
      permissions: ['sync.write'],
      expires_at: day(1),
    });
    const put = (body: object) =>
      api.call('put', `/integrations/${made.id}`, bearer).send({ name: 'to expire', ...body });
    const longer = [
      { expires_at: day(2) },
      { expires_at: null },
      { expires_at: day(2), permissions: ['sync.write'] },
      { name: 'renamed' },
      { expires_at: day(0.5) },
      { permissions: [] },
    ];
    for (const body of longer) expectError(await put(body), 403, 'permission_denied');
    await running.app
      .get(Database)
      .execute(`UPDATE node_integrations SET expires_at = now() - interval '1 s' WHERE id = $1`, [made.id]);
    for (const body of longer) expectError(await put(body), 403, 'permission_denied');
    expect((await api.authenticate(made.api_key, made.secret)).status).toBe(401);
    await api
      .call('put', `/integrations/${made.id}`, admin)
      .send({ name: 'back', expires_at: day(2) })
      .expect(204);
    await api.authenticate(made.api_key, made.secret).expect(200);
  });

  it('roles: an operator changes no key, a viewer reads, permissions decide for the rest', async () => {
    // it ends before the tokens do
    const made = await api.integration(admin, left['id'], { name: 'roles', expires_at: day(0.01) });
    const nodeIds = [left['id'] as string];
    const writes = (bearer: string) => [
      api.call('post', '/integrations', bearer).send({ node_id: left['id'], name: 'new' }),
      api.call('put', `/integrations/${made.id}`, bearer).send({ name: 'roles' }),
      api.call('post', `/integrations/${made.id}/rotate-secret`, bearer),
      api.call('delete', `/integrations/${made.id}`, bearer),
    ];
    const all = ['integrations.read', 'integrations.write', 'nodes.read', 'nodes.write'];
    for (const wish of [
      { roles: ['operator'] as const, permissions: all },
      { roles: ['viewer'] as const, permissions: all },
      { permissions: ['integrations.read', 'nodes.read'] },
      { permissions: [] },
    ]) {
      const bearer = await api.token({ ...wish, nodeIds });
      for (const write of writes(bearer)) expectError(await write, 403, 'permission_denied');
    }
    for (const wish of [
      { roles: ['operator'] as const },
      { roles: ['viewer'] as const },
      { permissions: ['integrations.read'] },
    ]) {
      const bearer = await api.token({ ...wish, nodeIds });
      await api.call('get', `/integrations/${made.id}`, bearer).expect(200);
      await api.call('get', `/integrations?node_id=${left['id']}`, bearer).expect(200);
    }
    const viewer = await api.token({ roles: ['viewer'], permissions: all, nodeIds });
    const added = await api.call('post', '/nodes', viewer).send({ name: 'x', type: 'account', parent_id: left['id'] });
    expectError(added, 403, 'permission_denied');
    const writer = await api.token({ permissions: ['integrations.write'], nodeIds });
    await api.call('delete', `/integrations/${made.id}`, writer).expect(204);
  });

  it('put: what is left out stays, null is never, what identifies it cannot be changed', async () => {
    const made = await api.integration(admin, left['id'], {
      name: 'before',
      permissions: ['sync.read'],
      expires_at: day(2),
    });
    const path = `/integrations/${made.id}`;
    const put = async (body: object) => {
      const answer = await api.call('put', path, admin).send(body);
      expect([answer.status, answer.text]).toEqual([204, '']);
      return (await api.call('get', path, admin)).body as Record<string, unknown>;
    };
    const { secret: _secret, ...shown } = made;
    expect(await put({ name: 'after' })).toEqual({ ...shown, name: 'after' });
    expect(await put({ name: 'after', expires_at: null })).toMatchObject({ expires_at: null });
    expect(await put({ name: 'after', permissions: [] })).toMatchObject({ permissions: [] });
    for (const [field, value] of Object.entries({
      node_id: left['id'],
      api_key: made.api_key,
      secret: made.secret,
    })) {
      const answer = await api.call('put', path, admin).send({ name: 'after', [field]: value });
      expectError(answer, 400, 'invalid_request');
      expect(answer.body.details.fields).toEqual({ [field]: ['cannot be changed'] });
    }
    for (const body of [{}, { name: null }, { name: 'x', expires_at: day(-1) }, { name: 'x', permissions: null }]) {
      expectError(await api.call('put', path, admin).send(body), 400, 'invalid_request');
    }
    await api.authenticate(made.api_key, made.secret).expect(200);
  });

  it('delete is soft and final', async () => {
    const made = await api.integration(admin, left['id'], { name: 'gone' });
    const path = `/integrations/${made.id}`;
    const answer = await api.call('delete', path, admin);
    expect([answer.status, answer.text]).toEqual([204, '']);
    for (const again of [
      api.call('get', path, admin),
      api.call('delete', path, admin),
      api.call('put', path, admin).send({ name: 'back' }),
      api.call('post', `${path}/rotate-secret`, admin),
    ]) {
      expectError(await again, 404, 'not_found', 'Integration not found');
    }
    const listed = await api.call('get', `/integrations?node_id=${left['id']}&per_page=100`, admin);
    expect(listed.body.items.map((each: any) => each.id)).not.toContain(made.id);
  });

  it.each([
    ['', 1, 10],
    ['&page=1&per_page=1', 1, 1],
    ['&page=10001&per_page=101', 10_000, 100],
    ['&page=999999999&per_page=100000', 10_000, 100],
  ])('list with "%s" is page %d of %d', async (query, page, perPage) => {
    const answer = await api.call('get', `/integrations?node_id=${root['id']}${query}`, admin).expect(200);
    expect(answer.body).toEqual({ items: [], page, per_page: perPage, total: 0 });
  });

  it.each([['page=0'], ['page=-1'], ['page=one'], ['page=1.5'], ['per_page=0'], ['per_page=ten'], ['per_page=1e2']])(
    'list with %s is 400',
    async (query) => {
      const answer = await api.call('get', `/integrations?node_id=${root['id']}&${query}`, admin);
      expectError(answer, 400, 'invalid_request');
      expect(Object.keys(answer.body.details.fields)).toEqual([query.split('=')[0]]);
    },
  );

  it('list needs a node', async () => {
    for (const query of ['', '?node_id=', '?node_id=left', `?node_id=${left['id']}&node_id=${right['id']}`]) {
      expectError(await api.call('get', `/integrations${query}`, admin), 400, 'invalid_request');
    }
  });

  it('a repeated create is answered from a sealed store, and nothing is made twice', async () => {
    const key = randomUUID();
    const post = () =>
      api
        .call('post', '/integrations', admin)
        .set('Idempotency-Key', key)
        .send({ node_id: left['id'], name: 'once', permissions: ['sync.read'] });
    const first = await post();
    const second = await post();
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.body).toEqual(first.body);
    await api.authenticate(first.body.api_key, second.body.secret).expect(200);
    const rotate = () =>
      api.call('post', `/integrations/${first.body.id}/rotate-secret`, admin).set('Idempotency-Key', key);
    const rotated = await rotate();
    expect(rotated.status).toBe(200);
    expect((await rotate()).body).toEqual(rotated.body);

    const dump = await dumpOf(running);
    expect(dump).toContain(first.body.api_key);
    for (const secret of [first.body.secret, rotated.body.secret]) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(secret.slice(8, 40));
      expect(running.logs.join('')).not.toContain(secret.slice(8, 40));
    }
  });

  it('nobody without a token', async () => {
    for (const [method, path] of [
      ['post', '/nodes'],
      ['get', '/nodes'],
      ['get', `/nodes/${randomUUID()}`],
      ['get', `/nodes/${randomUUID()}/children`],
      ['patch', `/nodes/${randomUUID()}`],
      ['post', '/integrations'],
      ['get', '/integrations'],
      ['get', `/integrations/${randomUUID()}`],
      ['put', `/integrations/${randomUUID()}`],
      ['delete', `/integrations/${randomUUID()}`],
      ['post', `/integrations/${randomUUID()}/rotate-secret`],
    ] as const) {
      expectError(await api.call(method, path, 'nonsense'), 401, 'unauthenticated');
    }
  });

  it('every operation is in the audit log, under whoever did it', async () => {
    const node = await api.node(admin, { name: 'audited', parent_id: left['id'] });
    await api.call('patch', `/nodes/${node['id']}`, admin).send({ name: 'renamed', parent_id: right['id'] });
    const made = await api.integration(admin, node['id'], { name: 'audited' });
    await api.call('put', `/integrations/${made.id}`, admin).send({ name: 'audited too' });
    await api.authenticate(made.api_key, 'wrong').expect(401);
    const pair = await api.authenticate(made.api_key, made.secret).expect(200);
    await api.refresh(pair.body.refresh_token).expect(200);
    await api.refresh(pair.body.refresh_token).expect(401);
    await api.call('post', `/integrations/${made.id}/rotate-secret`, admin).expect(200);
    await api.call('delete', `/integrations/${made.id}`, admin).expect(204);
    const entries = await running.app
      .get(Database)
      .query<{ action: string; actor_id: string }>(
        'SELECT action, actor_id FROM audit_entries WHERE subject_id = ANY ($1) ORDER BY occurred_at',
        [[node['id'], made.id]],
      );
    expect(
      entries.map((entry) => `${entry.action} by ${entry.actor_id === made.id ? 'itself' : entry.actor_id}`),
    ).toEqual([
      'node.created by the-admin',
      'node.renamed by the-admin',
      'node.moved by the-admin',
      'node_integration.created by the-admin',
      'node_integration.updated by the-admin',
      'node_token.refused by interlock',
      'node_token.issued by itself',
      'node_token.issued by itself',
      'node_session.revoked by itself',
      'node_integration.secret_rotated by the-admin',
      'node_integration.deleted by the-admin',
    ]);
  });
});

/** Every row of every table, as text. */
async function dumpOf({ app }: TestApp): Promise<string> {
  const database = app.get(Database);
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const dumps = [];
  for (const { name } of tables) {
    const rows = await database.query<{ dump: string | null }>(
      `SELECT string_agg(t::text, E'\\n') AS dump FROM ${name} t`,
    );
    dumps.push(rows[0]!.dump ?? '');
  }
  return dumps.join('\n');
}
