import { randomUUID } from 'node:crypto';
import { IntegrationRepository, type Integration } from '../../src/integrations';
import { ClaimRepository } from '../../src/integrations/store/claim.repository';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { lockWaits } from '../support/lock-waits';

const DAY_MS = 86_400_000;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);

describe('the row of an integration', () => {
  let running: TestApp;
  let clinic: Clinic;
  let integrations: IntegrationRepository;
  let mine: Integration;
  let others: Integration;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    integrations = running.app.get(IntegrationRepository);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    others = await activated(await makeClinic(running));
    clinic = await makeClinic(running);
    mine = await activated(clinic);
  });

  const activated = async (of: Clinic) => found((await of.activate().expect(200)).body.data.id);
  const found = async (id = mine.id) => (await integrations.findById(id))!;
  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const swapTo = (credentialId: string, rollbackWindowMs: number | null, credentialExpiresAt: Date | null = null) =>
    inTransaction((tx) =>
      integrations.swapCredential(tx, mine.id, {
        credentialId,
        credentialExpiresAt,
        accountId: 'another account',
        epoch: 2,
        configuration: { credentialHint: 'abcd' },
        previousCredentialId: mine.credentialId,
        previousConfiguration: {
          baseUrl: mine.configuration.baseUrl,
          credentialHint: mine.configuration.credentialHint,
        },
        previousAccountId: mine.accountId,
        previousCredentialExpiresAt: mine.credentialExpiresAt,
        rollbackWindowMs,
      }),
    );

  it('keeps the former credential for the time in which it may come back, and no longer', async () => {
    const before = Date.now();
    const [end, formerEnd] = [inDays(90), inDays(3)];
    await clinic.sql('UPDATE integrations SET credential_expires_at = $2 WHERE id = $1', [mine.id, formerEnd]);
    mine = await found();
    await swapTo(others.credentialId!, DAY_MS, end);
    const swapped = await found();
    expect(swapped).toEqual({
      ...mine,
      credentialId: others.credentialId,
      credentialVersion: mine.credentialVersion + 1,
      credentialExpiresAt: end,
      accountId: 'another account',
      epoch: 2,
      configuration: { ...mine.configuration, credentialHint: 'abcd' },
      previousCredentialId: mine.credentialId,
      previousConfiguration: { baseUrl: mine.configuration.baseUrl, credentialHint: mine.configuration.credentialHint },
      previousAccountId: mine.accountId,
      previousCredentialExpiresAt: formerEnd,
      rollbackUntil: expect.any(Date),
      updatedAt: expect.any(Date),
    });
    expect(Math.abs(swapped.rollbackUntil!.getTime() - before - DAY_MS)).toBeLessThan(60_000);
    const expired = () => inTransaction((tx) => integrations.takeExpiredPrevious(tx, 10));
    expect(await expired()).toEqual([]);
    await clinic.sql(`UPDATE integrations SET rollback_until = now() - interval '1 second' WHERE id = $1`, [mine.id]);
    expect(await expired()).toEqual([{ id: mine.id, secretId: mine.credentialId }]);
    expect(await found()).toEqual({
      ...swapped,
      previousCredentialId: null,
      previousConfiguration: null,
      previousAccountId: null,
      previousCredentialExpiresAt: null,
      rollbackUntil: null,
      updatedAt: expect.any(Date),
    });
    expect(await expired()).toEqual([]);
    await swapTo(mine.credentialId!, null);
    expect(await found()).toMatchObject({ rollbackUntil: null });
    expect(await found(others.id)).toEqual(others);
  });

  it('gives up a former credential once, and waits for nobody who holds it', async () => {
    await swapTo(others.credentialId!, DAY_MS);
    await clinic.sql(`UPDATE integrations SET rollback_until = now() WHERE id = $1`, [mine.id]);
    await inTransaction(async (tx) => {
      await integrations.lock(tx, mine.id);
      expect(await inTransaction((another) => integrations.takeExpiredPrevious(another, 10))).toEqual([]);
    });
    expect(await inTransaction((tx) => integrations.takeExpiredPrevious(tx, 10))).toHaveLength(1);
  });

  it('loses its credentials when it is deactivated, and is the same one when it is activated again', async () => {
    await swapTo(others.credentialId!, DAY_MS, inDays(3));
    const swapped = await found();
    await inTransaction((tx) => integrations.deactivate(tx, mine.id, true));
    const none = {
      credentialExpiresAt: null,
      previousCredentialExpiresAt: null,
      previousCredentialId: null,
      previousConfiguration: null,
      previousAccountId: null,
      rollbackUntil: null,
    };
    const inactive = { ...swapped, ...none, state: 'inactive', deactivatedAt: expect.any(Date) };
    expect(await found()).toEqual({ ...inactive, updatedAt: expect.any(Date) });
    await inTransaction((tx) => integrations.deactivate(tx, mine.id, false));
    expect(await found()).toMatchObject({ credentialId: null });
    const { merchantId, environment, provider } = mine;
    const configuration = { ...mine.configuration, syncIntervalMinutes: 77 };
    const credentialId = others.credentialId!;
    const again = {
      configuration,
      syncEnabled: false,
      accountId: 'a third',
      epoch: 3,
      credentialId,
      credentialExpiresAt: inDays(9),
    };
    const activatedByRequest = randomUUID();
    await swapTo(mine.credentialId!, DAY_MS, inDays(3));
    await inTransaction((tx) =>
      integrations.activate(tx, { id: randomUUID(), merchantId, environment, provider, ...again, activatedByRequest }),
    );
    const active = await found();
    expect(active).toEqual({
      ...mine,
      ...none,
      ...again,
      state: 'active',
      credentialVersion: mine.credentialVersion + 3,
      activatedByRequest,
      activatedAt: expect.any(Date),
      updatedAt: expect.any(Date),
    });
    expect(active.activatedAt.getTime()).toBeGreaterThan(mine.activatedAt.getTime());
    expect(await found(others.id)).toEqual(others);
  });

  it('changes alone, and in what is said', async () => {
    await inTransaction((tx) => integrations.configure(tx, mine.id, { currency: 'EUR' }));
    await inTransaction((tx) => integrations.setSyncEnabled(tx, mine.id, false));
    expect(await found()).toEqual({
      ...mine,
      configuration: { ...mine.configuration, currency: 'EUR' },
      syncEnabled: false,
      updatedAt: expect.any(Date),
    });
    expect(await found(others.id)).toEqual(others);
  });

  it('is found by the whole of its key', async () => {
    const { merchantId, environment, provider } = mine;
    const key = { merchantId, environment, provider };
    const lookups = [
      (of: typeof key) => integrations.findByKey(of),
      (of: typeof key) => inTransaction((tx) => integrations.lockByKey(tx, of)),
    ];
    for (const find of lookups) {
      expect(await find(key)).toEqual(mine);
      expect(await find({ ...key, merchantId: randomUUID() })).toBeNull();
      expect(await find({ ...key, environment: 'live' })).toBeNull();
      expect(await find({ ...key, provider: 'wodify' })).toBeNull();
    }
  });

  describe('its claim', () => {
    const claims = () => running.app.get(ClaimRepository, { strict: false });
    const key = () => ({ merchantId: mine.merchantId, environment: mine.environment, provider: mine.provider });
    const claim = (of = key(), requestId: string | null = null) =>
      inTransaction((tx) => claims().claim(tx, of, requestId));
    const release = (token: string, of = key()) => inTransaction((tx) => claims().release(tx, of, token));
    const isHeld = (of = key()) => inTransaction((tx) => claims().isHeld(tx, of));
    const lapse = () =>
      clinic.sql(`UPDATE integration_claims SET expires_at = now() WHERE merchant_id = $1`, [mine.merchantId]);

    it('is of one call for a minute at most, and of no other integration', async () => {
      const token = (await claim())!;
      expect([await claim(), await isHeld()]).toEqual([null, true]);
      const elsewhere = [
        { ...key(), merchantId: others.merchantId },
        { ...key(), environment: 'live' as const },
        { ...key(), provider: 'wodify' as const },
      ];
      for (const other of elsewhere) expect([await isHeld(other), await release(token, other)]).toEqual([false, false]);
      const [{ left }] = (await clinic.sql(
        `SELECT extract(epoch FROM expires_at - now())::float8 AS left FROM integration_claims WHERE merchant_id = $1`,
        [mine.merchantId],
      )) as [{ left: number }];
      expect(left).toBeLessThanOrEqual(60);
      expect(await release(token)).toBe(true);
      expect([await isHeld(), await release(token)]).toEqual([false, false]);
    });

    it('that has lapsed is taken by another call, and no longer ended by the first', async () => {
      const first = (await claim())!;
      await lapse();
      expect(await isHeld()).toBe(false);
      const second = (await claim())!;
      expect(second).not.toBe(first);
      expect([await isHeld(), await claim(), await release(first)]).toEqual([true, null, false]);
      expect(await release(second)).toBe(true);
    });

    it('that an earlier try of one request has left is taken over by the next, and by no other request', async () => {
      const [request, another] = [randomUUID(), randomUUID()];
      const first = (await claim(key(), request))!;
      expect([await claim(key(), another), await claim(key(), null)]).toEqual([null, null]);
      const second = (await claim(key(), request))!;
      expect([second === first, await release(first), await release(second)]).toEqual([false, false, true]);
    });

    it('is had by one of two that ask at once', async () => {
      let second: Promise<string | null> | undefined;
      await inTransaction(async (tx) => {
        expect(await claims().claim(tx, key(), null)).not.toBeNull();
        second = claim();
        await lockWaits(clinic);
      });
      expect(await second).toBeNull();
    });
  });
});
