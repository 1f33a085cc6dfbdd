import request from 'supertest';
import { ApiKeyService } from '../../src/auth';
import { loadConfig } from '../../src/platform/config';
import { adminOf, adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { mcpClient } from '../support/mcp';

jest.setTimeout(60_000);

describe('addresses that are not allowed', () => {
  let running: TestApp;
  let clinic: Clinic;
  let key: { id: string; key: string };

  beforeAll(async () => {
    // one proxy of our own, which is in the list: the test says who calls
    running = await startTestApp({
      environment: { ADMIN_ALLOWED_CIDRS: '127.0.0.0/8,198.51.100.0/24,2001:db8::/32', TRUST_PROXY: '1' },
    });
    clinic = await makeClinic(running);
    const issued = await running.app.get(ApiKeyService).create({
      merchantId: clinic.merchantId,
      environment: 'sandbox',
      name: 'till',
      scopes: ['integrations:read'],
      allowedCidrs: ['203.0.113.0/24'],
    });
    key = { id: issued.apiKey.id, key: issued.key.reveal() };
  });
  afterAll(async () => running?.close());

  const entries = (action: string) =>
    clinic.sql('SELECT subject_id, details FROM audit_entries WHERE action = $1', [action]);
  const list = (from: string, withKey = key.key) =>
    request(running.url).get('/v2/integrations').set('x-api-key', withKey).set('x-forwarded-for', from);

  it.each([
    '/admin',
    '/console',
    '/admin/api/overview',
    '/admin/openapi.json',
    '/admin/docs',
    '/admin/queues',
    '/admin/session',
  ])('get nothing under %s', async (path) => {
    for (const from of ['203.0.113.9', '::ffff:203.0.113.9', '2001:db9::1']) {
      const answer = await request(running.url).get(path).set('x-forwarded-for', from).expect(403);
      expect(answer.body).toMatchObject({
        code: 'permission_denied',
        error: 'Calls from this address are not allowed.',
      });
    }
    const allowed = await request(running.url).get(path).set('x-forwarded-for', '::ffff:198.51.100.7');
    expect(allowed.status).not.toBe(403);
  });

  it('use /admin with no token either, and are one audit entry an hour', async () => {
    const viewer = await adminOf(running, 'viewer');
    await viewer('get', '/overview').set('x-forwarded-for', '203.0.113.9').expect(403);
    await viewer('get', '/overview').set('x-forwarded-for', '2001:db8:1::1').expect(200);
    // the turn of an hour may fall into the test
    expect((await entries('admin.address_refused')).length).toBeLessThanOrEqual(2);
    expect(await entries('admin.address_refused')).toContainEqual({
      subject_id: 'admin',
      details: { network: '203.0.113.9' },
    });
  });

  it('use no key that has a list, on no surface, and every refusal is counted', async () => {
    await list('203.0.113.9').expect(200);
    await list('::ffff:203.0.113.9').expect(200);
    for (const from of ['198.51.100.7', '203.0.114.1', '2001:db8::1']) await list(from).expect(403);
    await list('198.51.100.7', clinic.key).expect(200);
    await request(running.url)
      .post('/mcp')
      .set({ 'x-api-key': key.key, 'x-forwarded-for': '198.51.100.7', accept: 'application/json, text/event-stream' })
      .send({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
      .expect(403);
    const { text } = await request(running.url).get('/metrics').expect(200);
    expect(text).toMatch(/^interlock_address_refusals_total\{surface="api_key"\} 4$/m);
    expect((await entries('api_key.address_refused')).length).toBeLessThanOrEqual(2);
  });

  it('are those of the caller behind the proxy for the tools of agents too', async () => {
    const refused = { isError: true, structuredContent: { code: 'permission_denied' } };
    const operator = { authorization: `Bearer ${await adminToken(running, 'operator')}` };
    const from = (address: string, credentials: Record<string, string>) =>
      mcpClient(running.url, { ...credentials, 'x-forwarded-for': address });
    for (const [name, args] of [
      ['admin_list_integrations', {}],
      ['admin_retry_many', { reason: 'the clinic asked for it' }],
    ] as const) {
      expect(await from('203.0.113.9', operator).call(name, args)).toMatchObject(refused);
      expect(await from('198.51.100.7', operator).call(name, args)).toMatchObject({ isError: false });
    }
    const withKey = await from('203.0.113.9', { 'x-api-key': key.key }).call('list_integrations');
    expect(withKey.isError).toBe(false);
  });

  it('are changed by an admin, at once, and named in the audit log', async () => {
    const admin = await adminOf(running, 'admin');
    const put = (allowedCidrs: unknown) =>
      admin('put', `/api-keys/${key.id}/allowed-cidrs`)
        .set('x-forwarded-for', '198.51.100.7')
        .send({ allowedCidrs, reason: 'they have moved' });
    for (const wrong of [
      [],
      ['10.0.0.0/33'],
      ['here'],
      'x',
      undefined,
      Array.from({ length: 51 }, (_one, at) => `10.0.0.${at}`),
    ]) {
      await put(wrong).expect(400);
    }
    const { body } = await put(['2001:db8::/32', '198.51.100.7']).expect(200);
    expect(body.data.allowedCidrs).toEqual(['2001:db8::/32', '198.51.100.7']);
    await eventually(async () => {
      await list('203.0.113.9').expect(403);
      await list('2001:db8::9').expect(200);
    }, 2_000);
    expect(await entries('api_key.addresses_changed')).toEqual([
      { subject_id: key.id, details: expect.objectContaining({ allowedCidrs: ['2001:db8::/32', '198.51.100.7'] }) },
    ]);
    const rotated = await running.app.get(ApiKeyService).rotate(key.id, { overlapSeconds: 60 });
    expect(rotated.apiKey.allowedCidrs).toEqual(['2001:db8::/32', '198.51.100.7']);
    await put(null).expect(200);
    await eventually(() => list('203.0.113.9').expect(200), 2_000);
  });

  it('are named in a configuration that is refused', () => {
    for (const wrong of ['10.0.0.0/33', '::/129', '10.0.0', ',']) {
      expect(() => loadConfig({ ADMIN_ALLOWED_CIDRS: wrong })).toThrow(/ADMIN_ALLOWED_CIDRS: must be addresses/);
    }
  });
});
