import { randomUUID } from 'node:crypto';
import { ApiKeyService } from '../../src/auth';
import { ERROR_CATALOGUE, type ErrorCode } from '../../src/platform/errors';
import { apiContract, type ApiOperation } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { EXAMPLE_ID, makeExampleWorld, type ExampleWorld } from '../support/example-world';
import { nodesClient } from '../support/nodes';

/** Where the example holds a secret, which is nobody's: it is one of this error. */
const REFUSED: Readonly<Record<string, ErrorCode>> = {
  authenticate: 'unauthenticated',
  refreshToken: 'unauthenticated',
  adminSignIn: 'unauthenticated',
  // its parameters are an event or times: none of them is required by itself
  adminPreviewWebhookReplay: 'invalid_request',
  // no OpenID provider is configured
  adminBeginSignIn: 'not_found',
  adminFinishSignIn: 'not_found',
};

const OTHER_NODE = '0b54d3a2-8a0b-4b7b-9a60-1f0f0c1f7a11';

type SetUp = (world: ExampleWorld, running: TestApp) => Promise<unknown>;
const inactive: SetUp = (world) => world.inactive();
const nodeKey: SetUp = async ({ clinic, adminToken, name }, running) => {
  await clinic.sql('DELETE FROM node_integrations');
  const nodes = nodesClient(running.app, running.url);
  await name((await nodes.integration(adminToken, EXAMPLE_ID)).id);
};
const apiKey: SetUp = async ({ clinic, name }, running) => {
  await clinic.sql('UPDATE api_keys SET id = gen_random_uuid() WHERE id = $1', [EXAMPLE_ID]);
  const wish = { merchantId: EXAMPLE_ID, environment: 'sandbox', name: 'example', scopes: ['sync:read'] } as const;
  await running.app.get(ApiKeyService).create(wish);
  const [made] = await clinic.sql<{ id: string }>(
    `SELECT id FROM api_keys WHERE name = 'example' ORDER BY created_at DESC`,
  );
  await name(made!.id);
};
const heldPlan: SetUp = async ({ clinic }) => {
  await clinic.sql('DELETE FROM sync_deletion_plans');
  await clinic.sql(
    `INSERT INTO sync_deletion_plans (id, integration_id, stream, resource_type, run_id, state, external_ids, live_records)
     VALUES ($1, $1, 'patients', 'customers', $1, 'held', '{none}', 3)`,
    [EXAMPLE_ID],
  );
};
const logEntry: SetUp = async ({ clinic }) => {
  await clinic.sql(
    `UPDATE sync_logs SET id = $1, status = 'failed', error = 'It was away.', error_code = 'provider_error' WHERE id = (SELECT id FROM sync_logs ORDER BY id = $1 DESC LIMIT 1)`,
    [EXAMPLE_ID],
  );
};
const payment: SetUp = async ({ clinic, name }) => {
  await clinic.sql('DELETE FROM outbound_payments');
  await unpaidInvoice({ clinic } as ExampleWorld, null as never);
  const body = {
    externalInvoiceId: '501',
    amountMinor: 100,
    currency: 'GBP',
    method: 'card',
    paidAt: '2026-05-05T10:00:00Z',
  };
  const pushed = await clinic.call('post', '/payments', { ...body, reference: randomUUID() }).expect(202);
  await name(pushed.body.data.id);
};
/** The names that the provider gave to what the examples name. */
const record =
  (resourceType: string, externalId: string): SetUp =>
  async ({ clinic }) => {
    await clinic.sql(
      `UPDATE records SET external_id = $2 WHERE id = (SELECT id FROM records WHERE resource_type = $1
       ORDER BY external_id = $2 DESC LIMIT 1)`,
      [resourceType, externalId],
    );
  };
const unpaidInvoice: SetUp = async ({ clinic }, running) => {
  await record('invoices', '501')({ clinic } as ExampleWorld, running);
  await clinic.sql(
    `UPDATE records SET operation = 'created', data = data || '{"status":"open","balanceMinor":4400,"totalMinor":4400,"currency":"GBP"}'
     WHERE resource_type = 'invoices' AND external_id = '501'`,
  );
};
const heldPayment: SetUp = async (world, running) => {
  await payment(world, running);
  await world.settled();
  await world.clinic.sql(
    `UPDATE outbound_payments SET status = 'needs_review', step = 'creating', external_payment_id = NULL, error_code = 'provider_error', error = 'Nobody knows.' WHERE id = $1`,
    [EXAMPLE_ID],
  );
};
/** Its secret is sealed for the id that it has: a new one, for the id that the examples name. */
const endpoint: SetUp = async ({ clinic, name }) => {
  await clinic.sql('DELETE FROM webhook_endpoints');
  const { body } = await clinic
    .call('post', '/v2/webhook-endpoints', { url: 'https://billing.example.com/' })
    .expect(201);
  await name(body.data.id);
  await clinic.call('post', `/v2/webhook-endpoints/${EXAMPLE_ID}/rotate-secret`, { overlapSeconds: 0 }).expect(200);
};
const event: SetUp = async ({ clinic, name }) => {
  const { body } = await clinic.call('get', '/v2/events?limit=1').expect(200);
  await name(body.data[0].id);
};
const endpointAndEvent: SetUp = async (world, running) => {
  await endpoint(world, running);
  await event(world, running);
};

const run: SetUp = ({ clinic }) =>
  clinic.sql(
    `INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, created_at, started_at, finished_at)
     SELECT $1, id, 'sync', 'sync', 'scheduled', 'succeeded', now(), now(), now() FROM integrations LIMIT 1
     ON CONFLICT DO NOTHING`,
    [EXAMPLE_ID],
  );
const approval: SetUp = async ({ clinic }) => {
  await clinic.sql('DELETE FROM admin_approvals');
  await clinic.sql(
    `INSERT INTO admin_approvals (id, act, summary, parameters, requested_by, reason, expires_at)
     VALUES ($1, 'bulk_retry', 'Retry nothing', '{"filter":{},"resourceType":null,"limitPerIntegration":1,"entries":{}}',
       'someone@example.com', 'The outage is over.', now() + interval '1 day')`,
    [EXAMPLE_ID],
  );
};
const manifest: SetUp = async ({ adminToken: token }, { url }) => {
  const { operation } = apiContract().operations.find(
    ({ operation: { operationId } }) => operationId === 'adminSaveManifest',
  )!;
  const answer = await fetch(`${url}/admin/api/providers/acme/manifest`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(operation.requestBody.content['application/json'].example),
  });
  expect(answer.status).toBe(200);
};
const operator: SetUp = ({ clinic }) =>
  clinic.sql(`INSERT INTO operators (subject, roles) VALUES ('oidc:00u1k2j3', '{viewer}') ON CONFLICT DO NOTHING`);

/** What else must be there, or must not be, before the example of an operation is sent. */
const BEFORE: Readonly<Record<string, SetUp>> = {
  activateIntegration: inactive,
  eraseIntegrationData: inactive,
  reportIntegrationStatus: (world) => world.active(),
  getSyncLog: logEntry,
  retrySyncLog: logEntry,
  getRecord: record('customers', '812'),
  pushPayment: unpaidInvoice,
  getPushedPayment: payment,
  deleteProductMapping: ({ clinic }) =>
    clinic.call('put', '/product-mappings', { mappings: [{ externalId: 'package:12', internalId: EXAMPLE_ID }] }),
  getNodeIntegration: nodeKey,
  updateNodeIntegration: nodeKey,
  deleteNodeIntegration: nodeKey,
  rotateNodeIntegrationSecret: nodeKey,
  updateNode: ({ clinic }) =>
    clinic.sql(`INSERT INTO nodes (id, name, type, path) VALUES ($1, 'Group', 'organization', $2)`, [
      OTHER_NODE,
      `/${OTHER_NODE}/`,
    ]),
  getEvent: event,
  getWebhookEndpoint: endpoint,
  updateWebhookEndpoint: endpoint,
  deleteWebhookEndpoint: endpoint,
  rotateWebhookEndpointSecret: endpoint,
  listWebhookAttempts: endpoint,
  testWebhookEndpoint: endpoint,
  replayWebhookEvents: endpointAndEvent,
  explainWebhookEndpoint: endpoint,
  adminGetDeletionPlan: heldPlan,
  adminApproveDeletionPlan: heldPlan,
  adminDiscardDeletionPlan: heldPlan,
  adminSearchPaymentAgain: heldPayment,
  adminDeclarePaymentNotTaken: heldPayment,
  adminRevokeApiKey: apiKey,
  adminRotateApiKey: apiKey,
  adminSetApiKeyAddresses: apiKey,
  adminGetRun: run,
  adminGetApproval: approval,
  adminApproveApproval: approval,
  adminRefuseApproval: approval,
  adminPreviewWebhookReplay: endpointAndEvent,
  adminReplayWebhookEvents: endpointAndEvent,
  adminGetManifest: manifest,
  adminDeleteManifest: manifest,
  adminDisableOperator: operator,
  adminEnableOperator: operator,
};

describe('the examples of the documents, sent as they stand', () => {
  const contract = apiContract();
  let running: TestApp;
  let world: ExampleWorld;
  beforeAll(async () => {
    running = await startTestApp();
    world = await makeExampleWorld(running);
  }, 90_000);
  afterAll(() => running?.close());
  afterAll(() => jest.restoreAllMocks());

  const exampleOf = (part: any): unknown => part.example ?? part.schema?.example ?? part.schema?.default;
  const send = async ({ method, path, operation }: ApiOperation) => {
    const parameters = (operation.parameters ?? []).map((each: object) => contract.resolve(each));
    const given = parameters.filter((each: object) => exampleOf(each) !== undefined);
    const from = (place: string): [string, string][] =>
      given.flatMap((each: any) => (each.in === place ? [[each.name, String(exampleOf(each))]] : []));
    const inPath = new Map(from('path'));
    const query = new URLSearchParams(from('query')).toString();
    const target = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(inPath.get(name)!));
    const media = operation.requestBody?.content['application/json'];
    const caller = path.startsWith('/v2')
      ? { 'x-api-key': world.clinic.key }
      : { authorization: `Bearer ${world.adminToken}` };
    const answer = await fetch(`${running.url}${target}${query && `?${query}`}`, {
      method: method.toUpperCase(),
      headers: {
        ...Object.fromEntries(from('header')),
        ...(operation.security.length > 0 ? caller : {}),
        ...(media ? { 'content-type': 'application/json' } : {}),
      } as Record<string, string>,
      ...(media ? { body: JSON.stringify(media.example) } : {}),
    });
    // a stream has no end to wait for
    if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await answer.body!.cancel();
    return { status: answer.status, text: answer.bodyUsed ? '' : await answer.text() };
  };

  it.each(contract.operations.map((each) => [each.operation.operationId as string, each] as const))(
    '%s',
    async (id, operation) => {
      await world.active();
      await BEFORE[id]?.(world, running);
      const { status, text } = await send(operation);
      const error = REFUSED[id];
      if (error) expect([status, JSON.parse(text).code]).toEqual([ERROR_CATALOGUE[error].status, error]);
      else expect([Math.floor(status / 100), status, text]).toEqual([2, status, text]);
    },
    30_000,
  );

  it('need set-up for operations that are there', () => {
    const ids = contract.operations.map(({ operation }) => operation.operationId);
    expect(Object.keys({ ...BEFORE, ...REFUSED }).filter((id) => !ids.includes(id))).toEqual([]);
  });
});
