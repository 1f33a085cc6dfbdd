import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ApiError,
  ConnectionError,
  FeedResetError,
  Interlock,
  InterlockError,
  InvalidRequestError,
  NotFoundError,
  ProviderCredentialsRejectedError,
  SyncFailedError,
  SyncTimeoutError,
  TimeoutError,
  UnauthenticatedError,
  UnexpectedAnswerError,
  type DebugEvent,
  type InterlockOptions,
} from '../../sdk/typescript/src';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { NETWORK_FAULTS, startFaultyProxy, type FaultyProxy, type NetworkFault } from '../support/faulty-proxy';
import { nodesClient } from '../support/nodes';
import { sdkClient, thrownBy } from '../support/sdk';

const SIZES = { patients: 12, invoices: 6, payments: 4, services: 2, products: 2, patient_packages: 2 };

describe('the SDK', () => {
  let running: TestApp;
  let proxy: FaultyProxy;
  let clinic: Clinic;
  let interlock: Interlock;
  const events: DebugEvent[] = [];

  beforeAll(async () => {
    running = await startTestApp();
    proxy = await startFaultyProxy(running.url);
    clinic = await makeClinic(running, { sizes: SIZES });
    interlock = client({ apiKey: clinic.key });
  }, 60_000);
  afterAll(async () => {
    await proxy?.stop();
    await running?.close();
  });
  beforeEach(() => {
    proxy.fail(() => null);
    proxy.seen.length = 0;
    events.length = 0;
  });

  function client(options: Omit<InterlockOptions, 'baseUrl'>): Interlock {
    return sdkClient(proxy, options, events);
  }
  /** The first requests fail in these ways, those after them do not. */
  const failFirst = (...faults: NetworkFault[]): void => proxy.fail(() => faults.shift() ?? null);
  const changePatients = (count: number) => {
    const fields = { city: `Leeds ${performance.now()}` };
    running.sandbox.practicehub.change({ resource: 'patients', count, fields, apiKey: clinic.accountKey });
  };
  describe('a call', () => {
    it.each(NETWORK_FAULTS)(
      'that meets with %s is sent again with the same Idempotency-Key, and takes effect once',
      async (fault) => {
        failFirst(fault, fault);
        const id = `00000000-0000-4000-8000-${String(NETWORK_FAULTS.indexOf(fault)).padStart(12, '0')}`;
        const product = { id, name: fault, kind: 'product', amountMinor: 100, currency: 'GBP' };
        const { attempts, body } = await interlock.products
          .put({ products: [product] }, { attemptTimeoutMs: fault === 'silence' ? 1_000 : 10_000 })
          .withResponse();
        expect([attempts, body]).toEqual([3, { success: true, count: 1 }]);
        expect(proxy.seen.map((request) => request.fault)).toEqual([fault, fault, null]);
        const keys = new Set(proxy.seen.map(({ headers }) => headers['idempotency-key']));
        expect([...keys]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
        expect(await interlock.products.list({ limit: 1 }).all()).toContainEqual(product);
      },
    );

    it('has another Idempotency-Key than the next one, and that of its caller where it names one', async () => {
      await interlock.products.put({ products: [] });
      await interlock.products.put({ products: [] });
      await interlock.products.put({ products: [] }, { idempotencyKey: 'mine' });
      const keys = proxy.seen.map(({ headers }) => headers['idempotency-key']);
      expect(new Set(keys).size).toBe(3);
      expect(keys[2]).toBe('mine');
    });

    it('waits for the first one with its key, and has its answer', async () => {
      const token = await nodesClient(running.app, running.url).token({ roles: ['admin'] });
      const admin = client({ token });
      const body = { name: 'asked for at once', type: 'account' } as const;
      const options = { idempotencyKey: 'asked for at once' };
      const nodes = await Promise.all(Array.from({ length: 8 }, () => admin.nodes.create(body, options)));
      expect(new Set(nodes.map(({ id }) => id)).size).toBe(1);
    });

    it('waits as long as Retry-After says', async () => {
      failFirst('too-many');
      await interlock.providers.list().all();
      expect(events.find(({ kind }) => kind === 'retry')!.delayMs).toBeGreaterThanOrEqual(1_000);
    });

    it.each<[string, () => PromiseLike<unknown>, typeof ApiError, number, string]>([
      [
        'a request that is not valid',
        () => interlock.integrations.test('practicehub', { credentials: { apiKey: '', baseUrl: 'x' } }),
        InvalidRequestError,
        400,
        'invalid_request',
      ],
      [
        'what is not there',
        () => interlock.syncs.log('practicehub', '00000000-0000-4000-8000-000000000000'),
        NotFoundError,
        404,
        'not_found',
      ],
      [
        'a key that is not one',
        () => client({ apiKey: 'rk_sandbox_no' }).integrations.get('practicehub'),
        UnauthenticatedError,
        401,
        'unauthenticated',
      ],
      [
        'credentials that the provider refuses',
        () =>
          interlock.integrations.activate('practicehub', { credentials: { ...clinic.credentials, apiKey: 'wrong' } }),
        ProviderCredentialsRejectedError,
        400,
        'provider_credentials_rejected',
      ],
    ])(
      'is not repeated for %s: the error has its class, code and request id',
      async (_what, call, Class, status, code) => {
        const error = await thrownBy(call(), Class);
        expect(error).toMatchObject({
          name: Class.name,
          status,
          code,
          attempts: 1,
          nextAction: expect.stringMatching(/^fix_/),
        });
        expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
        expect(proxy.seen).toHaveLength(1);
      },
    );

    it('names the fields of a request that is not valid', async () => {
      const call = interlock.integrations.test('practicehub', {
        credentials: { apiKey: '', baseUrl: 'https://example.com' },
      });
      expect((await thrownBy(call, InvalidRequestError)).fields).toEqual({
        'credentials.apiKey': [expect.any(String)],
      });
    });

    it('ends after its retries, with what is needed to go on later', async () => {
      proxy.fail(() => 'lost-answer');
      const error = await thrownBy(interlock.products.put({ products: [] }, { maxRetries: 2 }), ConnectionError);
      expect(error).toMatchObject({
        operation: 'upsertProducts',
        attempts: 3,
        idempotencyKey: proxy.seen[0]!.headers['idempotency-key'],
      });
      expect(error.cause).toMatchObject({ name: 'TypeError' });
      proxy.fail(() => 'away');
      const other = await thrownBy(interlock.products.put({ products: [] }, { maxRetries: 1 }), UnexpectedAnswerError);
      expect(other).toMatchObject({ status: 503, attempts: 2 });
    });

    it('ends when its time is over, and when an attempt may not be waited for any more', async () => {
      proxy.fail(() => 'silence');
      const startedAt = performance.now();
      const call = interlock.integrations.get('practicehub', { timeoutMs: 3_000, attemptTimeoutMs: 400 });
      expect((await thrownBy(call, TimeoutError)).attempts).toBeGreaterThanOrEqual(2);
      expect(performance.now() - startedAt).toBeLessThan(6_000);
      proxy.fail(() => 'too-many');
      // the wait would take longer than the call has
      expect(
        (await thrownBy(interlock.integrations.get('practicehub', { timeoutMs: 900 }), UnexpectedAnswerError)).attempts,
      ).toBe(1);
    });

    it.each(['silence', 'too-many'] as const)('is ended by its signal at once, also during %s', async (fault) => {
      proxy.fail(() => fault);
      const stop = new AbortController();
      const call = interlock.integrations.get('practicehub', { signal: stop.signal });
      setTimeout(() => stop.abort(new Error('enough')), 300);
      const startedAt = performance.now();
      await expect(call).rejects.toThrow('enough');
      expect(performance.now() - startedAt).toBeLessThan(900);
    });

    it('takes its key nowhere else: a redirect is not followed', async () => {
      const told: unknown[] = [];
      const elsewhere = createServer((request, response) => {
        told.push(request.headers);
        response.end('{}');
      });
      const redirecting = createServer((_request, response) => {
        response.writeHead(307, { location: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/` }).end();
      });
      for (const server of [elsewhere, redirecting])
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const baseUrl = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
      const lured = new Interlock({ baseUrl, apiKey: clinic.key });
      expect(await thrownBy(lured.integrations.get('practicehub'), UnexpectedAnswerError)).toMatchObject({
        status: 307,
      });
      expect(told).toEqual([]);
      for (const server of [elsewhere, redirecting]) {
        server.closeAllConnections();
        server.close();
      }
    });

    it('cannot be made to reach another path', async () => {
      await thrownBy((async () => interlock.syncs.log('practicehub', '..'))(), InterlockError);
      await thrownBy(interlock.syncs.log('practicehub', '../../wodify'), ApiError);
      expect(proxy.seen.map(({ path }) => path)).toEqual(['/v2/integrations/practicehub/sync-logs/..%2F..%2Fwodify']);
    });
  });

  describe('a deletion', () => {
    it('whose answer was lost is done, and one of what never was is an error', async () => {
      const token = await nodesClient(running.app, running.url).token({ roles: ['admin'] });
      const admin = client({ token });
      const node = await admin.nodes.create({ name: 'with a key', type: 'account' });
      const { id } = await admin.nodeIntegrations.create({ node_id: node.id, name: 'a key' });
      failFirst('lost-answer');
      expect(await admin.nodeIntegrations.delete(id)).toBeUndefined();
      await thrownBy(admin.nodeIntegrations.get(id), NotFoundError);
      await thrownBy(admin.nodeIntegrations.delete(id), NotFoundError);
    });
  });

  describe('a sync', () => {
    it('is waited for: the first after an activation, and one by its id', async () => {
      const integration = await interlock.integrations.activate('practicehub', {
        credentials: clinic.credentials,
        timezone: 'UTC',
      });
      expect(integration.isActive).toBe(true);
      const seen: number[] = [];
      const first = await interlock.integrations.waitForSync('practicehub', {
        onProgress: (logs) => seen.push(logs.length),
      });
      expect(first.find(({ resourceType }) => resourceType === 'customers')).toMatchObject({
        status: 'success',
        recordsCreated: 12,
      });
      expect(seen.length).toBeGreaterThan(0);
      expect((await interlock.integrations.get('practicehub'))!.lastSyncAt).not.toBeNull();
      const { jobId } = await interlock.integrations.sync('practicehub');
      const second = await interlock.integrations.waitForSync('practicehub', { jobId });
      expect(new Set(second.map((log) => log.jobId))).toEqual(new Set([jobId]));
    });

    it('of an earlier activation is not taken for the first of a new one', async () => {
      const earlier = new Set((await interlock.syncs.logs('practicehub').all()).map(({ jobId }) => jobId));
      await interlock.integrations.deactivate('practicehub');
      await interlock.integrations.activate('practicehub', { credentials: clinic.credentials, timezone: 'UTC' });
      const logs = await interlock.integrations.waitForSync('practicehub');
      expect(logs.filter(({ jobId }) => earlier.has(jobId))).toEqual([]);
    });

    it('that fails is an error with its log entries, and one that takes too long too', async () => {
      running.sandbox.practicehub.addFaults([{ kind: 'status', status: 400, match: { path: '/invoices' } }]);
      const { jobId } = await interlock.integrations.sync('practicehub');
      await thrownBy(interlock.integrations.waitForSync('practicehub', { jobId, timeoutMs: 1 }), SyncTimeoutError);
      const error = await thrownBy(interlock.integrations.waitForSync('practicehub', { jobId }), SyncFailedError);
      expect(error.logs.find(({ status }) => status === 'failed')).toMatchObject({ resourceType: 'invoices', jobId });
      running.sandbox.practicehub.clearFaults();
    });
  });

  describe('a list', () => {
    it('is read page by page, however the service pages it', async () => {
      const logs = interlock.syncs.logs('practicehub', { limit: 3 });
      const pages: number[] = [];
      for await (const page of logs.pages()) pages.push(page.length);
      const all = (await clinic.call('get', '/sync-logs?limit=100')).body.data as { id: string }[];
      expect(pages.length).toBe(Math.ceil(all.length / 3));
      expect((await logs.all()).map(({ id }) => id)).toEqual(all.map(({ id }) => id));

      const admin = client({ token: await nodesClient(running.app, running.url).token({ roles: ['admin'] }) });
      const parent = await admin.nodes.create({ name: 'parent', type: 'organization' });
      for (const name of ['a', 'b', 'c', 'd', 'e'])
        await admin.nodes.create({ name, type: 'account', parent_id: parent.id });
      const names: string[] = [];
      for await (const { name } of admin.nodes.children(parent.id, { per_page: 2 })) names.push(name);
      expect(names.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);

      const packages: number[] = [];
      for await (const page of interlock.catalogue.packages('practicehub', { limit: 1 }).pages())
        packages.push(page.length);
      expect(packages).toEqual([1, 1]);
    });

    it('is not read further than it is asked for', async () => {
      for await (const _log of interlock.syncs.logs('practicehub', { limit: 2 })) break;
      expect(proxy.seen).toHaveLength(1);
    });
  });

  describe('the feed', () => {
    const names = async (): Promise<string[]> =>
      (await clinic.records('customers')).map(({ externalId }) => externalId);

    it('hands out each record, and a cursor from which the next reader goes on', async () => {
      const feed = interlock.records.feed('practicehub', 'customers', { limit: 5 });
      const seen: string[] = [];
      for await (const record of feed) seen.push(record.externalId);
      expect(seen).toEqual(await names());
      const cursor = feed.cursor!;
      changePatients(2);
      expect(await clinic.sync()).toBe('succeeded');
      const later: string[] = [];
      for await (const batch of interlock.records.feed('practicehub', 'customers', { cursor }).batches()) {
        later.push(...batch.records.map(({ externalId }) => externalId));
        expect(batch.cursor).not.toBe(cursor);
      }
      expect(later).toHaveLength(2);
    });

    it('has a cursor that never runs ahead of the records that were iterated', async () => {
      const all = await names();
      for (let stopAfter = 1; stopAfter <= all.length; stopAfter += 3) {
        const feed = interlock.records.feed('practicehub', 'customers', { limit: 4 });
        const seen = new Set<string>();
        for await (const record of feed) {
          seen.add(record.externalId);
          if (seen.size === stopAfter) break;
        }
        for await (const record of interlock.records.feed('practicehub', 'customers', { cursor: feed.cursor })) {
          seen.add(record.externalId);
        }
        expect([...seen].sort()).toEqual([...all].sort());
      }
    });

    it('is followed until its signal is aborted', async () => {
      const stop = new AbortController();
      const feed = interlock.records.feed('practicehub', 'customers', {
        follow: true,
        pollMs: 50,
        signal: stop.signal,
      });
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { externalId } of feed) {
          seen.push(externalId);
          if (seen.length === 12) {
            changePatients(1);
            void interlock.integrations.sync('practicehub').catch(() => undefined);
          }
          if (seen.length === 13) stop.abort(new Error('enough'));
        }
      })();
      await expect(reading).rejects.toThrow('enough');
      expect(seen).toHaveLength(13);
      expect(feed.cursor).toBeDefined();
      await clinic.settled();
    });

    it('says that it begins anew, and begins anew where it is told to', async () => {
      const cursor = Buffer.from('f1.999999').toString('base64url');
      const read = async (onReset?: (reset: object) => void): Promise<string[]> => {
        const seen: string[] = [];
        const options = { cursor, limit: 5, ...(onReset ? { onReset } : {}) };
        for await (const { externalId } of interlock.records.feed('practicehub', 'customers', options))
          seen.push(externalId);
        return seen;
      };
      const error = await thrownBy(read(), FeedResetError);
      expect(error).toMatchObject({
        code: 'cursor_expired',
        provider: 'practicehub',
        resourceType: 'customers',
        cursor,
      });
      const resets: object[] = [];
      expect(await read((reset) => void resets.push(reset))).toEqual(await names());
      expect(resets).toEqual([{ provider: 'practicehub', resourceType: 'customers', cursor }]);
    });

    it('loses nothing to a network that fails', async () => {
      const faults: (NetworkFault | null)[] = [
        'half-answer',
        'half-chunked',
        null,
        'away',
        'reset',
        null,
        'lost-answer',
      ];
      proxy.fail(() => faults.shift() ?? null);
      const seen: string[] = [];
      for await (const { externalId } of interlock.records.feed('practicehub', 'customers', { limit: 5 }))
        seen.push(externalId);
      expect(seen).toEqual(await names());
    });
  });

  it('takes one kind of credential, and an origin to send it to', () => {
    const baseUrl = 'http://localhost:3000';
    for (const options of [
      { baseUrl },
      { baseUrl, apiKey: 'a', token: 'b' },
      { baseUrl: 'nowhere', apiKey: 'a' },
      { baseUrl: 'http://a:b@localhost', apiKey: 'a' },
    ]) {
      expect(() => new Interlock(options)).toThrow(InterlockError);
    }
  });
});
