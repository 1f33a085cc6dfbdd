import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { ApiKeyService, TokenService } from '../../src/auth';
import { ERROR_CATALOGUE, ERROR_CODES, type ErrorCode } from '../../src/platform/errors';
import { adminToken } from '../support/admin';
import { apiContract, type ApiOperation } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { nodesClient } from '../support/nodes';

const OPEN_TO_ANYONE = [
  'adminBeginSignIn',
  'adminFinishSignIn',
  'adminGetSignInMethods',
  'adminSignIn',
  'adminSignOut',
  'authenticate',
  'getJwks',
  'getLiveness',
  'getReadiness',
  'refreshToken',
];
/** What the body of an admin operation needs beside the reason. */
const NEEDED: Readonly<Record<string, object>> = {
  '/api-keys': { environment: 'sandbox', name: 'walk', scopes: ['sync:*'] },
  '/allowed-cidrs': { allowedCidrs: null },
  '/switch': { enabled: false },
  '/test': { type: 'sync.failed' },
  '/replay': { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' },
};
const NAMED = (operation: ApiOperation): string => `${operation.method} ${operation.path}`;
const secured = apiContract().operations.filter(({ operation }) => operation.security.length > 0);
const merchantSurface = secured.filter(({ path: template }) => template.startsWith('/v2/'));
const tokenSurface = secured.filter(({ path: template }) => !template.startsWith('/v2/'));

describe('the contract, operation by operation', () => {
  let running: TestApp;
  let clinic: Clinic;
  let integration: Record<string, any>;
  let logId: string;
  let paymentId: string;
  let endpointId: string;
  let eventId: string;
  beforeAll(async () => {
    running = await startTestApp();
    clinic = await makeClinic(running, {
      sizes: { patients: 3, invoices: 4, payments: 4, patient_packages: 2, '*': 1 },
    });
    await clinic.activate({ pushPayments: true }).expect(200);
    await clinic.settled();
    integration = await clinic.integration();
    logId = (await clinic.call('get', '/sync-logs').expect(200)).body.data[0].id;
    paymentId = randomUUID();
    const hook = { url: 'https://hooks.example.com/', eventTypes: ['api_key.expiring'] };
    endpointId = (await clinic.call('post', '/v2/webhook-endpoints', hook).expect(201)).body.data.id;
    eventId = (await clinic.call('get', '/v2/events').expect(200)).body.data[0].id;
    await clinic
      .call('put', '/product-mappings', { mappings: [{ externalId: 'package:1', internalId: randomUUID() }] })
      .expect(200);
  }, 90_000);
  afterAll(() => running.close());

  const fill = (template: string, values: Record<string, string> = {}): string =>
    template.replace(/\{(\w+)\}/g, (_, name: string) => {
      const known: Record<string, string> = {
        provider: 'practicehub',
        resourceType: 'customers',
        source: 'worker',
        merchantId: clinic.merchantId,
        externalId: '1',
        ...values,
      };
      return known[name] ?? randomUUID();
    });
  const send = ({ method, path: template }: ApiOperation, headers: Record<string, string>, values = {}) => {
    const target = fill(template, values);
    return request(running.url)[method as 'get'](target).set(headers);
  };
  const keyWith = async (scopes: string[], merchantId = clinic.merchantId): Promise<string> => {
    const keys = running.app.get(ApiKeyService);
    const { key } = await keys.create({ merchantId, environment: 'sandbox', name: 'walk', scopes });
    return key.reveal();
  };

  it('is closed but for what is meant to be open', () => {
    const open = apiContract().operations.filter(({ operation }) => operation.security.length === 0);
    expect(open.map(({ operation }) => operation.operationId).sort()).toEqual(OPEN_TO_ANYONE);
  });

  it.each(secured.map((each) => [NAMED(each), each] as const))('%s: 401 without a key', async (_, operation) => {
    for (const headers of [
      {},
      { 'x-api-key': 'rk_sandbox_nonsense' },
      { authorization: 'Bearer a.b.c' },
      { authorization: 'Basic eDp5' },
    ] as Record<string, string>[]) {
      const answer = await send(operation, headers);
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
      expect(answer.body.error).toBe(ERROR_CATALOGUE.unauthenticated.text);
    }
  });

  it('answers 403 to a key of every other scope, on /v2', async () => {
    const keys = new Map<string, string>();
    for (const { operation } of merchantSurface) {
      const scope: string = operation['x-required-scope'];
      if (keys.has(scope)) continue;
      const all = ['integrations:read', 'integrations:write', 'integrations:internal', 'sync:read', 'sync:write'];
      keys.set(scope, await keyWith(all.filter((each) => each !== scope)));
    }
    for (const operation of merchantSurface) {
      const key = keys.get(operation.operation['x-required-scope'])!;
      const answer = await send(operation, { 'x-api-key': key });
      expect([NAMED(operation), answer.status, answer.body.code]).toEqual([NAMED(operation), 403, 'permission_denied']);
    }
  });

  it('answers 403 to a token without role or permission, on /api/v1 and /admin', async () => {
    const token = await nodesClient(running.app, running.url).token();
    for (const operation of tokenSurface) {
      const answer = await send(operation, { authorization: `Bearer ${token}` });
      expect([NAMED(operation), answer.status, answer.body.code]).toEqual([NAMED(operation), 403, 'permission_denied']);
    }
  });

  it('closes what changes a key or a credential to operators, and everything but GET to viewers', async () => {
    const tokenOf = async (role: 'admin' | 'operator' | 'viewer'): Promise<string> => {
      const { token } = await running.app.get(TokenService).issue({
        subject: `${role}@example.com`,
        roles: [role],
        permissions: ['integrations', 'sync', 'webhooks']
          .flatMap((each) => [`${each}.read`, `${each}.write`])
          .concat('integrations.internal', 'events.read'),
        nodeIds: [],
        merchantId: clinic.merchantId,
        environment: 'sandbox',
        ttlSeconds: 600,
        now: new Date(),
      });
      return token;
    };
    const [operator, viewer] = [await tokenOf('operator'), await tokenOf('viewer')];
    const sealed = secured.filter(({ operation }) => operation['x-changes-credentials']);
    expect(sealed.map(({ operation }) => operation.operationId).sort()).toEqual([
      'activateIntegration',
      'adminCreateApiKey',
      'adminDeleteManifest',
      'adminDisableOperator',
      'adminEnableOperator',
      'adminRevokeApiKey',
      'adminRevokeToken',
      'adminRotateApiKey',
      'adminSaveManifest',
      'adminSetApiKeyAddresses',
      'adminStartVaultRotation',
      'createNodeIntegration',
      'createWebhookEndpoint',
      'deactivateIntegration',
      'deleteNodeIntegration',
      'replaceCredentials',
      'rollbackCredentials',
      'rotateNodeIntegrationSecret',
      'rotateWebhookEndpointSecret',
      'updateNodeIntegration',
    ]);
    for (const operation of sealed) {
      const answer = await send(operation, { authorization: `Bearer ${operator}` });
      expect([NAMED(operation), answer.status]).toEqual([NAMED(operation), 403]);
    }
    for (const operation of [...merchantSurface, ...tokenSurface].filter(({ method }) => method !== 'get')) {
      const answer = await send(operation, { authorization: `Bearer ${viewer}` });
      expect([NAMED(operation), answer.status]).toEqual([NAMED(operation), 403]);
    }
    for (const operation of merchantSurface.filter(({ method }) => method === 'get')) {
      const answer = await send(operation, { authorization: `Bearer ${viewer}` });
      expect([NAMED(operation), answer.status]).not.toEqual([NAMED(operation), 403]);
    }
    const toggled = await request(running.url)
      .put('/v2/integrations/practicehub/sync-toggle')
      .set('authorization', `Bearer ${operator}`)
      .send({ enabled: true });
    expect(toggled.status).toBe(200);
    expect((await clinic.integration())['isActive']).toBe(true);
  });

  it('answers 401 to an API key on /api/v1 and /admin', async () => {
    for (const operation of tokenSurface) {
      const answer = await send(operation, { 'x-api-key': clinic.key });
      expect([NAMED(operation), answer.status]).toEqual([NAMED(operation), 401]);
    }
  });

  it('hides everything of another merchant: 404, and 403 on sync-state', async () => {
    const stranger = await makeClinic(running, { sizes: { '*': 0 } });
    await stranger.activate().expect(200);
    await stranger.settled();
    const values = { logId, integrationId: integration['id'], paymentId, externalId: '1', endpointId, eventId };
    const headers = { 'x-api-key': stranger.key };
    for (const operation of merchantSurface) {
      const named = NAMED(operation);
      if (operation.path.startsWith('/v2/sync-state/')) {
        const answer = await send(operation, headers, { merchantId: clinic.merchantId });
        expect([named, answer.status, answer.body.code]).toEqual([named, 403, 'permission_denied']);
      } else if (/\{(logId|integrationId|paymentId|externalId|endpointId|eventId)\}/.test(operation.path)) {
        const { status, body } = await send(operation, headers, values);
        expect([named, status, body.code]).toEqual([named, 404, 'not_found']);
      } else if (operation.method === 'get') {
        const { status, text } = await send(operation, headers, values);
        expect([named, status === 200 || status === 422]).toEqual([named, true]);
        expect(text).not.toContain(integration['id']);
        expect(text).not.toContain(clinic.merchantId);
        expect(text).not.toContain(logId);
      }
    }
    const named = await stranger.call('get', `/sync-logs?integrationId=${integration['id']}`).expect(200);
    expect(named.body.data).toEqual([]);
    await stranger.call('post', '/sync-logs/batch-retry', { integrationId: integration['id'] }).expect(404);
    // and the owner still sees all of it
    await clinic.call('get', `/sync-logs/${logId}`).expect(200);
    await clinic.call('get', `/sync-stats/${integration['id']}`).expect(200);
    await clinic.call('get', '/records/customers/1').expect(200);
    await clinic.call('get', `/v2/events/${eventId}`).expect(200);
    await clinic.call('get', `/v2/webhook-endpoints/${endpointId}`).expect(200);
  });

  it('hides another tree’s nodes and their integrations: 404', async () => {
    const nodes = nodesClient(running.app, running.url);
    const admin = await nodes.token({ roles: ['admin'] });
    const theirs = await nodes.node(admin, { type: 'organization' });
    const ours = await nodes.node(admin, { type: 'organization' });
    const hidden = await nodes.integration(admin, theirs['id']);
    const permissions = ['nodes.read', 'nodes.write', 'integrations.read', 'integrations.write'];
    const token = await nodes.token({ permissions, nodeIds: [ours['id']] });
    const headers = { authorization: `Bearer ${token}` };
    for (const operation of tokenSurface.filter(({ path: template }) => /^\/api\/v1\/.*\{id\}/.test(template))) {
      const id = operation.path.includes('/nodes/') ? theirs['id'] : hidden.id;
      const body = operation.method === 'put' || operation.method === 'patch' ? { name: 'taken over' } : {};
      const answer = await send(operation, headers, { id }).send(body);
      expect([NAMED(operation), answer.status, answer.body.code]).toEqual([NAMED(operation), 404, 'not_found']);
    }
    await nodes.call('get', `/integrations?node_id=${theirs['id']}`, token).expect(404);
    await nodes.call('get', `/nodes/${theirs['id']}`, admin).expect(200);
  });

  it('answers 404 to an admin for what does not exist', async () => {
    const headers = { authorization: `Bearer ${await adminToken(running, 'admin')}` };
    for (const operation of tokenSurface.filter(({ path: template }) => /^\/admin\/.*\{id\}/.test(template))) {
      const [, more = {}] = Object.entries(NEEDED).find(([end]) => operation.path.endsWith(end)) ?? [];
      const sent = { reason: 'the walk', ...more };
      const call = send(operation, headers);
      const answer = await (operation.method === 'get' ? call : call.send(sent));
      expect([NAMED(operation), answer.status, answer.body.code]).toEqual([NAMED(operation), 404, 'not_found']);
    }
  });
});

describe('every code of the catalogue', () => {
  const target = '/v2/integrations/practicehub';
  let running: TestApp;
  let active: Clinic;
  let never: Clinic;
  /** A second process on the same database, with a rate limit, started while a migration is missing. */
  let second: TestApp;
  beforeAll(async () => {
    running = await startTestApp();
    active = await makeClinic(running, { sizes: { patients: 2, payments: 3, invoices: 3, '*': 0 } });
    never = await makeClinic(running);
    await active.activate().expect(200);
    await active.settled();
    const [forgotten] = await active.sql(
      'DELETE FROM schema_migrations WHERE id = (SELECT max(id) FROM schema_migrations) RETURNING name, timestamp',
    );
    second = await startTestApp({
      databaseUrl: running.config.database.url,
      dataDir: running.config.dataDir,
      environment: {
        RATE_LIMIT_SANDBOX_PER_MINUTE: '1',
        OIDC_ISSUER: 'http://127.0.0.1:9',
        OIDC_CLIENT_ID: 'interlock',
        OIDC_ROLES: 'admin=admins',
      },
    });
    undo = () =>
      active.sql('INSERT INTO schema_migrations (name, timestamp) VALUES ($1, $2)', [
        forgotten!['name'],
        forgotten!['timestamp'],
      ]);
  }, 90_000);
  let undo: () => Promise<unknown> = async () => undefined;
  afterAll(async () => {
    await undo();
    await second.close();
    await running.close();
  });
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const rejected = () => ({ credentials: { ...never.credentials, apiKey: 'nobody-knows-this-key' } });
  const provocations: Record<ErrorCode, () => PromiseLike<{ status: number; body: any; headers: any }>> = {
    invalid_request: () => never.call('get', '/v2/integrations/acme'),
    provider_credentials_rejected: () => never.call('post', '/activate', rejected()),
    not_active: () => never.call('post', '/sync'),
    sync_paused: async () => {
      for (let failure = 0; failure < 5; failure++)
        await active.call('put', '/status', { status: 'error' }).expect(200);
      const answer = await active.call('post', '/sync');
      await active.call('post', '/resume-sync').expect(200);
      await active.settled();
      return answer;
    },
    unauthenticated: () => request(running.url).get(target),
    sign_in_too_old: async () => {
      const signIn = { sessionId: null, identifiedAt: 1, authenticatedAt: 1, acr: null };
      return request(second.url)
        .post('/admin/api/operators/nobody/disable')
        .set('authorization', `Bearer ${await adminToken(second, 'admin', { signIn })}`)
        .send({ reason: 'the walk' });
    },
    wrong_origin: () => request(running.url).delete('/admin/session').set('origin', 'http://evil.example'),
    permission_denied: async () => {
      const { key } = await makeClinic(running, { scopes: ['sync:read'] });
      return request(running.url).get(target).set('x-api-key', key);
    },
    not_found: () => never.call('get', '/packages'),
    conflict: () => active.call('put', '/status', { status: 'idle' }),
    already_active: () => active.activate(),
    idempotency_conflict: async () => {
      const key = randomUUID();
      await active.call('put', '/sync-toggle', { enabled: true }).set('Idempotency-Key', key).expect(200);
      return active.call('put', '/sync-toggle', { enabled: false }).set('Idempotency-Key', key);
    },
    idempotency_in_progress: async () => {
      running.sandbox.practicehub.addFaults([{ kind: 'delay', delayMs: 2_500 }]);
      const key = randomUUID();
      const call = () => never.call('post', '/test', { credentials: never.credentials }).set('Idempotency-Key', key);
      const first = Promise.resolve(call());
      await sleep(600);
      const answer = await call();
      await first;
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      return answer;
    },
    cursor_expired: async () => {
      const { nextCursor } = (await active.call('get', '/records/customers?limit=1').expect(200)).body;
      await active.sql(`UPDATE sync_feeds SET trimmed_position = position + 1 WHERE resource_type = 'customers'`);
      return active.call('get', `/records/customers?cursor=${nextCursor}`);
    },
    payload_too_large: () => active.call('put', '/v2/products', { products: ['x'.repeat(2 << 20)] }),
    unsupported_media_type: () =>
      active
        .call('put', '/sync-toggle')
        .set('content-type', 'text/plain')
        .send('enabled' as never),
    unprocessable_entity: () =>
      active.call('post', '/v2/integrations/wodify/payment-methods', {
        baseUrl: `${running.sandboxUrl}${running.sandbox.credentials.wodify.path}`,
        apiKey: running.sandbox.credentials.wodify.apiKey,
      }),
    rate_limited: async () => {
      const call = () => request(second.url).get(target).set('x-api-key', never.key);
      for (let left = 20; left > 0; left--) {
        const answer = await call();
        expect(answer.headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-reset': expect.any(String) });
        if (answer.status === 429) {
          expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
          return answer;
        }
      }
      return call();
    },
    internal_error: async () => {
      await active.sql('ALTER TABLE products RENAME TO products_away');
      try {
        return await active.call('get', '/v2/products');
      } finally {
        await active.sql('ALTER TABLE products_away RENAME TO products');
      }
    },
    provider_error: () => {
      running.sandbox.practicehub.addFaults([{ kind: 'status', status: 500 }]);
      return never.activate();
    },
    unavailable: () => request(second.url).get('/health/ready'),
    manifest_refused: async () =>
      request(running.url)
        .put('/admin/api/providers/acme/manifest')
        .set('authorization', `Bearer ${await adminToken(running, 'admin')}`)
        .send({ manifest: 'id: [', reason: 'the walk' }),
    provider_timeout: () => {
      running.sandbox.practicehub.addFaults([{ kind: 'hang' }]);
      return never.activate();
    },
  };

  it.each(ERROR_CODES)(
    '%s comes over HTTP as the catalogue says',
    async (code) => {
      const answer = await provocations[code]();
      const { status, nextAction } = ERROR_CATALOGUE[code];
      expect([answer.status, answer.body.code, answer.body.nextAction]).toEqual([status, code, nextAction]);
      expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
      expect(answer.body.error).toMatch(/\S/);
    },
    45_000,
  );

  it.each(ERROR_CODES)('%s has an example in the document, and an operation that can answer it', (code) => {
    const { document, operations } = apiContract();
    expect(document.components.examples[code].value).toMatchObject({ code });
    expect(document.components.schemas.ErrorBody.properties.code.enum).toEqual(ERROR_CODES);
    const some = operations.find(({ operation }) => operation['x-error-codes'].includes(code));
    const { status } = ERROR_CATALOGUE[code];
    const answer = apiContract().resolve(some!.operation.responses[String(status)]);
    expect(Object.keys(answer.content['application/json'].examples)).toContain(code);
  });

  it.each(ERROR_CODES)('%s has a paragraph in docs/errors.md', (code) => {
    const page = readFileSync(path.join(__dirname, '../../docs/errors.md'), 'utf8');
    const paragraph = page.split(/^## /m).find((part) => part.startsWith(`${code}\n`));
    expect(paragraph).toContain(ERROR_CATALOGUE[code].meaning);
  });
});
