import { randomUUID } from 'node:crypto';
import { ProviderRegistry } from '../../src/providers';
import { adminToken } from '../support/admin';
import type { TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { nodesClient } from '../support/nodes';
import type { FuzzTarget } from './requests';

/** An application with something in it, so that requests drawn at random come further than the first check. */
export async function makeTarget(running: TestApp): Promise<FuzzTarget> {
  const clinic = await makeClinic(running, {
    sizes: { patients: 3, invoices: 4, payments: 3, patient_packages: 2, '*': 1 },
  });
  await clinic.activate().expect(200);
  await clinic.settled();
  const integration = await clinic.integration();
  const logs = await clinic.call('get', '/sync-logs').expect(200);
  const nodes = nodesClient(running.app, running.url);
  const admin = await adminToken(running, 'admin');
  const hook = { url: 'https://hooks.example.com/', eventTypes: ['api_key.expiring'] };
  const endpoint = await clinic.call('post', '/v2/webhook-endpoints', hook).expect(201);
  const events = await clinic.call('get', '/v2/events').expect(200);
  const node = await nodes.node(admin, { type: 'organization' });
  return {
    url: running.url,
    apiKey: clinic.key,
    adminToken: admin,
    served: () => running.app.get(ProviderRegistry).ids(),
    known: {
      provider: 'practicehub',
      integrationId: integration['id'],
      logId: logs.body.data[0].id,
      merchantId: clinic.merchantId,
      externalId: '1',
      externalInvoiceId: '1',
      node_id: node['id'],
      parent_id: node['id'],
      paymentId: randomUUID(),
      endpointId: endpoint.body.data.id,
      eventId: events.body.data[0].id,
      credentials: clinic.credentials,
      baseUrl: clinic.credentials.baseUrl,
      reason: 'drawn at random',
    },
  };
}
