import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { SigningKeys, TokenRevocations, TokenService } from '../../src/auth';
import { NodeIntegrationRepository } from '../../src/nodes/store/node-integration.repository';
import { Notifications } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { startNodeTokens, type NodeTokens } from '../support/node-tokens';
import { nodesClient, type NodesClient } from '../support/nodes';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the end of node tokens, over two processes', () => {
  let tokens: NodeTokens;
  let first: TestApp;
  let second: TestApp;
  let api: NodesClient;
  let other: NodesClient;
  let admin: string;
  let make: NodeTokens['make'];
  let exchange: NodeTokens['exchange'];
  let reads: NodeTokens['reads'];
  let refusedAfter: NodeTokens['refusedAfter'];
  let sql: NodeTokens['sql'];

  beforeAll(async () => {
    tokens = await startNodeTokens();
    ({ first, second, api, other, admin, make, exchange, reads, refusedAfter, sql } = tokens);
  }, 60_000);
  afterAll(() => tokens?.close());

  describe('ends', () => {
    it('deleted: exchange and refresh end at once, access tokens with them, on every process', async () => {
      const made = await make();
      const pair = await exchange(made);
      expect(await reads(other, pair.access_token)).toBe(200);
      await api.call('delete', `/integrations/${made.id}`, admin).expect(204);
      await other.authenticate(made.api_key, made.secret).expect(401);
      await other.refresh(pair.refresh_token).expect(401);
      expect(await reads(api, pair.access_token)).toBe(401);
      expect(await refusedAfter(other, pair.access_token)).toBeLessThan(1_000);
    });

    it('a process that hears no signal refuses within the age of its list', async () => {
      const deaf = await startTestApp({ databaseUrl: first.config.database.url, dataDir: first.config.dataDir });
      try {
        const client = nodesClient(deaf.app, deaf.url);
        await deaf.app.get(Notifications).onApplicationShutdown();
        const made = await make();
        const pair = await exchange(made);
        expect(await reads(client, pair.access_token)).toBe(200);
        await api.call('delete', `/integrations/${made.id}`, admin).expect(204);
        expect(await reads(client, pair.access_token)).toBe(200);
        // as if 20 seconds had passed since the list was read
        ageLists(deaf);
        expect(await reads(client, pair.access_token)).toBe(401);
      } finally {
        await deaf.close();
      }
    });

    it('expired: exchange and refresh end at once, access tokens within the age of the list', async () => {
      const made = await make();
      const pair = await exchange(made);
      await sql(`UPDATE node_integrations SET expires_at = now() - interval '1 ms' WHERE id = $1`, [made.id]);
      await api.authenticate(made.api_key, made.secret).expect(401);
      await api.refresh(pair.refresh_token).expect(401);
      ageLists(first);
      expect(await reads(api, pair.access_token)).toBe(401);
    });

    it('narrowed: live access tokens end, and a refresh in the same second brings one that works', async () => {
      const made = await make({ permissions: ['nodes.read', 'nodes.write'] });
      for (const change of [
        { permissions: ['nodes.read'] },
        { expires_at: new Date(Date.now() + 86_400_000).toISOString() },
      ]) {
        const pair = await exchange(made);
        expect(await reads(other, pair.access_token)).toBe(200);
        await api
          .call('put', `/integrations/${made.id}`, admin)
          .send({ name: made.name, ...change })
          .expect(204);
        await refusedAfter(other, pair.access_token);
        const next = (await other.refresh(pair.refresh_token).expect(200)).body;
        expect(await reads(api, next.access_token)).toBe(200);
        expect(decodeJwt(next.access_token)['permissions']).toEqual(['nodes.read']);
      }
    });

    it('widened or renamed: live access tokens stay', async () => {
      const made = await make({ permissions: ['nodes.read'] });
      const pair = await exchange(made);
      await api
        .call('put', `/integrations/${made.id}`, admin)
        .send({ name: `${made.name}!`, permissions: ['nodes.read', 'nodes.write'] })
        .expect(204);
      await sleep(200);
      expect(await reads(other, pair.access_token)).toBe(200);
    });

    it('what changes between the check of a secret and the issue of tokens is seen', async () => {
      const tokens = first.app.get(TokenService);
      const issue = tokens.issue.bind(tokens);
      const meanwhile = (act: () => Promise<unknown>) =>
        jest.spyOn(tokens, 'issue').mockImplementationOnce(async (wish) => {
          await act();
          return issue(wish);
        });
      const made = await make({ permissions: ['nodes.read', 'nodes.write'] });
      const narrow = api.call('put', `/integrations/${made.id}`, admin);
      const spy = meanwhile(() => narrow.send({ name: made.name, permissions: ['nodes.read'] }).expect(204));
      const pair = await exchange(made);
      expect(decodeJwt(pair.access_token)['permissions']).toEqual(['nodes.read']);
      expect(await reads(other, pair.access_token)).toBe(200);

      const remove = () => api.call('delete', `/integrations/${made.id}`, admin).expect(204);
      meanwhile(remove);
      await api.refresh(pair.refresh_token).expect(401);
      const another = await make();
      meanwhile(() => api.call('delete', `/integrations/${another.id}`, admin).expect(204));
      await api.authenticate(another.api_key, another.secret).expect(401);
      expect(spy).toHaveBeenCalled();
      spy.mockRestore();
    });

    it('a token that the list cannot be read for is not let in', async () => {
      const pair = await exchange(await make());
      const repository = first.app.get(NodeIntegrationRepository, { strict: false });
      const down = jest
        .spyOn(repository, 'listEnded')
        .mockRejectedValue(Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' }));
      ageLists(first);
      try {
        expect(await reads(api, pair.access_token)).toBe(503);
      } finally {
        down.mockRestore();
      }
      expect(await reads(api, pair.access_token)).toBe(200);
    });
  });

  describe('rotation', () => {
    const rotate = async (id: string, body: object = {}) =>
      (await api.call('post', `/integrations/${id}/rotate-secret`, admin).send(body).expect(200)).body;

    it('with an overlap both secrets work until it ends, and so does what came from the old one', async () => {
      const made = await make();
      const old = await exchange(made);
      const rotated = await rotate(made.id, { overlap_seconds: 3_600 });
      expect(Object.keys(rotated).sort()).toEqual([...Object.keys(made), 'previous_secret_expires_at'].sort());
      expect(rotated.api_key).toBe(made.api_key);
      expect(rotated.secret).not.toBe(made.secret);
      expect(new Date(rotated.previous_secret_expires_at).getTime() - Date.now()).toBeGreaterThan(3_590_000);
      await exchange({ ...made, secret: rotated.secret }, other);
      const during = await exchange(made, other);
      expect(during.expires_in).toBeLessThanOrEqual(3_600);
      const refreshed = (await other.refresh(old.refresh_token).expect(200)).body;

      await sql('UPDATE node_integrations SET previous_secret_until = now() WHERE id = $1', [made.id]);
      await other.authenticate(made.api_key, made.secret).expect(401);
      await other.refresh(refreshed.refresh_token).expect(401);
      await other.refresh(during.refresh_token).expect(401);
      await exchange({ ...made, secret: rotated.secret });
    });

    it('tokens of the old secret end with the overlap', async () => {
      const made = await make();
      await rotate(made.id, { overlap_seconds: 30 });
      expect((await exchange(made)).expires_in).toBeLessThanOrEqual(30);
    });

    it('without an overlap the old secret ends at once, with all that came from it', async () => {
      const made = await make();
      const old = await exchange(made);
      const rotated = await rotate(made.id);
      expect(rotated.previous_secret_expires_at).toBeNull();
      await other.authenticate(made.api_key, made.secret).expect(401);
      await other.refresh(old.refresh_token).expect(401);
      await refusedAfter(other, old.access_token);
      const fresh = await exchange({ ...made, secret: rotated.secret });
      expect(await reads(other, fresh.access_token)).toBe(200);
    });

    it('a second rotation ends the first secret, whatever was left of its overlap', async () => {
      const made = await make();
      const once = await rotate(made.id, { overlap_seconds: 600 });
      const twice = await rotate(made.id, { overlap_seconds: 600 });
      await api.authenticate(made.api_key, made.secret).expect(401);
      await exchange({ ...made, secret: once.secret });
      await exchange({ ...made, secret: twice.secret });
    });

    it.each([[-1], [604_801], [1.5], ['60'], [null]])('overlap_seconds %p is 400', async (overlap) => {
      const made = await make();
      const answer = await api
        .call('post', `/integrations/${made.id}/rotate-secret`, admin)
        .send({ overlap_seconds: overlap });
      expect(answer.status).toBe(400);
      await exchange(made);
    });

    it('the signing key is rotated without breaking live tokens', async () => {
      const made = await make();
      const old = await exchange(made);
      const { kid, retiring } = await first.app.get(SigningKeys).rotate();
      expect(decodeProtectedHeader(old.access_token).kid).toBe(retiring);
      const next = await exchange(made, other);
      expect(decodeProtectedHeader(next.access_token).kid).toBe(kid);
      const keys = createRemoteJWKSet(new URL(`${second.url}/.well-known/jwks.json`));
      for (const pair of [old, next]) {
        expect(await reads(api, pair.access_token)).toBe(200);
        expect(await reads(other, pair.access_token)).toBe(200);
        await jwtVerify(pair.access_token, keys, { issuer: 'interlock', audience: 'interlock' });
      }
    });
  });
});

/** As if 20 seconds had passed since the lists of ended tokens were read. */
function ageLists({ app }: TestApp): void {
  const { lists } = app.get(TokenRevocations) as unknown as { lists: { list: { loadedAt: number } | null }[] };
  for (const each of lists) if (each.list) each.list = { ...each.list, loadedAt: each.list.loadedAt - 20_000 };
}
