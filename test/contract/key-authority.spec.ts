import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { ApiKeyService } from '../../src/auth';
import { generateApiKey } from '../../src/auth/api-key-format';
import { MerchantService } from '../../src/merchants';
import { AppLogger } from '../../src/platform/logging';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { addressOf, throughPort } from '../support/server-address';
import { openTcpGate } from '../support/tcp-gate';
import { UnkeyStandIn, type UnkeyKey } from '../support/unkey-stand-in';
import { keyAuthorityContract, ThingsController } from './key-authority';

// the client reads it once, when it is first loaded
process.env['UNKEY_DEBUG'] = 'true';
const spies = (['log', 'group'] as const).map((name) => jest.spyOn(console, name).mockImplementation());

const UNLIMITED = { RATE_LIMIT_LIVE_PER_MINUTE: '0', RATE_LIMIT_SANDBOX_PER_MINUTE: '0' };

function logInto(logs: string[]): AppLogger {
  return new AppLogger({
    level: 'trace',
    destination: { write: (line) => void logs.push(line) },
  });
}

async function twoApps(databaseUrl: string, env: Record<string, string>, logs: string[]) {
  const parts = { controllers: [ThingsController], env, listen: true, logger: logInto(logs) };
  return [await createAuthApp(databaseUrl, parts), await createAuthApp(databaseUrl, parts)] as const;
}

keyAuthorityContract('own keys', async () => {
  const database = await migratedDatabase();
  const gate = await openTcpGate(addressOf(database.url));
  const gated = throughPort(database.url, gate.port);
  const logs: string[] = [];
  const apps = await twoApps(gated, UNLIMITED, logs);
  const service = apps[0].get(ApiKeyService);
  const merchant = await apps[0].get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' });
  const ids = new Map<string, string>();
  return {
    apps,
    merchantId: merchant.id,
    issue: async ({ environment, scopes, expiresAt }) => {
      const made = await service.create({ merchantId: merchant.id, environment, name: 'test', scopes, expiresAt });
      ids.set(made.key.reveal(), made.apiKey.id);
      return made.key.reveal();
    },
    revoke: async (key) => void (await service.revoke(ids.get(key)!)),
    neverIssued: generateApiKey('live').key,
    gate,
    logs,
    secrets: [new URL(gated).password].filter((password) => password.length > 0),
    stop: async () => {
      for (const app of apps) await app.close();
      await gate.stop();
      await database.drop();
    },
  };
});

keyAuthorityContract('Unkey', async () => {
  const database = await migratedDatabase();
  const unkey = await UnkeyStandIn.start();
  const gate = await openTcpGate({ host: '127.0.0.1', port: unkey.port });
  const logs: string[] = [];
  const env = { ...UNLIMITED, UNKEY_ROOT_KEY: unkey.rootKey, UNKEY_BASE_URL: `http://127.0.0.1:${gate.port}` };
  const apps = await twoApps(database.url, env, logs);
  const merchant = await apps[0].get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' });
  return {
    apps,
    merchantId: merchant.id,
    issue: async ({ environment, scopes, expiresAt }) =>
      unkey.createKey(`rk_${environment}`, {
        permissions: scopes,
        externalId: merchant.id,
        expires: expiresAt?.getTime(),
      }),
    revoke: async (key) => unkey.deleteKey(key),
    neverIssued: 'rk_live_8Ffz4s6K2mQvTq3nBzVxYh',
    gate,
    logs,
    secrets: [unkey.rootKey],
    stop: async () => {
      for (const app of apps) await app.close();
      await gate.stop();
      await unkey.stop();
      await database.drop();
    },
  };
});

describe('Unkey', () => {
  let unkey: UnkeyStandIn;
  let database: Awaited<ReturnType<typeof migratedDatabase>>;
  let app: NestExpressApplication;
  let merchantId: string;
  const logs: string[] = [];
  const appWith = (env: Record<string, string> = {}): Promise<NestExpressApplication> =>
    createAuthApp(database.url, {
      controllers: [ThingsController],
      env: {
        ...UNLIMITED,
        UNKEY_ROOT_KEY: unkey.rootKey,
        UNKEY_BASE_URL: `http://127.0.0.1:${unkey.port}`,
        UNKEY_CACHE_MS: '60000',
        ...env,
      },
      listen: true,
      logger: logInto(logs),
    });

  beforeAll(async () => {
    unkey = await UnkeyStandIn.start();
    database = await migratedDatabase();
    app = await appWith();
    merchantId = (await app.get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' })).id;
  }, 60_000);
  afterAll(async () => {
    await app?.close();
    await database?.drop();
    await unkey?.stop();
  });
  afterEach(() => {
    unkey.fault = null;
  });

  const key = (settings: Partial<UnkeyKey> = {}, prefix = 'rk_sandbox'): string =>
    unkey.createKey(prefix, { permissions: ['integrations:*'], externalId: merchantId, ...settings });
  const get = (of: string, at = app) => request(at.getHttpServer()).get('/v2/things').set('x-api-key', of);

  it.each<[string, () => Partial<UnkeyKey>, number]>([
    ['VALID', () => ({}), 200],
    ['DISABLED', () => ({ enabled: false }), 401],
    ['EXPIRED', () => ({ expires: Date.now() - 1 }), 401],
    ['FORBIDDEN', () => ({ addressRefused: true }), 403],
    ['INSUFFICIENT_PERMISSIONS', () => ({ permissions: ['documents.read'] }), 403],
    ['USAGE_EXCEEDED', () => ({ credits: 0 }), 403],
    ['RATE_LIMITED', () => ({ ratelimit: { limit: 0, durationMs: 1_000 } }), 429],
  ])('%s', async (_code, settings, status) => {
    expect((await get(key(settings()))).status).toBe(status);
  });

  it('NOT_FOUND', async () => {
    expect((await get('rk_live_8Ffz4s6K2mQvTq3nBzVxYh')).status).toBe(401);
  });

  it('a code of tomorrow, or one that goes against `valid`, lets nobody in', async () => {
    unkey.fault = 'unknown_code';
    expect((await get(key())).status).toBe(401);
    expect((await get(key({ enabled: false }))).status).toBe(401);
  });

  it('its limit is answered 429 with our headers, until it resets', async () => {
    const limited = key({ ratelimit: { limit: 1, durationMs: 1_500 } });
    const other = await appWith({ UNKEY_CACHE_MS: '0' });
    try {
      await get(limited, other).expect(200);
      const refused = await get(limited, other);
      expect([refused.status, refused.body.code, refused.body.nextAction]).toEqual([429, 'rate_limited', 'wait']);
      expect(refused.headers).toMatchObject({ 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0' });
      const reset = Number(refused.headers['x-ratelimit-reset']);
      expect(reset * 1000).toBeGreaterThan(Date.now());
      expect(reset * 1000).toBeLessThan(Date.now() + 3_000);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      // also where verdicts are kept for a minute
      expect((await get(limited)).status).toBe(429);
      await eventually(() => get(limited).expect(200));
    } finally {
      await other.close();
    }
  });

  it('our own limit holds beside it', async () => {
    const other = await appWith({ RATE_LIMIT_SANDBOX_PER_MINUTE: '100' });
    try {
      expect((await get(key(), other)).headers).toMatchObject({ 'x-ratelimit-limit': '200' });
    } finally {
      await other.close();
    }
  });

  it('the merchant may stand in the meta; two that differ, none, or a stranger are refused and logged', async () => {
    expect((await get(key({ externalId: undefined, meta: { merchantId } }))).status).toBe(200);
    expect((await get(key({ meta: { merchantId } }))).status).toBe(200);
    const stranger = '7d1c53b4-7a5b-4a2e-9d54-7d7ee2b1b0aa';
    for (const settings of [
      { externalId: undefined },
      { externalId: 'user_123' },
      { externalId: undefined, meta: { merchantId: 7 } },
      { meta: { merchantId: stranger } },
      { externalId: stranger },
    ]) {
      expect((await get(key(settings))).status).toBe(401);
    }
    expect(logs.join('')).toMatch(/an Unkey key is refused: it names no merchant, or two.*"keyId":"key_/);
  });

  it('the meta may repeat the environment of the prefix, not contradict it', async () => {
    expect((await get(key({ meta: { environment: 'live' } }, 'rk_live'))).body.environment).toBe('live');
    expect((await get(key({ meta: { environment: 'live' } }, 'rk_sandbox'))).status).toBe(401);
    // a key with another prefix is not asked for
    const foreign = key({}, 'sk_live');
    expect((await get(foreign)).status).toBe(401);
    expect(unkey.asked).not.toContain(foreign);
  });

  it.each(['error_500', 'too_many_requests', 'hang', 'garbage', 'huge'] as const)('%s: 503', async (fault) => {
    unkey.fault = fault;
    const asked = key();
    const answer = await get(asked);
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
    unkey.fault = null;
    // a failure is not kept
    await get(asked).expect(200);
  });

  it('does not follow a redirect with the keys that it carries', async () => {
    const thief = await UnkeyStandIn.start();
    try {
      unkey.elsewhere = `http://127.0.0.1:${thief.port}`;
      unkey.fault = 'redirect';
      expect((await get(key())).status).toBe(503);
      expect(thief.calls).toBe(0);
    } finally {
      await thief.stop();
    }
  });

  it('a root key that is not accepted: 503, and the log says what to mend', async () => {
    const other = await appWith({ UNKEY_ROOT_KEY: 'unkey_wrong_one' });
    try {
      expect((await get(key(), other)).status).toBe(503);
      expect(logs.join('')).toContain('Unkey answered 401: UNKEY_ROOT_KEY is not accepted');
      expect(logs.join('')).not.toContain('unkey_wrong_one');
    } finally {
      await other.close();
    }
  });

  it('asks once for a verdict that it may believe, however many ask at once; each time when told so', async () => {
    const asked = (of: string): number => unkey.asked.filter((each) => each === of).length;
    const kept = key();
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(kept)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await get(kept).expect(200);
    expect(asked(kept)).toBe(1);
    const other = await appWith({ UNKEY_CACHE_MS: '0' });
    try {
      const unkept = key();
      for (let i = 0; i < 3; i++) await get(unkept, other).expect(200);
      expect(asked(unkept)).toBe(3);
    } finally {
      await other.close();
    }
  });

  it('keys are not made, listed or revoked here, and that is said', async () => {
    const service = app.get(ApiKeyService);
    const refusal = { code: 'unprocessable_entity', message: expect.stringContaining('in Unkey') };
    const order = { merchantId, environment: 'live', name: 'x', scopes: [] } as const;
    for (const act of [
      service.create(order),
      service.list(merchantId),
      service.revoke(merchantId),
      service.rotate(merchantId, { overlapSeconds: 0 }),
    ]) {
      await expect(act).rejects.toMatchObject(refusal);
    }
  });

  it('UNKEY_DEBUG prints nothing', async () => {
    await get(key()).expect(200);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });
});
