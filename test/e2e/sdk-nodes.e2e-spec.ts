import {
  Interlock,
  TimeoutError,
  UnauthenticatedError,
  UnexpectedAnswerError,
  type DebugEvent,
  type InterlockOptions,
} from '../../sdk/typescript/src';
import { Database } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { startFaultyProxy, type FaultyProxy } from '../support/faulty-proxy';
import { nodesClient, type NodesClient } from '../support/nodes';
import { sdkClient, thrownBy } from '../support/sdk';

describe('the SDK with the key of a node', () => {
  let running: TestApp;
  let proxy: FaultyProxy;
  const events: DebugEvent[] = [];
  let api: NodesClient;
  let key: { id: string; api_key: string; secret: string };
  let node: Interlock;

  beforeAll(async () => {
    running = await startTestApp();
    proxy = await startFaultyProxy(running.url);
    api = nodesClient(running.app, running.url);
    const admin = await api.token({ roles: ['admin'] });
    const { id } = await api.node(admin, { name: 'mine' });
    key = await api.integration(admin, id, { permissions: ['nodes.read', 'nodes.write'] });
  }, 60_000);
  afterAll(async () => {
    await proxy?.stop();
    await running?.close();
  });
  beforeEach(() => {
    proxy.fail(() => null);
    proxy.seen.length = 0;
    events.length = 0;
    node = client({ node: { apiKey: key.api_key, secret: key.secret } });
  });

  function client(options: Omit<InterlockOptions, 'baseUrl'>): Interlock {
    return sdkClient(proxy, options, events);
  }

  /** Tokens that may more than their key end. */
  const endTokens = async (): Promise<void> => {
    const admin = await api.token({ roles: ['admin'] });
    for (const permissions of [['nodes.read', 'nodes.write'], ['nodes.read']]) {
      await api.call('put', `/integrations/${key.id}`, admin).send({ name: 'a key', permissions }).expect(204);
    }
  };
  const exchanges = (): string[] =>
    proxy.seen
      .filter(({ path }) => path.startsWith('/api/v1/auth/'))
      .map(({ path }) => path.slice('/api/v1/auth/'.length));

  it('has one token for all that ask at once, and keeps it', async () => {
    await Promise.all([node.nodes.list().all(), node.nodes.list().all(), node.nodes.list().all()]);
    await node.nodes.list().all();
    expect(exchanges()).toEqual(['authenticate']);
  });

  it('has its token renewed when it is refused, once for all that were refused, and by its key when the session has ended', async () => {
    await node.nodes.list().all();
    await endTokens();
    await Promise.all([node.nodes.list().all(), node.nodes.list().all(), node.nodes.list().all()]);
    expect(exchanges()).toEqual(['authenticate', 'refresh']);
    proxy.seen.length = 0;
    await running.app.get(Database).query('DELETE FROM node_refresh_tokens');
    await endTokens();
    await node.nodes.list().all();
    expect(exchanges()).toEqual(['refresh', 'authenticate']);
  });

  it('never sends a refresh token twice', async () => {
    await node.nodes.list().all();
    await endTokens();
    proxy.seen.length = 0;
    proxy.fail(({ path }) => (path.endsWith('/refresh') ? 'lost-answer' : null));
    await node.nodes.list().all();
    expect(exchanges()).toEqual(['refresh', 'authenticate']);
  });

  it('with a wrong secret is told so', async () => {
    const wrong = client({ node: { apiKey: key.api_key, secret: `${key.secret}x` } });
    expect(await thrownBy(wrong.nodes.list().all(), UnauthenticatedError)).toMatchObject({
      operation: 'authenticate',
    });
  });

  it('is not kept waiting beyond its time by an exchange', async () => {
    proxy.fail(() => 'silence');
    await thrownBy(node.nodes.get(key.id, { timeoutMs: 300 }), TimeoutError);
  });

  it('shows no secret to the debug hook, nor in any error', async () => {
    proxy.fail(({ path }) => (path.endsWith('/authenticate') ? 'away' : null));
    const hidden = client({ node: { apiKey: key.api_key, secret: key.secret }, maxRetries: 1 });
    const error = await thrownBy(hidden.nodes.list().all(), UnexpectedAnswerError);
    proxy.fail(() => null);
    await node.nodes.list().all();
    const merchantKey = `rk_test_${'x'.repeat(43)}`;
    const refused = await thrownBy(
      client({ apiKey: merchantKey }).integrations.get('practicehub'),
      UnauthenticatedError,
    );
    expect(events.length).toBeGreaterThan(5);
    const shown = [events, error, refused]
      .map((each) => `${JSON.stringify(each)}${String((each as Error).stack)}`)
      .join();
    for (const secret of [key.secret, key.api_key, merchantKey]) expect(shown).not.toContain(secret);
  });
});
