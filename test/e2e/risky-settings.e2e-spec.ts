import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';

describe('settings that are a risk in production', () => {
  let running: TestApp;
  beforeAll(async () => {
    running = await startTestApp({
      environment: {
        NODE_ENV: 'production',
        ROLE: 'api',
        KMS_KEY_ID: 'local',
        OUTBOUND_ALLOW_PRIVATE: 'true',
        TRUST_PROXY: 'true',
        EXCHANGE_LIMIT_PER_ADDRESS: '300',
        RATE_LIMIT_LIVE_PER_MINUTE: '1000',
        RATE_LIMIT_SANDBOX_PER_MINUTE: '100',
        REDIS_URL: undefined,
      },
    });
  }, 60_000);
  afterAll(async () => running?.close());

  it("stand in the console's overview, and do not decide its headline", async () => {
    const { body } = await (await adminOf(running, 'viewer'))('get', '/overview').expect(200);
    const risky = (body.data.findings as { code: string; title: string; severity: string; next: string }[]).filter(
      ({ code }) => code === 'risky_setting',
    );
    expect(risky.map(({ title }) => title.split(':')[0])).toEqual([
      'KMS_KEY_ID',
      'SANDBOX_PROVIDERS',
      'OUTBOUND_ALLOW_PRIVATE',
      'TRUST_PROXY',
    ]);
    for (const { severity, next } of risky) expect([severity, next]).toEqual(['info', expect.stringMatching(/\S/)]);
    expect(body.data.headline).toMatchObject({ level: 'ok' });
  });
});
