import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { StoredGrants, type StoredGrant } from '../../src/integrations/stored-grants';
import { UnitOfWork } from '../../src/platform/database';
import { ProviderFailure, type Verdict } from '../../src/platform/outbound';
import type { ProviderCredentials, RefreshedGrant } from '../../src/providers';
import { PlaintextSecret, Vault, type SealContext } from '../../src/vault';
import { openContext } from '../support/context';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { statement } from '../support/statements';
import { temporaryFolder } from './vault-context';

const FIRST: ProviderCredentials = { baseUrl: 'https://api.acme.example', refreshToken: 'r0' };
const LIFE_MS = 3_600_000;

describe('the tokens of a stored grant', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let apps: INestApplicationContext[];
  let context: SealContext;
  let credentialId: string;
  /** Refresh tokens in the order in which the provider was asked. */
  let sent: string[];
  let answers: ((refreshToken: string) => RefreshedGrant | Promise<RefreshedGrant>)[];

  const open = () => openContext({ NODE_ENV: 'test', DATABASE_URL: database.url, DATA_DIR: folder.path });
  const next = (refreshToken: string): RefreshedGrant => {
    const number = Number(refreshToken.slice(1)) + 1;
    return { accessToken: `a${number}`, refreshToken: `r${number}`, lifeMs: LIFE_MS };
  };
  const fails =
    (verdict: Verdict, more: { nothingSent?: boolean } = {}) =>
    () => {
      throw new ProviderFailure(verdict, `It is ${verdict}.`, more);
    };
  const read = async (app = apps[0]!): Promise<ProviderCredentials> =>
    JSON.parse((await app.get(Vault, { strict: false }).open(credentialId, context, { purpose: 'test' })).reveal());
  const grantIn = (app = apps[0]!, more: Partial<StoredGrant> = {}): StoredGrant => ({
    ...{ credentialId, context, credentials: FIRST, signal: new AbortController().signal },
    read: () => read(app),
    refresh: async ({ refreshToken }, mayDispatch) => {
      const answer = answers.shift() ?? next;
      // what fails before it is sent is not sent
      if (answer.name !== 'unsent') mayDispatch();
      sent.push(refreshToken!);
      return answer(refreshToken!);
    },
    ...more,
  });
  const tokenOf = (grant: StoredGrant, refused: string | null = null, app = apps[0]!): Promise<string> =>
    app.get(StoredGrants, { strict: false }).accessToken(grant, refused);
  const row = async () =>
    (await statement(database.url, 'SELECT * FROM grant_refreshes WHERE credential_id = $1', [credentialId]))[0] as any;

  beforeAll(async () => {
    database = await migratedDatabase();
    folder = await temporaryFolder();
    apps = [await open(), await open()];
  }, 60_000);
  afterAll(async () => {
    for (const app of apps ?? []) await app.close();
    await database?.drop();
    await folder?.remove();
  });
  beforeEach(async () => {
    [sent, answers] = [[], []];
    context = { purpose: 'test', ownerId: randomUUID() } as unknown as SealContext;
    const plaintext = PlaintextSecret.fromString(JSON.stringify(FIRST));
    const [app] = apps as [INestApplicationContext];
    credentialId = await app
      .get(UnitOfWork, { strict: false })
      .run((tx) => app.get(Vault, { strict: false }).seal(tx, context, plaintext));
  });

  it('are refreshed once for all who need them, in all processes', async () => {
    answers.push((token) => sleep(300).then(() => next(token)));
    const tokens = await Promise.all(apps.flatMap((app) => [1, 2, 3].map(() => tokenOf(grantIn(app), null, app))));
    expect([new Set(tokens), sent]).toEqual([new Set(['a1']), ['r0']]);
    expect(await read()).toMatchObject({ accessToken: 'a1', refreshToken: 'r1' });
  });

  it('are asked for by nobody who has one that serves', async () => {
    const grant = grantIn();
    await tokenOf(grant);
    const { fence } = await row();
    for (let call = 0; call < 5; call++) expect(await tokenOf(grant)).toBe('a1');
    // who comes later finds it stored, without the lease
    expect(await tokenOf(grantIn())).toBe('a1');
    expect((await row()).fence).toBe(fence);
  });

  it('are refreshed once where the provider gives the one again that it has refused', async () => {
    await tokenOf(grantIn());
    answers.push((token) => ({ ...next(token), accessToken: 'a1' }));
    expect(await tokenOf(grantIn(), 'a1')).toBe('a1');
    expect(sent).toEqual(['r0', 'r1']);
  });

  it('are not asked for by whoever is broken off, and those who are go on', async () => {
    const { signal } = Object.assign(new AbortController(), {});
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(tokenOf(grantIn(apps[0], { signal: stopped }))).rejects.toThrow('stopped');
    expect(sent).toEqual([]);
    const ends = new AbortController();
    answers.push((token) => sleep(300).then(() => next(token)));
    const asking = tokenOf(grantIn(apps[0], { signal: ends.signal }));
    await sleep(100);
    ends.abort(new Error('broken off'));
    await expect(asking).rejects.toThrow('broken off');
    expect(await tokenOf(grantIn(apps[0], { signal }))).toBe('a1');
    expect(sent).toEqual(['r0']);
  });

  it('do not fail for one because of what only another has lost', async () => {
    const failing = grantIn(apps[0], {
      read: async () => {
        await sleep(200);
        throw new Error('its run has lost its lease');
      },
    });
    const [one, other] = await Promise.allSettled([tokenOf(failing), sleep(50).then(() => tokenOf(grantIn()))]);
    expect([one.status, other]).toEqual(['rejected', { status: 'fulfilled', value: 'a1' }]);
  });

  it('keep the new refresh token of an answer whose access token cannot be used', async () => {
    const failure = new ProviderFailure('contract', 'It has no token.');
    answers.push((token) => ({ ...next(token), accessToken: failure }));
    await expect(tokenOf(grantIn())).rejects.toBe(failure);
    expect(await tokenOf(grantIn())).toBe('a2');
    expect(sent).toEqual(['r0', 'r1']);
  });

  it('tell of a lost answer for as long as nothing else came of it', async () => {
    const unsent = fails('network', { nothingSent: true });
    Object.defineProperty(unsent, 'name', { value: 'unsent' });
    answers.push(fails('network'), unsent, fails('rate_limited'), fails('auth'), fails('auth'), next, fails('auth'));
    const told: string[] = [];
    const refused = [null, null, null, null, null, null, 'a1'];
    for (const token of refused) await tokenOf(grantIn(), token).catch((error: Error) => told.push(error.message));
    expect(told).toEqual([
      'It is network.',
      'It is network.',
      'It is rate_limited.',
      expect.stringContaining('The answer to an earlier refresh was lost'),
      expect.stringContaining('The answer to an earlier refresh was lost'),
      'It is auth.',
    ]);
    expect(await row()).toMatchObject({ asked_at: null, lease_until: null });
  });

  it('are not asked for by a process that was held up for too long', async () => {
    const later = performance.now() + 20_000;
    const slow = grantIn(apps[0], {
      refresh: async (_, mayDispatch) => {
        const clock = jest.spyOn(performance, 'now').mockReturnValue(later);
        try {
          mayDispatch();
        } finally {
          clock.mockRestore();
        }
        throw new Error('it was sent');
      },
    });
    await expect(tokenOf(slow)).rejects.toMatchObject({ verdict: 'network', nothingSent: true });
    expect(await tokenOf(grantIn())).toBe('a1');
  });

  it('are given up at once where their credential is destroyed while they are refreshed', async () => {
    const [app] = apps as [INestApplicationContext];
    answers.push(async (token) => {
      const vault = app.get(Vault, { strict: false });
      await app.get(UnitOfWork, { strict: false }).run((tx) => vault.destroy(tx, credentialId));
      return next(token);
    });
    await expect(tokenOf(grantIn())).rejects.toMatchObject({ reason: 'secret_destroyed' });
  });

  it('are stored when the process is told to stop while they are refreshed', async () => {
    const stopping = await open();
    answers.push((token) => sleep(2_000).then(() => next(token)));
    const asking = tokenOf(grantIn(stopping), null, stopping);
    await sleep(300);
    await Promise.all([stopping.close(), asking]);
    expect(await read()).toMatchObject({ accessToken: 'a1', refreshToken: 'r1' });
  }, 30_000);
});
