import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { apiContract, type ApiOperation } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { type Clinic, makeClinic } from '../support/clinic';
import { nodesClient } from '../support/nodes';

const named = ({ operation }: ApiOperation): string => operation.operationId;
const surface = apiContract().operations.filter(({ path }) => /^\/(v2|api\/v1)\//.test(path));
const keyed = surface.filter(
  ({ method, path }) => ['post', 'put'].includes(method) && !path.startsWith('/api/v1/auth/'),
);
const unkeyed = surface.filter((each) => ['get', 'delete'].includes(each.method));

describe('the Idempotency-Key, operation by operation', () => {
  let running: TestApp;
  let clinic: Clinic;
  let admin: string;
  let nodeId: string;
  let keyId: string;
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
    const { credentials } = clinic;
    const payment = { amountMinor: 1, currency: 'GBP', method: 'card', paidAt: '2026-05-01T09:30:00Z', reference: 'r' };
    bodies = {
      activateIntegration: { credentials },
      testCredentials: { credentials },
      replaceCredentials: { credentials },
      reportIntegrationStatus: { status: 'connected' },
      toggleSync: { enabled: true },
      setSyncInterval: { syncIntervalMinutes: 30 },
      setInvoiceLookback: { invoiceLookbackDays: 60 },
      setAutoSendInvoices: { autoSendInvoices: true },
      putPaymentMappings: { mappings: [] },
      putProductMappings: { mappings: [] },
      suggestMappings: { externalItems: [] },
      putProducts: { products: [] },
      lookUpPaymentMethods: credentials,
      retrySyncLogs: { integrationId },
      pushPayment: { ...payment, externalInvoiceId: '1' },
      putWatermark: { cursor: 'here' },
      createNode: { name: 'walked', type: 'account' },
      createNodeIntegration: { node_id: nodeId, name: 'walked' },
      updateNodeIntegration: { name: 'renamed' },
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
        id: template.includes('/nodes/') ? nodeId : keyId,
      };
      return known[name] ?? randomUUID();
    });
  const send = ({ method, path }: ApiOperation, target: string, key: string): request.Test => {
    const caller = path.startsWith('/v2') ? { 'x-api-key': clinic.key } : { authorization: `Bearer ${admin}` };
    return request(running.url)[method as 'post'](target).set(caller).set('Idempotency-Key', key);
  };

  it('is taken by what the contract says, and by the document', () => {
    const documented = surface.filter(({ operation }) =>
      operation.parameters?.map((each: object) => apiContract().resolve(each).name).includes('Idempotency-Key'),
    );
    expect(documented.map(named).sort()).toEqual(keyed.map(named).sort());
    expect(keyed).toHaveLength(25);
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
