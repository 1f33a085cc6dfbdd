import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { adminToken } from '../support/admin';
import { apiContract } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { nodesClient } from '../support/nodes';

/** Every place where a request may carry a time. */
const PLACES = [
  'adminCreateApiKey expiresAt',
  'adminListRuns finishedFrom',
  'adminListRuns finishedTo',
  'adminListAudit from',
  'adminListAudit to',
  'adminListQuarantine lastSeenFrom',
  'adminExportAudit from',
  'adminExportAudit to',
  'adminPreviewWebhookReplay from',
  'adminPreviewWebhookReplay to',
  'adminReplayWebhookEvents from',
  'adminReplayWebhookEvents to',
  'createNodeIntegration expires_at',
  'updateNodeIntegration expires_at',
  'pushPayment paidAt',
  'saveWatermark lastSyncAt',
  'listSyncLogs createdAfter',
  'listSyncLogs createdBefore',
  'replayWebhookEvents from',
  'replayWebhookEvents to',
];
const NO_TIMES = [
  '2027-W10',
  '2027-W10-1',
  '2027-122',
  '2027',
  '2027-05',
  '20270501T093000Z',
  '2027-02-30T00:00:00Z',
  '2027-05-01T24:00:00Z',
  '2027-05-01T09:30:00+25:00',
  'tomorrow',
  '4102444800',
  '+012027-05-01T00:00:00Z',
  '9999-12-31T23:59:59-14:00',
];

describe('a time that is no time', () => {
  let running: TestApp;
  let clinic: Clinic;
  let admin: string;
  let nodeId: string;
  let integrationId: string;
  beforeAll(async () => {
    running = await startTestApp();
    const scopes = ['integrations:*', 'sync:*', 'integrations:internal', 'webhooks:*'];
    clinic = await makeClinic(running, { sizes: { patients: 1, '*': 0 }, scopes });
    await clinic.activate({ pushPayments: true }).expect(200);
    await clinic.settled();
    admin = await adminToken(running, 'admin');
    const nodes = nodesClient(running.app, running.url);
    nodeId = (await nodes.node(admin))['id'] as string;
    integrationId = (await nodes.integration(admin, nodeId)).id;
  }, 60_000);
  afterAll(() => running.close());

  const call = (place: string, time: string): request.Test => {
    const v1 = (method: 'post' | 'put', target: string, body: object) =>
      request(running.url)[method](target).set('authorization', `Bearer ${admin}`).send(body);
    const key = { reason: 'a test', environment: 'sandbox', name: 'dated', scopes: ['sync:*'] };
    const payment = { externalInvoiceId: '1', amountMinor: 1, currency: 'GBP', method: 'card', reference: 'r' };
    const target = `/v2/sync-state/worker/${clinic.merchantId}/customers`;
    const replay = `/v2/webhook-endpoints/${randomUUID()}/replay`;
    const why = { reason: 'a test' };
    const endpoint = `webhook-endpoints/${randomUUID()}`;
    const read = (path: string, query: Record<string, string>) =>
      request(running.url).get(`/admin/api/${path}`).query(query).set('authorization', `Bearer ${admin}`);
    const calls: Record<string, () => request.Test> = {
      'adminListRuns finishedFrom': () => read('runs', { finishedFrom: time }),
      'adminListRuns finishedTo': () => read('runs', { finishedTo: time }),
      'adminListAudit from': () => read('audit', { from: time }),
      'adminListAudit to': () => read('audit', { to: time }),
      'adminListQuarantine lastSeenFrom': () => read('quarantine', { lastSeenFrom: time }),
      'adminExportAudit from': () => read('audit/export', { format: 'csv', from: time }),
      'adminExportAudit to': () => read('audit/export', { format: 'csv', to: time }),
      'adminPreviewWebhookReplay from': () => read(`${endpoint}/replay-preview`, { from: time }),
      'adminPreviewWebhookReplay to': () =>
        read(`${endpoint}/replay-preview`, { from: '2026-05-01T09:30:00Z', to: time }),
      'adminReplayWebhookEvents from': () => v1('post', `/admin/api/${endpoint}/replay`, { ...why, from: time }),
      'adminReplayWebhookEvents to': () =>
        v1('post', `/admin/api/${endpoint}/replay`, { ...why, from: '2026-05-01T09:30:00Z', to: time }),
      'adminCreateApiKey expiresAt': () =>
        v1('post', `/admin/api/merchants/${clinic.merchantId}/api-keys`, { ...key, expiresAt: time }),
      'createNodeIntegration expires_at': () =>
        v1('post', '/api/v1/integrations', { node_id: nodeId, name: randomUUID(), expires_at: time }),
      'updateNodeIntegration expires_at': () =>
        v1('put', `/api/v1/integrations/${integrationId}`, { name: 'dated', expires_at: time }),
      'pushPayment paidAt': () => clinic.call('post', '/payments', { ...payment, paidAt: time }),
      'saveWatermark lastSyncAt': () => clinic.call('put', target, { lastSyncAt: time }),
      'listSyncLogs createdAfter': () => clinic.call('get', `/sync-logs?createdAfter=${encodeURIComponent(time)}`),
      'listSyncLogs createdBefore': () => clinic.call('get', `/sync-logs?createdBefore=${encodeURIComponent(time)}`),
      'replayWebhookEvents from': () => clinic.call('post', replay, { from: time }),
      'replayWebhookEvents to': () => clinic.call('post', replay, { from: '2026-05-01T09:30:00Z', to: time }),
    };
    return calls[place]!();
  };

  it('can be sent to exactly these places', () => {
    const contract = apiContract();
    const found = contract.operations.flatMap(({ operation }) => {
      const schema = contract.resolve(operation.requestBody?.content?.['application/json']?.schema);
      const fields = Object.entries<any>(schema?.properties ?? {});
      const parameters = (operation.parameters ?? []).map((each: any) => [each.name, each.schema]);
      return [...fields, ...parameters]
        .filter(([, field]) => field?.format === 'date-time')
        .map(([name]) => `${operation.operationId} ${name}`);
    });
    expect(found.sort()).toEqual([...PLACES].sort());
  });

  it.each(PLACES)('%s: 400 that names the field', async (place) => {
    const field = place.split(' ')[1]!;
    for (const time of NO_TIMES) {
      const answer = await call(place, time);
      const fields: Record<string, string[]> = answer.body.details?.fields ?? {};
      expect([time, answer.status, Object.keys(fields)]).toEqual([time, 400, [field]]);
      expect(fields[field]).toContain('must be an ISO-8601 date and time');
    }
  });

  it.each(PLACES)('%s: takes a good one', async (place) => {
    const answer = await call(place, place === 'pushPayment paidAt' ? '2026-05-01T09:30:00Z' : '2028-05-01T09:30:00Z');
    expect(answer.body.details?.fields ?? {}).not.toHaveProperty(place.split(' ')[1]!);
    expect(answer.status).not.toBe(500);
  });
});
