import request from 'supertest';
import { ApiKeyService } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import { describeOnBothQueues } from '../support/app';
import { eventually } from '../support/eventually';

describeOnBothQueues('activate, first sync, second sync', (application) => {
  let key: string;
  const call = () => request(application().url);
  const path = '/v2/integrations/practicehub';

  beforeAll(async () => {
    const { app } = application();
    const merchant = await app.get(MerchantService).create({ name: 'Clinic', defaultCurrency: 'GBP' });
    const created = await app.get(ApiKeyService).create({
      merchantId: merchant.id,
      environment: 'sandbox',
      name: 'test',
      scopes: ['integrations:*', 'sync:*'],
    });
    key = created.key.reveal();
  });

  const status = async () => (await call().get(path).set('x-api-key', key).expect(200)).body.data;
  const settled = async () => {
    await eventually(async () => expect((await status()).status).not.toBe('syncing'), 60_000);
    return status();
  };

  it('connects a PracticeHub account and syncs it', async () => {
    const { sandbox, sandboxUrl } = application();
    const credentials = {
      apiKey: sandbox.credentials.practicehub.apiKey,
      baseUrl: `${sandboxUrl}${sandbox.credentials.practicehub.path}`,
    };
    const answer = await call().post(`${path}/activate`).set('x-api-key', key).send({ credentials });
    expect(answer.body).toMatchObject({ success: true, data: { isActive: true, provider: 'practicehub' } });
    await eventually(async () => expect((await status()).lastSyncAt).not.toBeNull(), 30_000).catch((error: unknown) => {
      console.log(application().logs.slice(-40).join(''));
      throw error;
    });
    const after = await settled();
    expect(after).toMatchObject({ status: 'connected', syncHealth: 'healthy', lastSyncError: null });
    const feed = await call().get(`${path}/records/customers?limit=500`).set('x-api-key', key).expect(200);
    expect(feed.body.data).toHaveLength(500);
  }, 120_000);
});
