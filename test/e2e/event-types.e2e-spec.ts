import { randomUUID } from 'node:crypto';
import { ApiKeyService } from '../../src/auth';
import { ApiKeyExpiry } from '../../src/auth/api-key-expiry';
import { EVENT_TYPES, type EventType } from '../../src/events';
import { ExpiringCredentials } from '../../src/lifecycle/expiring-credentials';
import { DeletionPlans } from '../../src/sync';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { nodesClient } from '../support/nodes';
import { makePushingClinic, type PushingClinic } from '../support/pushes';
import { statement } from '../support/statements';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver';

jest.setTimeout(60_000);

const MANY = 22;

/** Whom it is told, and some of its data. */
interface Told {
  readonly clinic: Clinic;
  readonly data?: object;
}

/** Every type of the catalogue is provoked, and told to its merchant where it happens: once. */
describe('an event is told', () => {
  let running: TestApp;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true', WEBHOOK_RETRY_SCHEDULE: '0,0' } });
  }, 60_000);
  afterAll(() => running?.close());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    running.sandbox.practicehub.clearFaults();
    await receiver.close();
    // failures of one test are no outage in the next
    await statement(running.config.database.url, 'DELETE FROM provider_failures');
  });

  const simulator = () => running.sandbox.practicehub;
  const active = async (sizes: Record<string, number> = { patients: 3, '*': 0 }): Promise<Clinic> => {
    const clinic = await makeClinic(running, { sizes });
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    return clinic;
  };
  const fails = (clinic: Clinic, status: number, path = '/patients') =>
    simulator().addFaults([{ kind: 'status', status, match: { apiKey: clinic.accountKey, path } }]);
  const failed = async (times: number, status = 500): Promise<Clinic> => {
    const clinic = await active();
    fails(clinic, status);
    for (let run = 0; run < times; run++) expect(await clinic.sync()).toBe('failed');
    return clinic;
  };
  const held = async (): Promise<{ clinic: Clinic; planId: string }> => {
    const clinic = await active({ patients: 2 * MANY, '*': 0 });
    simulator().delete({ resource: 'patients', count: MANY, apiKey: clinic.accountKey });
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    const [plan] = await clinic.sql(
      `SELECT p.id FROM sync_deletion_plans p JOIN integrations i ON i.id = p.integration_id WHERE i.merchant_id = $1`,
      [clinic.merchantId],
    );
    return { clinic, planId: plan!['id'] };
  };
  const decided = async (decide: 'approve' | 'discard', data: object): Promise<Told> => {
    const { clinic, planId } = await held();
    await running.app.get(DeletionPlans)[decide](planId, { by: 'test', reason: 'test' });
    return { clinic, data: { resourceType: 'customers', rows: MANY, ...data } };
  };
  const paid = async (status: string, prepare: (clinic: PushingClinic) => unknown): Promise<Told> => {
    const clinic = await makePushingClinic(running);
    await prepare(clinic);
    const paymentId = await clinic.pushed('one', status === 'failed' ? { method: 'cheque' } : {});
    await eventually(async () => {
      await clinic.hurry();
      expect((await clinic.row(paymentId))['status']).toBe(status);
    }, 40_000);
    return { clinic, data: { paymentId, amountMinor: 4400, currency: 'GBP' } };
  };
  const mapped = async (steps: readonly (string | null)[]): Promise<Told> => {
    const clinic = await active({ services: 2, '*': 0 });
    for (const internalId of steps) {
      if (internalId === null) await clinic.call('delete', '/product-mappings/service:1').expect(200);
      else {
        const mappings = [{ externalId: 'service:1', internalId }];
        // the same once more tells nothing
        for (let time = 0; time < 2; time++) await clinic.call('put', '/product-mappings', { mappings }).expect(200);
      }
    }
    const internalId = steps.at(-1);
    return { clinic, data: { externalId: 'service:1', ...(internalId ? { internalId } : {}) } };
  };
  const keyOfNode = async (then: 'nothing' | 'rotate' | 'delete'): Promise<Told> => {
    const clinic = await makeClinic(running);
    const api = nodesClient(running.app, running.url);
    const admin = await api.token({ roles: ['admin'] });
    const root = await api.node(admin, {
      type: 'organization',
      merchant_id: clinic.merchantId,
      environment: 'sandbox',
    });
    const { id } = await api.integration(admin, root['id']);
    if (then === 'rotate') await api.call('post', `/integrations/${id}/rotate-secret`, admin).expect(200);
    if (then === 'delete') await api.call('delete', `/integrations/${id}`, admin).expect(204);
    return { clinic, data: { nodeIntegrationId: id, nodeId: root['id'] } };
  };
  /** An endpoint that is told of a pause. */
  const endpointOf = async (clinic: Clinic): Promise<string> => {
    const settings = { url: receiver.url, eventTypes: ['integration.paused'] };
    return (await clinic.call('post', '/v2/webhook-endpoints', settings).expect(201)).body.data.id;
  };
  const pause = (clinic: Clinic) => clinic.call('put', '/sync-toggle', { enabled: false }).expect(200);

  const PROVOKED: Readonly<Record<EventType, () => Promise<Told>>> = {
    'integration.activated': async () => ({ clinic: await active(), data: { reactivated: false } }),
    async 'integration.deactivated'() {
      const clinic = await active();
      await clinic.call('post', '/deactivate').expect(200);
      return { clinic };
    },
    async 'integration.paused'() {
      const clinic = await active();
      await pause(clinic);
      await pause(clinic);
      return { clinic, data: { cause: 'merchant' } };
    },
    async 'integration.resumed'() {
      const clinic = await active();
      await pause(clinic);
      for (let time = 0; time < 2; time++) await clinic.call('put', '/sync-toggle', { enabled: true }).expect(200);
      return { clinic };
    },
    'integration.credentials_rejected': async () => ({ clinic: await failed(1, 401) }),
    async 'integration.credentials_expiring'() {
      const clinic = await active();
      const [{ ends }] = (await clinic.sql(
        `UPDATE integrations SET credential_expires_at = date_trunc('second', now()) + interval '6 days'
         WHERE merchant_id = $1 RETURNING credential_expires_at AS ends`,
        [clinic.merchantId],
      )) as [{ ends: Date }];
      for (let time = 0; time < 2; time++) await running.app.get(ExpiringCredentials, { strict: false }).tick();
      return { clinic, data: { expiresAt: ends.toISOString() } };
    },
    'integration.degraded': async () => ({ clinic: await failed(2), data: { errorCode: 'provider_error' } }),
    async 'integration.recovered'() {
      const clinic = await failed(1);
      simulator().clearFaults();
      for (let run = 0; run < 2; run++) expect(await clinic.sync()).toBe('succeeded');
      return { clinic };
    },
    'sync.completed': async () => ({ clinic: await active(), data: { recordsCreated: 3, recordsDeleted: 0 } }),
    'sync.failed': async () => ({ clinic: await failed(1), data: { errorCode: 'provider_error' } }),
    'records.changed': async () => ({ clinic: await active(), data: { resourceType: 'customers', created: 3 } }),
    async 'deletion_plan.held'() {
      const { clinic } = await held();
      return { clinic, data: { resourceType: 'customers', rows: MANY } };
    },
    'deletion_plan.approved': () => decided('approve', { deleted: MANY }),
    'deletion_plan.discarded': () => decided('discard', {}),
    'payment.succeeded': () => paid('pushed', () => undefined),
    'payment.failed': () => paid('failed', () => undefined),
    'payment.needs_review': () =>
      paid('needs_review', (clinic) =>
        simulator().addFaults([
          { kind: 'status', status: 503, match: { method: 'POST', path: '/payments', apiKey: clinic.accountKey } },
        ]),
      ),
    'product_mapping.created': () => mapped([randomUUID()]),
    'product_mapping.updated': () => mapped([randomUUID(), randomUUID()]),
    'product_mapping.deleted': () => mapped([randomUUID(), null]),
    'node_integration.created': () => keyOfNode('nothing'),
    'node_integration.rotated': () => keyOfNode('rotate'),
    'node_integration.deleted': () => keyOfNode('delete'),
    async 'api_key.expiring'() {
      const clinic = await makeClinic(running);
      const expiresAt = new Date(Date.now() + 5 * 86_400_000);
      const about = { merchantId: clinic.merchantId, environment: 'sandbox', name: 'ends soon' } as const;
      const { apiKey } = await running.app
        .get(ApiKeyService)
        .create({ ...about, scopes: ['integrations:read'], expiresAt });
      for (let time = 0; time < 2; time++) await running.app.get(ApiKeyExpiry, { strict: false }).tick();
      return { clinic, data: { apiKeyId: apiKey.id, name: 'ends soon', expiresAt: expiresAt.toISOString() } };
    },
    async 'webhook_endpoint.failing'() {
      const clinic = await active();
      const endpointId = await endpointOf(clinic);
      await clinic.sql(
        `UPDATE webhook_cursors SET failures = 1, failing_since = now() - interval '61 hours', last_failure_at = now()
         WHERE endpoint_id = $1`,
        [endpointId],
      );
      receiver.answerWith(() => 500);
      await pause(clinic);
      return { clinic, data: { endpointId } };
    },
    async 'webhook_endpoint.disabled'() {
      const clinic = await active();
      const endpointId = await endpointOf(clinic);
      receiver.answerWith(() => 410);
      await pause(clinic);
      return { clinic, data: { endpointId, reason: 'gone' } };
    },
    async 'webhook_endpoint.event_parked'() {
      const clinic = await active();
      const endpointId = await endpointOf(clinic);
      receiver.answerWith(() => 500);
      await pause(clinic);
      return { clinic, data: { endpointId, eventType: 'integration.paused' } };
    },
  };

  it.each(EVENT_TYPES)('%s', async (type) => {
    const { clinic, data = {} } = await PROVOKED[type]();
    const told = async () => (await clinic.call('get', `/v2/events?type=${type}`).expect(200)).body.data as any[];
    await eventually(async () => expect(await told()).not.toEqual([]), 20_000);
    const events = await told();
    expect(events).toHaveLength(1);
    expect(events[0].data).toMatchObject(data);
  });
});
