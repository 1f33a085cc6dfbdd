import { refused } from '../support/answers';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

describe('payments at a provider', () => {
  let running: TestApp;
  let clinic: Clinic;
  let never: Clinic;

  beforeAll(async () => {
    running = await startTestApp();
    [clinic, never] = await Promise.all([
      makeClinic(running, { sizes: { payment_methods: 4, '*': 0 } }),
      makeClinic(running),
    ]);
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  }, 60_000);
  afterAll(() => running?.close());
  afterEach(() => running.sandbox.practicehub.clearFaults());

  describe('payment mappings', () => {
    const row = (id: string, revkeenMethod: string, practiceHubMethodId = '2') => ({
      id,
      revkeenMethod,
      practiceHubMethodId,
    });
    const putPayments = (mappings: unknown, who: Clinic = clinic) =>
      who.call('put', '/payment-mappings', { mappings } as object);
    const stored = () =>
      clinic.sql(
        `SELECT id, revkeen_method, provider_method_id FROM payment_mappings WHERE merchant_id = $1 ORDER BY id`,
        [clinic.merchantId],
      );

    it('replaces all at once', async () => {
      expect((await putPayments([row('a', 'card'), row('b', 'cash', '1')]).expect(200)).body).toEqual({
        success: true,
      });
      await putPayments([row('c', 'card', '4')]).expect(200);
      expect(await stored()).toEqual([{ id: 'c', revkeen_method: 'card', provider_method_id: '4' }]);
      await Promise.all([1, 2, 3, 4].map((n) => putPayments([row(`x${n}`, 'card'), row(`y${n}`, 'cash')]).expect(200)));
      expect(await stored()).toHaveLength(2);
    });

    it.each<[unknown, string]>([
      [undefined, 'mappings'],
      [[{}], 'mappings.0.id'],
      [[row('a', '')], 'mappings.0.revkeenMethod'],
      [[row('a', 'card', 'x\0')], 'mappings.0.practiceHubMethodId'],
      [[{ ...row('a', 'card'), more: 1 }], 'mappings.0.more'],
      [[row('a', 'card'), row('a', 'cash')], 'mappings.1.id'],
      [[row('a', 'card'), row('b', 'card')], 'mappings.1.revkeenMethod'],
    ])('refuses %j', async (mappings, field) => {
      const before = await stored();
      const body = await refused(putPayments(mappings), 400, 'invalid_request');
      expect(Object.keys(body.details.fields)).toContain(field);
      expect(await stored()).toEqual(before);
    });

    it('needs an active integration', async () => {
      await refused(putPayments([], never), 404, 'not_found');
    });
  });

  describe('payment methods', () => {
    const methods = async () => (await clinic.call('get', '/payment-methods').expect(200)).body;
    const oneShot = (more: object = {}, who: Clinic = never) =>
      who.call('post', '/payment-methods', { ...clinic.credentials, ...more });
    const fault = (rule: object) =>
      running.sandbox.practicehub.addFaults([
        { kind: 'status', match: { path: '/payment_methods', apiKey: clinic.accountKey }, ...rule },
      ]);

    it('come by the stored credentials, in the provider’s own form', async () => {
      const { success, data } = await methods();
      expect(success).toBe(true);
      expect(data).toHaveLength(4);
      expect(data[0]).toEqual({ id: 1, name: 'Cash', active: true, sort_order: 10 });
      const opened = await clinic.sql(
        `SELECT details FROM audit_entries WHERE merchant_id = $1 AND details->>'purpose' = 'payment_methods'`,
        [clinic.merchantId],
      );
      expect(opened).toHaveLength(1);
    });

    it('come by credentials that are used once, of which nothing is kept', async () => {
      const { body } = await oneShot({ contactEmail: 'owner@clinic.test', tenantId: 't1' }).expect(200);
      expect(body).toEqual(await methods());
      const kept = await clinic.sql(`SELECT 1 FROM sealed_secrets WHERE context->>'merchant_id' = $1`, [
        never.merchantId,
      ]);
      expect(kept).toEqual([]);
      expect(await clinic.sql(`SELECT 1 FROM integrations WHERE merchant_id = $1`, [never.merchantId])).toEqual([]);
    });

    it('are 404 by the stored credentials where none is active', async () => {
      await refused(never.call('get', '/payment-methods'), 404, 'not_found');
    });

    it.each(['wodify', 'terminal'])('are 422 at %s, which has none', async (provider) => {
      const path = `/v2/integrations/${provider}/payment-methods`;
      await refused(clinic.call('get', path), 422, 'unprocessable_entity');
      await refused(clinic.call('post', path, clinic.credentials), 422, 'unprocessable_entity');
    });

    it.each([
      [401, 400, 'provider_credentials_rejected'],
      [403, 400, 'provider_credentials_rejected'],
      [500, 502, 'provider_error'],
      [418, 502, 'provider_error'],
    ])(
      'turn the provider’s %i into %i',
      async (provider, status, code) => {
        fault({ status: provider });
        await refused(clinic.call('get', '/payment-methods'), status, code);
        await refused(oneShot(), status, code);
      },
      60_000,
    );

    it('say when to come back', async () => {
      // an account of its own: everybody who shares it stays away for as long
      const busy = await makeClinic(running, { sizes: { '*': 0 } });
      fault({ match: { path: '/payment_methods', apiKey: busy.accountKey }, status: 429, retryAfter: 60, times: 1 });
      const answer = await oneShot(busy.credentials);
      expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([502, 'provider_error', '60']);
    }, 60_000);

    it('are 504 when the provider does not answer', async () => {
      fault({ kind: 'hang' });
      await refused(oneShot(), 504, 'provider_timeout');
    }, 60_000);

    it.each([
      [{ baseUrl: 'http://169.254.169.254/latest' }, 'baseUrl'],
      [{ baseUrl: 'https://127.0.0.1:1' }, 'baseUrl'],
      [{ baseUrl: 'not a url' }, 'baseUrl'],
      [{ apiKey: 'bad\nkey' }, 'apiKey'],
      [{ contactEmail: 'nobody' }, 'contactEmail'],
      [{ apiKey: '' }, 'apiKey'],
      [{ baseUrl: 7 }, 'baseUrl'],
      [{ more: 1 }, 'more'],
    ])('refuse %j on the field of the request', async (more, field) => {
      const body = await refused(oneShot(more), 400, 'invalid_request');
      expect(Object.keys(body.details.fields)).toEqual([field]);
    });
  });
});
