import request from 'supertest';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const CANARY = 'canary-Zk3v9Qw7Lx2Rt8Yp';

describe('bad input at the main path', () => {
  let running: TestApp;
  let clinic: Clinic;
  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    clinic = await makeClinic(running, { sizes: { patients: 3, '*': 0 } });
  });
  afterEach(async () => {
    running.sandbox.practicehub.clearFaults();
    // whatever was wrong: nothing is stored, and the slot is free again
    const [stored] = await clinic.sql(
      `SELECT (SELECT count(*)::int FROM integrations WHERE merchant_id = $1) AS integrations,
         (SELECT count(*)::int FROM integration_claims WHERE merchant_id = $1) AS claims,
         (SELECT count(*)::int FROM sealed_secrets WHERE context->>'merchant_id' = $1::text) AS secrets`,
      [clinic.merchantId],
    );
    expect(stored).toEqual({ integrations: 0, claims: 0, secrets: 0 });
    expect(running.logs.join('')).not.toContain(CANARY);
  });

  it.each([
    ['no key', undefined],
    ['a malformed key', 'rk_sandbox_nonsense'],
    ['a key that was never issued', 'rk_sandbox_0000000000000000000000000000000000'],
  ])('refuses %s with one text', async (_, key) => {
    const call = request(running.url)
      .post('/v2/integrations/practicehub/activate')
      .send({ credentials: clinic.credentials });
    const answer = await (key === undefined ? call : call.set('x-api-key', key));
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'unauthenticated', error: 'A valid API key or token is required.' });
  });

  it('does not let a live key reach the simulator', async () => {
    const live = await makeClinic(running, { environment: 'live' });
    const answer = await live.activate();
    expect(answer.status).toBe(400);
    expect(answer.body.details.fields).toHaveProperty(['credentials.baseUrl']);
  });

  it('refuses an unknown provider', async () => {
    const answer = await clinic.call('post', '/v2/integrations/acme/activate', { credentials: clinic.credentials });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
  });

  it.each([
    [
      { credentials: {}, colour: CANARY, timezone: CANARY },
      { colour: 'is not a known field', timezone: 'must be an IANA time zone, such as Europe/London' },
    ],
    [
      { credentials: { apiKey: 'a', baseUrl: 'https://clinic.practicehub.io', secret: CANARY } },
      { 'credentials.secret': 'is not a field of PracticeHub credentials' },
    ],
    [
      { credentials: { apiKey: '', appEmail: CANARY } },
      {
        'credentials.apiKey': 'must not be empty',
        'credentials.baseUrl': 'is required',
        'credentials.appEmail': 'must be an e-mail address',
      },
    ],
  ])('names every field of an activation that is wrong, with one rule each and without values', async (body, rules) => {
    const answer = await clinic.call('post', '/activate', body);
    expect(answer.status).toBe(400);
    const expected = Object.entries(rules).map(([field, rule]) => [field, [rule]]);
    expect(answer.body.details.fields).toEqual(Object.fromEntries(expected));
    expect(JSON.stringify(answer.body)).not.toContain(CANARY);
  });

  it.each(['activate', 'test', 'credentials'])(
    'validates by the schema of the provider in the path: %s',
    async (call) => {
      const body = { credentials: { ...clinic.credentials, appName: CANARY } };
      const method = call === 'credentials' ? 'put' : 'post';
      const answer = await clinic.call(method, `/v2/integrations/wodify/${call}`, body);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
      expect(answer.body.details.fields).toEqual({
        'credentials.appName': ['is not a field of Wodify credentials'],
      });
    },
  );

  it('refuses malformed JSON and a body of 2 MiB', async () => {
    const post = () =>
      request(running.url)
        .post('/v2/integrations/practicehub/activate')
        .set('x-api-key', clinic.key)
        .set('content-type', 'application/json');
    expect((await post().send('{"credentials": ')).body.code).toBe('invalid_request');
    const large = await post().send(JSON.stringify({ credentials: { apiKey: 'x'.repeat(2 * 1024 * 1024) } }));
    expect([large.status, large.body.code]).toEqual([413, 'payload_too_large']);
  });

  it.each([
    'http://yourclinic.practicehub.io',
    'https://8.8.8.8',
    'https://localhost',
    'https://127.0.0.1',
    'https://169.254.169.254/latest/meta-data',
    'https://metadata.google.internal',
    'https://[::ffff:127.0.0.1]',
    'https://2130706433',
    'https://0x7f.1',
    'not a url',
    'https://user:pass@yourclinic.practicehub.io',
  ])('refuses the destination %s', async (baseUrl) => {
    const answer = await clinic.activate({ credentials: { apiKey: CANARY, baseUrl } });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
    expect(answer.body.details.fields).toHaveProperty(['credentials.baseUrl']);
    expect(JSON.stringify(answer.body)).not.toContain(CANARY);
  });

  it('refuses a host outside the allow list in live mode', async () => {
    const live = await makeClinic(running, { environment: 'live' });
    const answer = await live.activate({ credentials: { apiKey: CANARY, baseUrl: 'https://practicehub.io.evil.com' } });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
  });

  it.each([
    [{ kind: 'status', status: 401 }, 400, 'provider_credentials_rejected'],
    [{ kind: 'status', status: 403 }, 400, 'provider_credentials_rejected'],
    [{ kind: 'status', status: 500 }, 502, 'provider_error'],
    [{ kind: 'html' }, 400, 'invalid_request'],
    [{ kind: 'html', status: 503 }, 502, 'provider_error'],
    [{ kind: 'truncated' }, 502, 'provider_error'],
    [{ kind: 'huge', bytes: 50 * 1024 * 1024 }, 502, 'provider_error'],
    [{ kind: 'bomb', bytes: 50 * 1024 * 1024 }, 502, 'provider_error'],
    [{ kind: 'reset-connection' }, 502, 'provider_error'],
    [{ kind: 'redirect', location: 'https://elsewhere.example.org/' }, 400, 'invalid_request'],
  ] as const)(
    'answers a provider that answers %j',
    async (fault, status, code) => {
      running.sandbox.practicehub.addFaults([fault]);
      const answer = await clinic.activate({ credentials: { ...clinic.credentials } });
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(JSON.stringify(answer.body)).not.toContain(clinic.accountKey);
    },
    30_000,
  );

  it('gives up on a provider that says nothing, in bounded time', async () => {
    running.sandbox.practicehub.addFaults([{ kind: 'hang' }]);
    const started = Date.now();
    const answer = await clinic.activate();
    expect([answer.status, answer.body.code]).toEqual([504, 'provider_timeout']);
    expect(Date.now() - started).toBeLessThan(30_000);
  }, 45_000);

  it('shows the provider’s refusal at test, and writes nothing', async () => {
    const answer = await clinic.call('post', '/test', { credentials: { ...clinic.credentials, apiKey: CANARY } });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ valid: false, error: expect.any(String), reason: expect.any(String) });
    expect((await clinic.call('post', '/test', { credentials: clinic.credentials })).body).toEqual({ valid: true });
  });
});
