import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Controller, Get, Put } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { ApiKeyService, Authenticated, CurrentMerchant, SigningKeys, type CurrentMerchantScope } from '../../src/auth';
import { ensureDevCredentials, lastSandbox, type DevCredentials } from '../../src/dev-credentials';
import { NodesModule } from '../../src/nodes';
import { Clock } from '../../src/platform/clock';
import { AppConfig, loadConfig } from '../../src/platform/config';
import { Database } from '../../src/platform/database';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';

@Controller('v2/things')
class ThingsController {
  @Get()
  @Authenticated({ scope: 'integrations:read' })
  whose(@CurrentMerchant() scope: CurrentMerchantScope): CurrentMerchantScope {
    return scope;
  }

  @Put()
  @Authenticated({ scope: 'integrations:internal', internal: true })
  internal(): object {
    return {};
  }
}

const SANDBOX = {
  origin: 'http://127.0.0.1:3010',
  controlToken: `sandbox_control_${'4f'.repeat(24)}`,
  providers: { practicehub: { apiKey: 'sandbox-key', path: '/sandbox/practicehub' } },
};

describe('development credentials', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let dataDir: string;
  let config: AppConfig;

  beforeAll(async () => {
    database = await migratedDatabase();
    app = await createAuthApp(database.url, { controllers: [ThingsController], imports: [NodesModule] });
  });

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-dev-credentials-'));
    config = loadConfig({ DATABASE_URL: database.url, DATA_DIR: dataDir });
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  const file = () => path.join(dataDir, 'dev-credentials.json');
  const ensure = (on = app) => ensureDevCredentials(on, config, 'http://127.0.0.1:3000', SANDBOX);
  const server = () => app.getHttpServer();

  it('writes them whole, for this user alone, and all of them work', async () => {
    const made = await ensure();
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual(made);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(['dev-credentials.json']);
    expect(Object.keys(made)).toEqual([
      'baseUrl',
      'merchantId',
      'sandboxApiKey',
      'liveApiKey',
      'internalApiKey',
      'adminToken',
      'nodeId',
      'nodeToken',
      'sandboxProviders',
      'sandboxControlToken',
    ]);
    expect(made.sandboxProviders).toEqual({
      practicehub: { apiKey: 'sandbox-key', baseUrl: 'http://127.0.0.1:3010/sandbox/practicehub' },
    });
    expect(await lastSandbox(dataDir)).toEqual({ port: 3010, controlToken: SANDBOX.controlToken });
    const whose = async (header: string, value: string) =>
      (await request(server()).get('/v2/things').set(header, value)).body as unknown;
    const { merchantId } = made;
    expect(await whose('x-api-key', made.sandboxApiKey)).toEqual({ merchantId, environment: 'sandbox' });
    expect(await whose('x-api-key', made.liveApiKey)).toEqual({ merchantId, environment: 'live' });
    expect(await whose('Authorization', `Bearer ${made.nodeToken}`)).toEqual({ merchantId, environment: 'sandbox' });
    await request(server()).put('/v2/things').set('x-api-key', made.internalApiKey).expect(200);
    await request(server()).put('/v2/things').set('x-api-key', made.sandboxApiKey).expect(403);
    const node = await request(server())
      .get(`/api/v1/nodes/${made.nodeId}`)
      .set('Authorization', `Bearer ${made.adminToken}`);
    expect([node.status, node.body.merchant_id, node.body.environment]).toEqual([200, merchantId, 'sandbox']);
  });

  it('keeps what still works', async () => {
    const first = await ensure();
    expect(await ensure()).toEqual(first);
  });

  it('issues anew what was revoked, and only that', async () => {
    const first = await ensure();
    const keys = await app.get(ApiKeyService).list(first.merchantId);
    const live = keys.find((key) => first.liveApiKey.startsWith(key.displayPrefix))!;
    await app.get(ApiKeyService).revoke(live.id);
    const second = await ensure();
    expect(second.liveApiKey).not.toBe(first.liveApiKey);
    expect({ ...second, liveApiKey: '' }).toEqual({ ...first, liveApiKey: '' });
  });

  it('issues tokens anew before they end, and when their key was withdrawn', async () => {
    const first = await ensure();
    const aboutToEnd = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 24 * 86_400_000);
    const second = await ensure().finally(() => aboutToEnd.mockRestore());
    expect(second.adminToken).toBe(first.adminToken);

    const later = jest.spyOn(app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + 24 * 86_400_000));
    const third = await ensure().finally(() => later.mockRestore());
    expect(third.adminToken).not.toBe(first.adminToken);
    const { kid } = await app.get(SigningKeys).activeSigner();
    await app.get(SigningKeys).withdraw(kid);
    const fourth = await ensure();
    expect(fourth.adminToken).not.toBe(third.adminToken);
    expect(fourth.nodeToken).not.toBe(third.nodeToken);
    expect(fourth.sandboxApiKey).toBe(first.sandboxApiKey);
  });

  it('starts over on another database, and from a file that is torn or was tampered with', async () => {
    const first = await ensure();
    const other = await migratedDatabase();
    const otherApp = await createAuthApp(other.url, { imports: [NodesModule] });
    try {
      const moved = await ensure(otherApp);
      for (const name of Object.keys(first) as (keyof DevCredentials)[]) {
        if (!['baseUrl', 'sandboxProviders', 'sandboxControlToken'].includes(name))
          expect(moved[name]).not.toBe(first[name]);
      }
    } finally {
      await otherApp.close();
      await other.drop();
    }
    for (const text of ['', '{', 'null', '[]', '{"merchantId":1,"sandboxApiKey":{}}', '{"merchantId":"\' OR 1"}']) {
      await writeFile(file(), text, { mode: 0o644 });
      expect(await lastSandbox(dataDir)).toBeNull();
      const again = await ensure();
      expect(again.merchantId).toBe(first.merchantId);
      expect((await stat(file())).mode & 0o777).toBe(0o600);
    }
    // written by a version that served them at the console's origin
    const { sandboxControlToken: _, ...before } = first;
    await writeFile(file(), JSON.stringify(before));
    expect(await lastSandbox(dataDir)).toBeNull();
    // a key of another merchant or environment is not passed on as this one's
    await writeFile(file(), JSON.stringify({ ...first, liveApiKey: first.sandboxApiKey }));
    expect((await ensure()).liveApiKey).toMatch(/^rk_live_/);
  });

  it('leaves no key in the database', async () => {
    const made = await ensure();
    const rows = await app
      .get(Database)
      .query<{ dump: string }>(`SELECT concat((SELECT string_agg(k::text, ' ') FROM api_keys k)) AS dump`);
    expect(rows[0]!.dump).not.toContain(made.sandboxApiKey.slice(15));
  });
});
