import { randomUUID } from 'node:crypto';
import http from 'node:http';
import request from 'supertest';
import { apiContract, type ApiOperation } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { nodesClient } from '../support/nodes';

const named = ({ operation }: ApiOperation): string => operation.operationId;
const surface = apiContract().operations.filter(({ path }) => /^\/(v2|api\/v1)\//.test(path));
const keyed = surface.filter(
  ({ method, path }) => ['post', 'put', 'patch'].includes(method) && !path.startsWith('/api/v1/auth/'),
);
const unkeyed = surface.filter((each) => ['get', 'delete'].includes(each.method));

describe('the Idempotency-Key, operation by operation', () => {
  let running: TestApp;
  let clinic: Clinic;
  let admin: string;
  let nodeId: string;
  let keyId: string;
  let endpointId: string;
  let bodies: Record<string, object>;
  beforeAll(async () => {
    running = await startTestApp();
    clinic = await makeClinic(running, { sizes: { patients: 2, invoices: 2, '*': 0 } });
    await clinic.activate({ pushPayments: true }).expect(200);
    await clinic.settled();
    const nodes = nodesClient(running.app, running.url);
    admin = await nodes.token({ roles: ['admin'] });
    nodeId = (await nodes.node(admin))['id'] as string;
    keyId = (await nodes.integration(admin, nodeId)).id;
    const integrationId = (await clinic.integration())['id'];
    const hook = { url: 'https://hooks.example.com/', eventTypes: ['api_key.expiring'] };
    endpointId = (await clinic.call('post', '/v2/webhook-endpoints', hook).expect(201)).body.data.id;
    const { credentials } = clinic;
    const payment = { amountMinor: 1, currency: 'GBP', method: 'card', paidAt: '2026-05-01T09:30:00Z', reference: 'r' };
    bodies = {
      activateIntegration: { credentials },
      updateIntegration: { invoiceLookbackDays: 60 },
      testCredentials: { credentials },
      replaceCredentials: { credentials },
      reportIntegrationStatus: { status: 'connected' },
      toggleSync: { enabled: true },
      setSyncInterval: { syncIntervalMinutes: 30 },
      setInvoiceLookback: { invoiceLookbackDays: 60 },
      setAutoSendInvoices: { autoSendInvoices: true },
      replacePaymentMappings: { mappings: [] },
      replaceProductMappings: { mappings: [] },
      suggestMappings: { externalItems: [] },
      upsertProducts: { products: [] },
      lookUpPaymentMethods: credentials,
      retrySyncLogs: { integrationId },
      pushPayment: { ...payment, externalInvoiceId: '1' },
      saveWatermark: { cursor: 'here' },
      createNode: { name: 'walked', type: 'account' },
      createNodeIntegration: { node_id: nodeId, name: 'walked' },
      updateNodeIntegration: { name: 'renamed' },
      updateNode: { name: 'renamed' },
      createWebhookEndpoint: hook,
      updateWebhookEndpoint: { description: 'renamed' },
      rotateWebhookEndpointSecret: { overlapSeconds: 60 },
      replayWebhookEvents: { from: '2026-05-01T09:30:00Z' },
    };
  }, 90_000);
  afterAll(() => running.close());

  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (_, name: string) => {
      const known: Record<string, string> = {
        provider: 'practicehub',
        resourceType: template.includes('sync-state') ? 'things' : 'customers',
        source: 'worker',
        merchantId: clinic.merchantId,
        externalId: '1',
        endpointId,
        id: template.includes('/nodes/') ? nodeId : keyId,
      };
      return known[name] ?? randomUUID();
    });
  const send = ({ method, path }: ApiOperation, target: string, key: string): request.Test => {
    const caller = path.startsWith('/v2') ? { 'x-api-key': clinic.key } : { authorization: `Bearer ${admin}` };
    return request(running.url)[method as 'post'](target).set(caller).set('Idempotency-Key', key);
  };

  /** A target as it is; an HTTP library would tidy it. */
  const sendRaw = ({ method, path }: ApiOperation, target: string, key: string | string[], body: object) =>
    new Promise<{ status: number; replayed: boolean }>((resolve, reject) => {
      const caller = path.startsWith('/v2') ? { 'x-api-key': clinic.key } : { authorization: `Bearer ${admin}` };
      const headers = { ...caller, 'content-type': 'application/json', 'idempotency-key': key, host: '127.0.0.1' };
      const { port } = new URL(running.url);
      http
        .request({ host: '127.0.0.1', port, method: method.toUpperCase(), path: target, headers }, (answer) => {
          answer
            .resume()
            .once('end', () =>
              resolve({ status: answer.statusCode!, replayed: answer.headers['idempotency-replayed'] === 'true' }),
            );
        })
        .once('error', reject)
        .end(JSON.stringify(body));
    });

  it('is taken by what the contract says, and by the document', () => {
    const documented = surface.filter(({ operation }) =>
      operation.parameters?.map((each: object) => apiContract().resolve(each).name).includes('Idempotency-Key'),
    );
    expect(documented.map(named).sort()).toEqual(keyed.map(named).sort());
    expect(keyed).toHaveLength(32);
    expect(keyed.map(named)).toContain('updateNode');
  });

  // what ends the integration comes last
  it.each(
    [...keyed]
      .sort((a, b) => Number(named(a) === 'deactivateIntegration') - Number(named(b) === 'deactivateIntegration'))
      .map((each) => [named(each), each] as const),
  )('%s: the same body is replayed, another one is a conflict', async (name, operation) => {
    const [target, key] = [fill(operation.path), randomUUID()];
    const body = bodies[name] ?? {};
    const first = await send(operation, target, key).send(body);
    expect(first.status).toBeLessThan(500);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    // the order of members says nothing
    const again = await send(operation, target, key).send(Object.fromEntries(Object.entries(body).reverse()));
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([first.status, 'true']);
    const { requestId: _mine, ...answered } = first.body;
    const { requestId: _its, ...replayed } = again.body;
    expect(replayed).toEqual(answered);
    expect(again.headers['content-type']).toEqual(first.headers['content-type']);
    const other = await send(operation, target, key).send({ ...body, another: 1 });
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_conflict']);
    expect(other.headers).not.toHaveProperty('idempotency-replayed');
    const long = await send(operation, target, 'k'.repeat(256)).send(body);
    expect([long.status, long.body.code]).toEqual([400, 'invalid_request']);
  });

  // a request may write one path in many ways; what the router takes for one is one
  it.each(
    [...keyed]
      .sort((a, b) => Number(named(a) === 'deactivateIntegration') - Number(named(b) === 'deactivateIntegration'))
      .map((each) => [named(each), each] as const),
  )('%s: however the path is written, it is one scope', async (name, operation) => {
    const [target, key] = [fill(operation.path), randomUUID()];
    const body = bodies[name] ?? {};
    const upperIds = target.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => id.toUpperCase());
    const literal = (part: string): string => target.replace(/^\/(v2|api\/v1)\/\w+/, part);
    const start = /^\/(v2|api\/v1)\/\w+/.exec(target)![0];
    const first = await sendRaw(operation, target, key, body);
    expect(first.status).toBeLessThan(500);
    expect(first.replayed).toBe(false);
    const same = [`${running.url}${target}`, `${target}/`, `${target}?x=1`, upperIds, literal(start.toUpperCase())];
    for (const written of same) {
      const again = await sendRaw(operation, written, key, body);
      expect([written, again.status, again.replayed]).toEqual([written, first.status, true]);
    }
    // a name that the service is not known by is refused before anything runs
    const elsewhere = await sendRaw(operation, `http://elsewhere.example${target}`, key, body);
    expect([elsewhere.status, elsewhere.replayed]).toEqual([400, false]);
    // no such route, so no second effect either
    for (const written of [
      literal(start.replace(/\/(\w+)$/, '//$1')),
      literal(start.replace(/(\w)$/, (last) => `%${last.charCodeAt(0).toString(16)}`)),
    ]) {
      const again = await sendRaw(operation, written, key, body);
      expect(again.status === 404 || again.replayed).toBe(true);
    }
  });

  const withParameters = keyed.filter(({ path }) => path.includes('{'));
  it.each(
    withParameters.flatMap((each) =>
      [...each.path.matchAll(/\{(\w+)\}/g)].map((found) => [named(each), found[1]!, each] as const),
    ),
  )('%s: with another %s it is another scope', async (name, parameter, operation) => {
    const key = randomUUID();
    const other = { provider: 'wodify', resourceType: 'others', source: 'another' }[parameter] ?? randomUUID();
    const body = bodies[name] ?? {};
    const first = await sendRaw(operation, fill(operation.path.replace(`{${parameter}}`, other)), key, body);
    const second = await sendRaw(operation, fill(operation.path), key, body);
    expect([first.replayed, second.replayed]).toEqual([false, false]);
  });

  it('another query is a conflict wherever a query is read', async () => {
    const reading = keyed.flatMap((operation) => {
      const parameters: { in: string; name: string }[] = (operation.operation.parameters ?? []).map((each: object) =>
        apiContract().resolve(each),
      );
      return parameters.filter((each) => each.in === 'query').map(({ name }) => [operation, name] as const);
    });
    expect(reading.map(([operation, name]) => `${named(operation)} ${name}`)).toEqual([
      'lookUpPaymentMethods limit',
      'lookUpPaymentMethods cursor',
    ]);
    for (const [operation, name] of reading) {
      const [target, key] = [fill(operation.path), randomUUID()];
      const body = bodies[named(operation)] ?? {};
      const call = (query: string) => sendRaw(operation, target + query, key, body);
      const first = await call(`?${name}=1`);
      expect(await call(`?x=2&${name}=1`)).toEqual({ status: first.status, replayed: true });
      for (const query of ['', `?${name}=2`, `?${name}=1&${name}=2`]) {
        expect([query, await call(query)]).toEqual([query, { status: 409, replayed: false }]);
      }
    }
  });

  it('written in percent-encoding, a parameter is the same', async () => {
    const [operation] = keyed.filter((each) => named(each) === 'setSyncInterval');
    const [target, key] = [fill(operation!.path), randomUUID()];
    const encoded = target.replace('practicehub', '%70ractice%68ub');
    const first = await sendRaw(operation!, target, key, { syncIntervalMinutes: 45 });
    const again = await sendRaw(operation!, encoded, key, { syncIntervalMinutes: 45 });
    expect([again.status, again.replayed]).toEqual([first.status, true]);
  });

  it('sent twice in one request is 400', async () => {
    const [operation] = keyed.filter((each) => named(each) === 'createNode');
    const answer = await sendRaw(operation!, '/api/v1/nodes', ['a', 'b'], bodies['createNode']!);
    expect(answer.status).toBe(400);
  });

  it.each(unkeyed.map((each) => [named(each), each] as const))('%s: is ignored', async (_, operation) => {
    const [target, key] = [fill(operation.path), randomUUID()];
    for (const each of [key, key, 'k'.repeat(256)]) {
      const answer = await send(operation, target, each);
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers).not.toHaveProperty('idempotency-replayed');
      expect(answer.body.details?.fields ?? {}).not.toHaveProperty('Idempotency-Key');
    }
  });

  it('is ignored where tokens are exchanged', async () => {
    const key = randomUUID();
    for (const path of ['authenticate', 'refresh']) {
      for (const body of [{ api_key: 'a', secret_key: 'b', refresh_token: 'c' }, {}, { api_key: 'd' }]) {
        const answer = await request(running.url).post(`/api/v1/auth/${path}`).set('Idempotency-Key', key).send(body);
        expect([400, 401]).toContain(answer.status);
        expect(answer.headers).not.toHaveProperty('idempotency-replayed');
      }
    }
  });
});
