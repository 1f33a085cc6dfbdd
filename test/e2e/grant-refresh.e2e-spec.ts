import { setTimeout as sleep } from 'node:timers/promises';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { databaseDump, recordWrites } from '../support/dumps';
import { grantManifest, startGrantServer, type GrantServer } from '../support/grants';

jest.setTimeout(180_000);

const ACME = '/v2/integrations/acme';
const ROWS = 60;
/** A scan of twelve pages outlives the token of two seconds that it began with. */
const DELAY_MS = 220;

describe('a grant whose refresh tokens rotate', () => {
  let server: GrantServer;
  let running: TestApp;
  let clinic: Clinic;
  let refreshToken: string;
  const credentials = () => ({
    account: 'clinic',
    clientSecret: server.clientSecret,
    refreshToken,
    baseUrl: server.url,
  });
  const sync = async (fullResync = false) => {
    await clinic.call('post', `${ACME}/sync`, { fullResync }).expect(200);
    return clinic.settled();
  };
  const numberOf = async (text: string): Promise<number> => (await clinic.sql(`SELECT (${text})::int AS n`))[0]!['n'];
  const replacements = () => numberOf(`SELECT count(*) FROM audit_entries WHERE action = 'secret.replaced'`);
  const version = () =>
    numberOf(`SELECT credential_version FROM integrations WHERE merchant_id = '${clinic.merchantId}'`);

  beforeAll(async () => {
    server = await startGrantServer({ rows: ROWS, delayMs: DELAY_MS });
    running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true' } });
    const admin = await adminOf(running, 'admin');
    await admin('put', '/providers/acme/manifest', { manifest: grantManifest(), reason: 'ticket 4711' }).expect(200);
  });
  beforeEach(async () => {
    clinic = await makeClinic(running);
    refreshToken = await server.consent('clinic');
    await clinic.call('post', `${ACME}/activate`, { credentials: credentials() }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  });
  afterEach(() => server.faults({ lost: 0, failing: 0, refreshMs: 0 }));
  afterAll(async () => {
    await running?.close();
    await server?.stop();
  });

  it('is read past the end of its access tokens, run after run, with one audit entry for each refresh', async () => {
    const before = await server.counted();
    const audited = await replacements();
    await sleep(2_000);
    expect(await sync(true)).toBe('succeeded');
    expect(await sync(true)).toBe('succeeded');
    const after = await server.counted();
    const refreshes = after.refreshes - before.refreshes;
    expect(refreshes).toBeGreaterThanOrEqual(2);
    expect(after).toMatchObject({ refused: before.refused, ended: before.ended });
    expect((await replacements()) - audited).toBe(refreshes);
    // a refresh is no new version of the credentials
    expect(await version()).toBe(1);
    expect(await numberOf('SELECT count(*) FROM records')).toBe(ROWS);
  });

  it('says that the consent is to be given again when the answer to a refresh was lost', async () => {
    await sleep(2_000);
    await server.faults({ lost: 1 });
    expect(await sync()).toBe('failed');
    const { body: logs } = await clinic.call('get', `${ACME}/sync-logs?status=failed`).expect(200);
    expect(logs.data[0].errorCode).toBe('provider_error');
    // the old token is tried once more, which the provider takes for a theft
    expect(await sync()).toBe('failed');
    const { body } = await clinic.call('get', `${ACME}/sync-logs?status=failed`).expect(200);
    expect(body.data[0]).toMatchObject({
      errorCode: 'provider_credentials_rejected',
      error: expect.stringContaining('The answer to an earlier refresh was lost'),
    });
    // another consent goes on with what is there
    refreshToken = await server.consent('clinic');
    await clinic.call('put', `${ACME}/credentials`, { credentials: credentials() }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await version()).toBe(2);
  });

  it('is not used up by a test of credentials that are not stored', async () => {
    refreshToken = await server.consent('clinic');
    const before = await server.counted();
    const { body } = await clinic.call('post', `${ACME}/test`, { credentials: credentials() }).expect(400);
    expect(body.details.fields).toHaveProperty(['credentials.refreshToken']);
    await clinic.call('put', `${ACME}/credentials`, { credentials: credentials() }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    expect(await server.counted()).toMatchObject({ refused: before.refused, ended: before.ended });
  });

  it('goes on with the credentials that a rollback brings back during a run', async () => {
    const first = refreshToken;
    refreshToken = await server.consent('clinic');
    expect(refreshToken).not.toBe(first);
    await clinic.call('put', `${ACME}/credentials`, { credentials: credentials() }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    await clinic.call('post', `${ACME}/sync`, { fullResync: true }).expect(200);
    await sleep(700);
    await clinic.call('post', `${ACME}/credentials/rollback`).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    const { body } = await clinic.call('get', `${ACME}/sync-logs?status=failed`).expect(200);
    expect(body.data).toEqual([]);
  });

  it('outlives a provider that is down while it is to be refreshed', async () => {
    await sleep(2_000);
    await server.faults({ failing: 1 });
    expect(await sync()).toBe('failed');
    expect(await sync()).toBe('succeeded');
  });

  it('shows none of its tokens anywhere', async () => {
    const written = await recordWrites(running.config.database.url);
    await sleep(2_000);
    expect(await sync()).toBe('succeeded');
    const sinks = {
      logs: running.logs.join('\n'),
      database: await databaseDump(running.config.database.url),
      writes: await written(),
    };
    for (const [sink, text] of Object.entries(sinks)) {
      for (const secret of [refreshToken, server.clientSecret]) {
        for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]) {
          expect([sink, text.includes(form)]).toEqual([sink, false]);
        }
      }
    }
    expect(sinks.database).toContain('secret.replaced');
  });
});
