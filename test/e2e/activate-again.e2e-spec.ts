import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { IntegrationViewRepository } from '../../src/lifecycle/store/integration-view.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

describe('an activate that was carried out and answered 500, repeated with its Idempotency-Key', () => {
  let running: TestApp;
  let clinic: Clinic;
  let key: string;

  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(() => running?.close());
  afterEach(() => jest.restoreAllMocks());

  const activate = () =>
    request(running.url)
      .post('/v2/integrations/practicehub/activate')
      .set('x-api-key', clinic.key)
      .set('idempotency-key', key)
      .send({ credentials: clinic.credentials });
  const activations = async () =>
    (
      await clinic.sql(
        `SELECT count(*)::int AS count FROM audit_entries WHERE merchant_id = $1 AND action = 'integration.activated'`,
        [clinic.merchantId],
      )
    )[0]!['count'] as number;

  beforeEach(async () => {
    clinic = await makeClinic(running, { sizes: { patients: 3, '*': 0 } });
    key = randomUUID();
    // what is read for the answer, after everything is committed
    jest.spyOn(running.app.get(IntegrationViewRepository), 'find').mockRejectedValueOnce(new Error('away'));
    await activate().expect(500);
    expect(await clinic.settled()).toBe('succeeded');
  });

  it('is answered as it would have been, and has one effect', async () => {
    const repeated = await activate();
    expect([repeated.status, repeated.body.data?.isActive]).toEqual([200, true]);
    expect((await activate()).headers['idempotency-replayed']).toBe('true');
    expect(await activations()).toBe(1);
  });

  it('does not undo what came after', async () => {
    await clinic.call('post', '/deactivate').expect(200);
    const repeated = await activate();
    expect([repeated.status, repeated.body.data?.isActive]).toEqual([200, false]);
    expect(await activations()).toBe(1);
  });
});
