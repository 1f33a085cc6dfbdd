import { randomBytes } from 'node:crypto';
import request from 'supertest';
import { ApiKeyService } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import type { BuiltInId } from '../../src/providers';
import type { TestApp } from './app';
import { eventually } from './eventually';
import { statement } from './statements';

/**
 * A merchant with a sandbox key and an account of its own at a provider's simulator (PracticeHub, unless told), seen
 * from outside.
 */
export interface Clinic {
  readonly merchantId: string;
  readonly key: string;
  /** The simulator's key of this account: what its control calls name the account by. */
  readonly accountKey: string;
  readonly credentials: { apiKey: string; baseUrl: string };
  call(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object): request.Test;
  activate(more?: object): request.Test;
  integration(): Promise<Record<string, any>>;
  /** Waits until no run is live and returns the newest run's state. */
  settled(withinMs?: number): Promise<string>;
  /** Asks for a sync and waits for its end. */
  sync(body?: object): Promise<string>;
  sql<R = Record<string, any>>(text: string, values?: unknown[]): Promise<R[]>;
  records(resourceType: string): Promise<{ externalId: string; version: number; operation: string; data: any }[]>;
}

/** What a clinic is made in: a test application, or what stands for one that is a process of its own. */
export interface ClinicHost extends Pick<TestApp, 'url' | 'sandbox' | 'sandboxUrl'> {
  readonly app: Pick<TestApp['app'], 'get'>;
  readonly config: { readonly database: { readonly url: string } };
}

export type Sizes = Record<string, number>;

export async function makeClinic(
  running: ClinicHost,
  options: {
    provider?: BuiltInId;
    sizes?: Sizes;
    scopes?: string[];
    environment?: 'sandbox' | 'live';
    settings?: Record<string, unknown>;
  } = {},
): Promise<Clinic> {
  const { app, url, sandbox, sandboxUrl, config } = running;
  const merchant = await app.get(MerchantService).create({ name: 'Clinic', defaultCurrency: 'GBP' });
  const issued = await app.get(ApiKeyService).create({
    merchantId: merchant.id,
    environment: options.environment ?? 'sandbox',
    name: 'test',
    scopes: options.scopes ?? ['integrations:*', 'sync:*', 'events:read', 'webhooks:*', 'integrations:internal'],
  });
  const key = issued.key.reveal();
  const provider = options.provider ?? 'practicehub';
  const accountKey = `acct-${randomBytes(8).toString('hex')}`;
  sandbox[provider].addAccount({
    apiKey: accountKey,
    sizes: options.sizes ?? { patients: 30, invoices: 20, payments: 10, services: 3, products: 3, patient_packages: 3 },
    settings: { ratePerSecond: 0, ...options.settings },
  });
  const credentials = { apiKey: accountKey, baseUrl: `${sandboxUrl}${sandbox.credentials[provider].path}` };
  const path = `/v2/integrations/${provider}`;

  const call: Clinic['call'] = (method, rest, body) => {
    const target = rest.startsWith('/v2') ? rest : `${path}${rest}`;
    const test = request(url)[method](target).set('x-api-key', key);
    return body === undefined ? test : test.send(body);
  };
  const sql: Clinic['sql'] = (text, values) => statement(config.database.url, text, values);
  const runs = (state: string) =>
    sql(
      `SELECT r.* FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
     WHERE i.merchant_id = $1 AND ${state} ORDER BY r.created_at DESC`,
      [merchant.id],
    );
  const settled: Clinic['settled'] = async (withinMs = 30_000) => {
    await eventually(async () => {
      const live = await runs(`r.state IN ('queued', 'running', 'waiting')`);
      if (live.length > 0) throw new Error(`still live: ${JSON.stringify(live)}`);
    }, withinMs);
    return (await runs('true'))[0]?.['state'];
  };
  return {
    merchantId: merchant.id,
    key,
    accountKey,
    credentials,
    call,
    activate: (more = {}) => call('post', '/activate', { credentials, ...more }),
    integration: async () => (await call('get', '').expect(200)).body.data,
    settled,
    sync: async (body = {}) => {
      await call('post', '/sync', body).expect(200);
      return settled();
    },
    sql,
    records: (resourceType) =>
      sql(
        `SELECT external_id AS "externalId", version, operation, data FROM records r JOIN integrations i ON i.id = r.integration_id
         WHERE i.merchant_id = $1 AND r.resource_type = $2 ORDER BY feed_position`,
        [merchant.id, resourceType],
      ),
  };
}
