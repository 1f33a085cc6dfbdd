import { randomBytes } from 'node:crypto';
import { SigningKeys } from '../../src/auth/signing-keys';
import { credentialContext } from '../../src/integrations';
import { CredentialExpiry } from '../../src/lifecycle/credential-expiry';
import { UnitOfWork } from '../../src/platform/database';
import { Retention } from '../../src/platform/retention';
import { ProviderRegistry } from '../../src/providers';
import { PlaintextSecret, Vault } from '../../src/vault';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';

describe('blue/green credentials', () => {
  let running: TestApp;
  let clinic: Clinic;

  beforeAll(async () => {
    running = await startTestApp();
  }, 60_000);
  afterAll(() => running?.close());
  beforeEach(async () => {
    clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  });
  afterEach(() => jest.restoreAllMocks());

  /** Another key that the provider knows. */
  const another = (): Clinic['credentials'] => {
    const apiKey = `acct-${randomBytes(8).toString('hex')}`;
    running.sandbox.practicehub.addAccount({ apiKey, sizes: { patients: 5, '*': 0 }, settings: { ratePerSecond: 0 } });
    return { ...clinic.credentials, apiKey };
  };
  const replace = (credentials: object) => clinic.call('put', '/credentials', { credentials });
  const rollback = () => clinic.call('post', '/credentials/rollback');
  const integration = async () =>
    (await clinic.sql('SELECT * FROM integrations WHERE merchant_id = $1', [clinic.merchantId]))[0]!;
  const secrets = () =>
    clinic.sql<{ id: string; live: boolean; shredded: boolean }>(
      `SELECT id, destroyed_at IS NULL AS live, wrapped_key IS NULL AS shredded FROM sealed_secrets
       WHERE context->>'merchant_id' = $1::text ORDER BY created_at`,
      [clinic.merchantId],
    );
  const acts = async (action: string) =>
    clinic.sql('SELECT * FROM audit_entries WHERE merchant_id = $1 AND action = $2', [clinic.merchantId, action]);
  /** What each provider call of a sync was made with, from now on. */
  const keysUsed = (): string[] => {
    const used: string[] = [];
    for (const stream of running.app.get(ProviderRegistry, { strict: false }).get('practicehub').adapter.streams) {
      const fetchPage = stream.fetchPage.bind(stream);
      jest.spyOn(stream, 'fetchPage').mockImplementation((call, page) => {
        used.push(call.credentials.apiKey!);
        return fetchPage(call, page);
      });
    }
    return used;
  };

  it('swaps in a tested credential at once and keeps the old one sealed for the rollback window', async () => {
    const before = await integration();
    const next = another();
    const { data } = (await replace(next).expect(200)).body;
    expect(data.version).toBe(before['credential_version'] + 1);
    expect(Date.parse(data.rollbackUntil) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const after = await integration();
    expect(after['credential_id']).not.toBe(before['credential_id']);
    expect(after['previous_credential_id']).toBe(before['credential_id']);
    expect((await secrets()).map(({ live }) => live)).toEqual([true, true]);
    await clinic.settled();
    const used = keysUsed();
    expect(await clinic.sync()).toBe('succeeded');
    expect(new Set(used)).toEqual(new Set([next.apiKey]));
    expect(await acts('credential.replaced')).toHaveLength(1);
  });

  it('leaves the integration untouched when the new credential is wrong', async () => {
    const [before, sealed] = [await integration(), await secrets()];
    const answer = await replace({ ...clinic.credentials, apiKey: 'wrong' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.code).toBe('provider_credentials_rejected');
    expect(await integration()).toEqual(before);
    expect(await secrets()).toEqual(sealed);
    expect(await clinic.sync()).toBe('succeeded');
  });

  it('goes back to the old one, shreds the new one, and goes back only once', async () => {
    const before = await integration();
    await replace(another()).expect(200);
    await clinic.settled();
    await rollback().expect(200);
    expect(await integration()).toMatchObject({
      credential_id: before['credential_id'],
      previous_credential_id: null,
      rollback_until: null,
    });
    expect((await secrets()).map(({ live, shredded }) => [live, shredded])).toEqual([
      [true, false],
      [false, true],
    ]);
    await clinic.settled();
    const used = keysUsed();
    expect(await clinic.sync()).toBe('succeeded');
    expect(new Set(used)).toEqual(new Set([clinic.accountKey]));
    expect((await rollback()).status).toBe(409);
    expect(await acts('secret.destroyed')).toHaveLength(1);
  });

  it('shreds the one before the last as soon as a third one comes', async () => {
    await replace(another()).expect(200);
    await clinic.settled();
    await replace(another()).expect(200);
    expect((await secrets()).map(({ live, shredded }) => [live, shredded])).toEqual([
      [false, true],
      [true, false],
      [true, false],
    ]);
  });

  it('shreds the old one when the window has passed, and then there is nothing to go back to', async () => {
    await replace(another()).expect(200);
    await clinic.settled();
    const expiry = running.app.get(CredentialExpiry, { strict: false });
    await expiry.tick();
    expect((await secrets()).map(({ live }) => live)).toEqual([true, true]);
    await clinic.sql(`UPDATE integrations SET rollback_until = now() - interval '1 second' WHERE merchant_id = $1`, [
      clinic.merchantId,
    ]);
    // before anything has tidied up
    expect((await rollback()).status).toBe(409);
    await expiry.tick();
    expect((await secrets()).map(({ live, shredded }) => [live, shredded])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(await integration()).toMatchObject({ previous_credential_id: null, rollback_until: null });
    expect(await acts('secret.destroyed')).toHaveLength(1);
    expect((await rollback()).status).toBe(409);
    expect(await clinic.sync()).toBe('succeeded');
  });

  it('shreds both when the integration is deactivated', async () => {
    await replace(another()).expect(200);
    await clinic.settled();
    await clinic.call('post', '/deactivate').expect(200);
    expect((await secrets()).map(({ live, shredded }) => [live, shredded])).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  it('has the rows of what was shredded long ago removed by a worker, those of signing keys too', async () => {
    await replace(another()).expect(200);
    await clinic.settled();
    await clinic.call('post', '/deactivate').expect(200);
    const signing = running.app.get(SigningKeys, { strict: false });
    const [first, second] = [(await signing.rotate()).kid, (await signing.rotate()).kid];
    await clinic.sql(
      `UPDATE sealed_secrets SET destroyed_at = now() - interval '31 days' WHERE destroyed_at IS NOT NULL`,
    );
    expect(await running.app.get(Retention, { strict: false }).tick()).toBe(false);
    expect(await secrets()).toEqual([]);
    const keys = await clinic.sql(
      'SELECT kid, secret_id IS NULL AS purged FROM signing_keys WHERE kid = ANY ($1::uuid[])',
      [[first, second]],
    );
    expect(Object.fromEntries(keys.map((key) => [key['kid'], key['purged']]))).toEqual({
      [first]: true,
      [second]: false,
    });
    // and a key whose private part is gone can still be withdrawn
    await signing.withdraw(first);
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  });

  it('does not quote a stored credential that cannot be read', async () => {
    const canary = `canary-${randomBytes(8).toString('hex')}`;
    const { id, merchant_id: merchantId, environment, provider } = await integration();
    const vault = running.app.get(Vault, { strict: false });
    const context = credentialContext({ id, merchantId, environment, provider });
    const prepared = await vault.prepare(context, PlaintextSecret.fromString(canary));
    const secretId = await running.app.get(UnitOfWork, { strict: false }).run((tx) => vault.store(tx, prepared));
    await clinic.sql('UPDATE integrations SET credential_id = $2 WHERE merchant_id = $1', [
      clinic.merchantId,
      secretId,
    ]);
    expect(await clinic.sync()).toBe('failed');
    const told = running.logs.filter((line) => line.includes(id)).join('\n');
    expect(told).toContain('the stored credential is not what this version writes');
    expect(told).not.toContain(canary);
    // nor any longer part of it: an excerpt would do
    expect(told).not.toContain(canary.slice(0, 12));
  });

  it('lets a running sync end with the version it began with', async () => {
    const used = keysUsed();
    const [first] = running.app.get(ProviderRegistry, { strict: false }).get('practicehub').adapter.streams;
    const through = first!.fetchPage.bind(first);
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const held = jest.spyOn(first!, 'fetchPage').mockImplementationOnce(async (call, page) => {
      await gate;
      return through(call, page);
    });
    await clinic.call('post', '/sync', { fullResync: true }).expect(200);
    await eventually(() => expect(held).toHaveBeenCalled());
    const [run] = await clinic.sql(
      `SELECT r.id FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
       WHERE i.merchant_id = $1 AND r.state = 'running'`,
      [clinic.merchantId],
    );
    const next = another();
    await replace(next).expect(200);
    letGo();
    expect(await clinic.settled()).toBe('succeeded');
    const [ended] = await clinic.sql('SELECT state FROM sync_runs WHERE id = $1', [run!['id']]);
    expect(ended).toEqual({ state: 'succeeded' });
    // one version to its end, then the other
    const change = used.indexOf(next.apiKey);
    const [before, after] = change === -1 ? [used, []] : [used.slice(0, change), used.slice(change)];
    expect(before.length).toBeGreaterThan(1);
    expect(new Set(before)).toEqual(new Set([clinic.accountKey]));
    expect(after.every((key) => key === next.apiKey)).toBe(true);
    used.length = 0;
    expect(await clinic.sync()).toBe('succeeded');
    expect(new Set(used)).toEqual(new Set([next.apiKey]));
  });
});
