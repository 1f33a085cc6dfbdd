import { Controller, Delete, Get, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { ApiKeyService, Authenticated, CurrentMerchant, type CurrentMerchantScope } from '../../src/auth';
import { generateApiKey } from '../../src/auth/api-key-format';
import { AccessCheck } from '../../src/auth/http/access-check';
import { LastUsedTracker } from '../../src/auth/last-used-tracker';
import { ApiKeyRepository } from '../../src/auth/store/api-key.repository';
import { MerchantService } from '../../src/merchants';
import { Database, Notifications } from '../../src/platform/database';
import { Public } from '../../src/platform/http';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';

@Controller('v2/things')
class ThingsController {
  @Get()
  @Authenticated({ scope: 'integrations:read' })
  whose(@CurrentMerchant() scope: CurrentMerchantScope): CurrentMerchantScope {
    return scope;
  }

  @Post()
  @Authenticated({ scope: 'integrations:write' })
  write(): object {
    return { success: true };
  }

  @Post('internal')
  @Authenticated({ scope: 'integrations:internal', internal: true })
  internal(): object {
    return { success: true };
  }
}

@Controller('open')
class OpenController {
  @Get()
  @Public()
  open(): object {
    return { open: true };
  }
}

@Controller('v2/forgotten')
class ForgottenController {
  @Delete()
  forgotten(): object {
    return {};
  }
}

@Controller('api/v1/mistaken')
class MistakenController {
  @Get()
  @Authenticated({ scope: 'sync:read' })
  mistaken(): object {
    return {};
  }
}

const TEXT = 'A valid API key or token is required.';
const controllers = [ThingsController, OpenController];

describe('API keys', () => {
  let database: TestDatabase;
  let url: string;
  let first: NestExpressApplication;
  let second: NestExpressApplication;
  let keys: ApiKeyService;
  let merchantId: string;

  beforeAll(async () => {
    database = await migratedDatabase();
    url = database.url;
    first = await createAuthApp(url, { controllers });
    second = await createAuthApp(url, { controllers, listen: true });
    keys = first.get(ApiKeyService);
    merchantId = (await first.get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' })).id;
  }, 60_000);

  afterAll(async () => {
    await first?.close();
    await second?.close();
    await database?.drop();
  });

  async function issue(scopes: string[] = ['integrations:*'], environment: 'sandbox' | 'live' = 'sandbox') {
    const issued = await keys.create({ merchantId, environment, name: 'test', scopes });
    return { id: issued.apiKey.id, key: issued.key.reveal(), displayPrefix: issued.apiKey.displayPrefix };
  }

  const get = (app: NestExpressApplication, key?: string) => {
    const call = request(app.getHttpServer()).get('/v2/things');
    return key === undefined ? call : call.set('x-api-key', key);
  };

  it('a good key is let in as its merchant and environment', async () => {
    const { key } = await issue(['integrations:*'], 'live');
    const answer = await get(first, key);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ merchantId, environment: 'live' });
  });

  it('every failure to authenticate has one text', async () => {
    const good = await issue();
    const revoked = await issue();
    await keys.revoke(revoked.id);
    const expired = await issue();
    await first
      .get(Database)
      .execute(`UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE id = $1`, [expired.id]);
    const rewritten = good.key.replace('rk_sandbox_', 'rk_live_');
    const neverIssued = generateApiKey('live').key;
    const attempts: (string | undefined)[] = [
      undefined,
      '',
      'nonsense',
      'rk_sandbox_short',
      `${good.key}A`,
      good.key.slice(0, -1),
      rewritten,
      neverIssued,
      revoked.key,
      expired.key,
      ` ${good.key} x`,
      `${good.key}, ${good.key}`,
    ];
    const bodies = new Set<string>();
    for (const key of attempts) {
      const answer = await get(first, key);
      expect(answer.status).toBe(401);
      const { requestId, ...body } = answer.body as Record<string, unknown>;
      expect(requestId).toBe(answer.headers['x-request-id']);
      bodies.add(JSON.stringify(body));
    }
    expect([...bodies]).toEqual([
      JSON.stringify({ error: TEXT, code: 'unauthenticated', nextAction: 'fix_credentials' }),
    ]);
  });

  it('a key without the scope is refused with 403; wildcards never mean internal', async () => {
    const reader = await issue(['integrations:read']);
    const wild = await issue(['integrations:*']);
    const internal = await issue(['integrations:internal']);
    const none = await issue([]);
    const post = (key: string, path = '') =>
      request(first.getHttpServer()).post(`/v2/things${path}`).set('x-api-key', key);
    expect((await get(first, reader.key)).status).toBe(200);
    expect((await post(reader.key)).status).toBe(403);
    expect((await post(wild.key)).status).toBe(201);
    expect((await post(wild.key, '/internal')).status).toBe(403);
    expect((await post(internal.key, '/internal')).status).toBe(201);
    expect((await get(first, internal.key)).status).toBe(403);
    const refused = await get(first, none.key);
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe('permission_denied');
  });

  it('a key and a Bearer token at once are 400', async () => {
    const { key } = await issue();
    const answer = await get(first, key).set('Authorization', 'Bearer abc');
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid_request');
  });

  it('a public handler asks nobody', async () => {
    expect((await request(first.getHttpServer()).get('/open')).body).toEqual({ open: true });
  });

  it('a typo costs no database call, and neither does a key that was just seen', async () => {
    const { key } = await issue();
    const database = second.get(Database);
    await get(second, key).expect(200);
    const query = jest.spyOn(database, 'query');
    const execute = jest.spyOn(database, 'execute');
    try {
      const last = key.at(-1) === 'A' ? 'B' : 'A';
      await get(second, key.slice(0, -1) + last).expect(401);
      await get(second, key.replace('rk_sandbox_', 'rk_live_')).expect(401);
      for (let i = 0; i < 5; i++) await get(second, key).expect(200);
      const touched = [...query.mock.calls, ...execute.mock.calls].filter(([sql]) =>
        JSON.stringify(sql).includes('api_keys'),
      );
      expect(touched).toEqual([]);
    } finally {
      query.mockRestore();
      execute.mockRestore();
    }
  });

  it('a revoked key is refused by a second process within one second', async () => {
    const { id, key } = await issue();
    await get(second, key).expect(200);
    expect(second.get(Notifications).connected).toBe(true);
    await keys.revoke(id);
    const revokedAt = performance.now();
    let status = 200;
    while (status === 200 && performance.now() - revokedAt < 3_000) status = (await get(second, key)).status;
    expect(status).toBe(401);
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    await get(first, key).expect(401);
  });

  it('a revoked key is refused within one second by a process that hears no signal', async () => {
    const { id, key } = await issue();
    const deaf = await createAuthApp(url, { controllers });
    try {
      // no channel, and none comes back
      await deaf.get(Notifications).onApplicationShutdown();
      await get(deaf, key).expect(200);
      await keys.revoke(id);
      const revokedAt = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 950 - (performance.now() - revokedAt)));
      await get(deaf, key).expect(401);
    } finally {
      await deaf.close();
    }
  });

  it('rotation: both keys work during the overlap, then only the new one; a key is rotated once', async () => {
    const old = await issue(['integrations:read', 'sync:*'], 'live');
    const rotated = await keys.rotate(old.id, { overlapSeconds: 1 });
    expect(rotated.apiKey).toMatchObject({
      environment: 'live',
      scopes: ['integrations:read', 'sync:*'],
      rotatedFrom: old.id,
    });
    await get(second, old.key).expect(200);
    await get(second, rotated.key.reveal()).expect(200);
    await expect(keys.rotate(old.id, { overlapSeconds: 0 })).rejects.toMatchObject({ code: 'conflict' });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await get(second, old.key).expect(401);
    await get(second, rotated.key.reveal()).expect(200);

    const atOnce = await issue();
    await get(second, atOnce.key).expect(200);
    await keys.rotate(atOnce.id, { overlapSeconds: 0 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await get(second, atOnce.key).expect(401);
  });

  it('stores no key: only its hash and its first characters', async () => {
    const { key, displayPrefix } = await issue();
    expect(key.startsWith(displayPrefix)).toBe(true);
    expect(displayPrefix).toMatch(/^rk_sandbox_.{4}$/);
    const tables = await first
      .get(Database)
      .query<{ dump: string }>(
        `SELECT (SELECT string_agg(k::text, ' ') FROM api_keys k) || (SELECT string_agg(a::text, ' ') FROM audit_entries a) AS dump`,
      );
    expect(tables[0]!.dump).not.toContain(key.slice(15));
    expect(tables[0]!.dump).toContain(displayPrefix);
  });

  it('writes the time of last use behind the request, at most once a minute over all processes', async () => {
    const { id, key } = await issue();
    const lastUsed = async () => (await keys.find(id))!.lastUsedAt;
    await get(first, key).expect(200);
    await get(second, key).expect(200);
    expect(await lastUsed()).toBeNull();
    await first.get(LastUsedTracker).flush();
    const written = await lastUsed();
    expect(written).not.toBeNull();
    await second.get(LastUsedTracker).flush();
    expect(await lastUsed()).toEqual(written);
  });

  it('writes pending times of last use before the database goes', async () => {
    const { id, key } = await issue();
    const brief = await createAuthApp(url, { controllers });
    await get(brief, key).expect(200);
    await brief.close();
    expect((await keys.find(id))!.lastUsedAt).not.toBeNull();
  });

  it('lets nobody in when it cannot know, and asks again', async () => {
    const { key } = await issue();
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const find = jest.spyOn(second.get(ApiKeyRepository), 'findLiveByHash').mockRejectedValueOnce(away);
    const answer = await get(second, key);
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
    await get(second, key).expect(200);
    find.mockRestore();
  });

  it('100 requests with a key that nobody has seen yet are one question', async () => {
    const { key } = await issue(['integrations:*'], 'live');
    const find = jest.spyOn(second.get(ApiKeyRepository), 'findLiveByHash');
    const answers = await Promise.all(Array.from({ length: 100 }, () => get(second, key)));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(find).toHaveBeenCalledTimes(1);
    find.mockRestore();
  });

  it('a key for an unknown merchant is refused', async () => {
    await expect(
      keys.create({ merchantId: '00000000-0000-4000-8000-000000000000', environment: 'live', name: 'x', scopes: [] }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(keys.create({ merchantId, environment: 'live', name: 'x', scopes: ['*'] })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it.each([
    [ForgottenController, 'ForgottenController.forgotten: neither @Authenticated nor @Public'],
    [MistakenController, 'MistakenController.mistaken: scopes are for /v2'],
  ])('the boot stops at %p', async (controller, problem) => {
    await expect(createAuthApp(url, { controllers: [controller] })).rejects.toThrow(problem);
  });

  it('a handler that says nothing is shut even when the boot check is not there', async () => {
    const check = jest.spyOn(AccessCheck.prototype, 'onApplicationBootstrap').mockReturnValue(undefined);
    const app = await createAuthApp(url, { controllers: [ForgottenController] });
    check.mockRestore();
    const { key } = await issue();
    const answer = await request(app.getHttpServer()).delete('/v2/forgotten').set('x-api-key', key);
    expect(answer.status).toBe(403);
    await app.close();
  });
});
