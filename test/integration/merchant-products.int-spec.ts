import { randomUUID } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { ApiKeyService } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';

describe('products of a merchant', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let sandboxKey: string;
  let liveKey: string;
  let otherKey: string;

  beforeAll(async () => {
    database = await migratedDatabase();
    app = await createAuthApp(database.url);
    const issue = async (merchantId: string, environment: 'sandbox' | 'live') =>
      (
        await app.get(ApiKeyService).create({ merchantId, environment, name: 'test', scopes: ['integrations:*'] })
      ).key.reveal();
    const merchants = app.get(MerchantService);
    const merchant = await merchants.create({ name: 'Acme', defaultCurrency: 'GBP' });
    const other = await merchants.create({ name: 'Other', defaultCurrency: 'EUR' });
    sandboxKey = await issue(merchant.id, 'sandbox');
    liveKey = await issue(merchant.id, 'live');
    otherKey = await issue(other.id, 'sandbox');
  });

  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  const put = (key: string, body: object) =>
    request(app.getHttpServer()).put('/v2/products').set('x-api-key', key).send(body);
  const list = (key: string, query = '') =>
    request(app.getHttpServer()).get(`/v2/products${query}`).set('x-api-key', key);
  const product = (name: string, over: object = {}) => ({
    id: randomUUID(),
    name,
    kind: 'service',
    amountMinor: 4500,
    currency: 'GBP',
    ...over,
  });

  it('upserts by id, per merchant and environment', async () => {
    const consultation = product('Consultation');
    const massage = product('Massage', { amountMinor: Number.MAX_SAFE_INTEGER });
    expect((await put(sandboxKey, { products: [massage, consultation] })).body).toEqual({ success: true, count: 2 });
    expect((await put(sandboxKey, { products: [{ ...massage, name: 'A massage' }] })).body).toEqual({
      success: true,
      count: 1,
    });
    const answer = await list(sandboxKey);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      data: [{ ...massage, name: 'A massage' }, consultation],
      pagination: { limit: 25, offset: 0, total: 2, hasMore: false },
    });
    for (const key of [liveKey, otherKey]) {
      expect((await list(key)).body).toEqual({
        data: [],
        pagination: { limit: 25, offset: 0, total: 0, hasMore: false },
      });
    }
    // the same id of another merchant is another product
    await put(otherKey, { products: [{ ...massage, name: 'Theirs' }] }).expect(200);
    expect((await list(sandboxKey)).body.data[0].name).toBe('A massage');
  });

  it('pages, clamps the limit, and refuses what is not a number', async () => {
    await put(liveKey, {
      products: Array.from({ length: 120 }, (_, i) => product(`P${String(i).padStart(3, '0')}`)),
    }).expect(200);
    const page = await list(liveKey, '?limit=500&offset=10&unknown=1');
    expect(page.body.data).toHaveLength(100);
    expect(page.body.data[0].name).toBe('P010');
    expect(page.body.pagination).toEqual({ limit: 100, offset: 10, total: 120, hasMore: true });
    expect((await list(liveKey, '?limit=20&offset=100')).body.pagination.hasMore).toBe(false);
    for (const query of ['?limit=abc', '?limit=0', '?offset=-1', '?offset=1.5', '?limit=1e2', '?limit=1&limit=2']) {
      const answer = await list(liveKey, query);
      expect([query, answer.status]).toEqual([query, 400]);
      expect(answer.body.code).toBe('invalid_request');
    }
  });

  it.each([
    [{}, 'products'],
    [{ products: {} }, 'products'],
    [{ products: [{}] }, 'products.0.id'],
    [{ products: [product('x', { id: 'x' })] }, 'products.0.id'],
    [{ products: [product('')] }, 'products.0.name'],
    [{ products: [product('x', { amountMinor: 1.5 })] }, 'products.0.amountMinor'],
    [{ products: [product('x', { amountMinor: -1 })] }, 'products.0.amountMinor'],
    [{ products: [product('x', { amountMinor: 2 ** 53 })] }, 'products.0.amountMinor'],
    [{ products: [product('x', { amountMinor: '1' })] }, 'products.0.amountMinor'],
    [{ products: [product('x', { currency: 'gbp' })] }, 'products.0.currency'],
    [{ products: [product('x', { more: 1 })] }, 'products.0.more'],
    [{ products: [], more: 1 }, 'more'],
  ])('refuses %j', async (body, field) => {
    const answer = await put(sandboxKey, body);
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body.details.fields)).toContain(field);
  });

  it('refuses a product that occurs twice, and takes an empty list', async () => {
    const one = product('Twice');
    const answer = await put(sandboxKey, { products: [one, { ...one, id: one.id.toUpperCase() }] });
    expect(answer.status).toBe(400);
    expect(answer.body.details.fields).toEqual({ 'products.1.id': ['must not occur twice'] });
    expect((await put(sandboxKey, { products: [] })).body).toEqual({ success: true, count: 0 });
  });

  it('stores text with a NUL character nowhere, and says so', async () => {
    const answer = await put(sandboxKey, { products: [product('a\u0000b')] });
    expect(answer.status).toBe(400);
  });
});
