import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { EventLog, exampleData, type EventScope } from '../../src/events';
import type { Integration } from '../../src/integrations';
import { MerchantService } from '../../src/merchants';
import { UnitOfWork } from '../../src/platform/database';
import { SyncExtensions } from '../../src/sync';
import type { EndpointHealth } from '../../src/webhooks/endpoint';
import { EndpointsService } from '../../src/webhooks/endpoints.service';
import { DeliveryRepository, type LeasedEndpoint, type TurnCommit } from '../../src/webhooks/store/delivery.repository';
import { openContext } from '../support/context';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { lockWaits } from '../support/lock-waits';
import { statement } from '../support/statements';

const SETTINGS = {
  url: 'https://hooks.example.com/',
  description: null,
  eventTypes: null,
  providers: null,
  integrationIds: null,
  includeData: false,
  ordering: 'parallel',
  ratePerSecond: null,
  mirroredSignature: true,
} as const;
const LEASE_MS = 30_000;

describe('the lease of an endpoint', () => {
  let database: TestDatabase;
  let app: INestApplicationContext;
  let deliveries: DeliveryRepository;
  let unitOfWork: UnitOfWork;
  let scope: EventScope;
  let endpointId: string;
  const sql = <R = Record<string, any>>(text: string, values: unknown[] = []): Promise<R[]> =>
    statement(database.url, text, values) as Promise<R[]>;
  beforeAll(async () => {
    database = await migratedDatabase();
    app = await openContext({ DATABASE_URL: database.url });
    deliveries = app.get(DeliveryRepository, { strict: false });
    unitOfWork = app.get(UnitOfWork);
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    await sql(`DELETE FROM webhook_endpoints`);
    const { id } = await app.get(MerchantService, { strict: false }).create({ name: 'M', defaultCurrency: 'GBP' });
    scope = { merchantId: id, environment: 'live' };
    const made = await app.get(EndpointsService, { strict: false }).create(scope, SETTINGS);
    endpointId = made.endpoint.id;
  });

  const append = (count: number, to: EventScope = scope) =>
    unitOfWork.run(async (tx) => {
      const log = app.get(EventLog, { strict: false });
      for (let index = 0; index < count; index++) {
        log.append(tx, to, 'sync.completed', exampleData('sync.completed') as never);
      }
    });
  const claim = (
    owner: string,
    more: { lagging?: boolean; only?: EventScope[]; limit?: number } = {},
  ): Promise<LeasedEndpoint[]> =>
    deliveries.claim({ owner, leaseMs: LEASE_MS, limit: 10, lagging: false, only: null, ...more });
  const commit = async (leased: LeasedEndpoint, change: Partial<TurnCommit>): Promise<boolean> => {
    const nothing = { position: leased.position, replays: [], held: [], released: [], parked: [] };
    const whole = { health: leased.health, progress: nothing, attempts: [], missed: 0, ...change };
    const lost = new Error('lost');
    const done = unitOfWork.run(async (tx) => {
      // as a turn does: the transaction ends with the lease
      if ((await deliveries.commit(tx, leased, LEASE_MS, whole)) === null) throw lost;
      return true;
    });
    return done.catch((error: unknown) => {
      if (error === lost) return false;
      throw error;
    });
  };
  const moveTo = (leased: LeasedEndpoint, position: number, health: Partial<EndpointHealth> = {}): Promise<boolean> =>
    commit(leased, {
      health: { ...leased.health, ...health },
      progress: { position, replays: [], held: [], released: [], parked: [] },
    });
  const held = (integrationId: string | null = null) => {
    const one = { eventId: randomUUID(), position: 1, integrationId, attempts: 1, dueAt: new Date(Date.now() + 100) };
    return { position: 1, replays: [], held: [one], released: [], parked: [] };
  };
  const position = async (): Promise<number> =>
    Number((await sql(`SELECT position FROM webhook_cursors WHERE endpoint_id = $1`, [endpointId]))[0]!['position']);

  it('is taken where there is something to do, by one worker however many ask', async () => {
    expect(await claim('one')).toEqual([]);
    await append(1);
    const claimed = await Promise.all(['one', 'two', 'three'].map((owner) => claim(owner)));
    expect(claimed.flat()).toHaveLength(1);
  });

  it('lets a worker that slept past its lease write nothing', async () => {
    await append(5);
    const [slept] = await claim('slept');
    await sql(`UPDATE webhook_cursors SET lease_until = now() - interval '1 second'`);
    expect(await moveTo(slept!, 5)).toBe(false);
    const [next] = await claim('next');
    expect(next!.fence).toBeGreaterThan(slept!.fence);
    expect(await moveTo(slept!, 5)).toBe(false);
    expect(await position()).toBe(0);
    expect(await moveTo(next!, 3)).toBe(true);
    await deliveries.giveBack(slept!, { wakeAt: null, takesNew: true });
    expect(await claim('third')).toEqual([]);
    expect(await position()).toBe(3);
  });

  it('is given back with the time at which there is something to do again', async () => {
    await append(1);
    const [leased] = await claim('one');
    expect(await moveTo(leased!, 1)).toBe(true);
    await deliveries.giveBack(leased!, { wakeAt: new Date(Date.now() + 60_000), takesNew: true });
    expect(await claim('one')).toEqual([]);
    await append(1);
    const [again] = await claim('one');
    await deliveries.giveBack(again!, { wakeAt: new Date(Date.now() - 1), takesNew: false });
    expect(await claim('one')).toHaveLength(1);
  });

  it('is not taken for new events while the endpoint takes none, nor before the time it asked for', async () => {
    await append(1);
    const [leased] = await claim('one');
    await deliveries.giveBack(leased!, { wakeAt: new Date(Date.now() + 60_000), takesNew: false });
    expect(await claim('one')).toEqual([]);
    await sql(`UPDATE webhook_cursors SET wake_at = NULL, not_before = now() + interval '1 minute'`);
    expect(await claim('one')).toEqual([]);
    await sql(`UPDATE webhook_cursors SET not_before = now()`);
    expect(await claim('one', { only: [{ ...scope, environment: 'sandbox' }] })).toEqual([]);
    expect(await claim('one', { only: [scope] })).toHaveLength(1);
  });

  it.each<[string, Partial<EndpointHealth>]>([
    ['fails', { failures: 1, failingSince: new Date() }],
    ['answers late', { slow: true }],
  ])('of one that %s is taken as such', async (_how, health) => {
    await append(1);
    const [leased] = await claim('one');
    expect(await moveTo(leased!, 0, health)).toBe(true);
    await deliveries.giveBack(leased!, { wakeAt: new Date(0), takesNew: true });
    expect(await claim('one')).toEqual([]);
    expect(await claim('one', { lagging: true })).toHaveLength(1);
  });

  it('that a worker dies with is taken again, for what it had put by', async () => {
    await append(1);
    const [leased] = await claim('dies');
    expect(await commit(leased!, { progress: held() })).toBe(true);
    await sql(`UPDATE webhook_cursors SET lease_until = now() - interval '1 second'`);
    const [next] = await claim('next');
    expect([leased!.hasHeld, next!.hasHeld, next!.hasReplays]).toEqual([false, true, false]);
    expect(await deliveries.held(next!.endpoint.id)).toHaveLength(1);
  });

  it('is taken with word of the replays that wait', async () => {
    const replay = { id: randomUUID(), position: 0, untilPosition: 1 };
    await unitOfWork.run((tx) => deliveries.addReplay(tx, endpointId, replay));
    const [leased] = await claim('one');
    expect([leased!.hasHeld, leased!.hasReplays]).toEqual([false, true]);
    expect(await deliveries.replays(endpointId)).toEqual([replay]);
  });

  it('that is given back while a replay is asked for leaves the replay to be done', async () => {
    await append(3);
    const [leased] = await claim('one');
    expect(await moveTo(leased!, 3)).toBe(true);
    let givenBack: Promise<void> | undefined;
    await app.get(EndpointsService, { strict: false }).underLock(scope, endpointId, async (tx) => {
      await deliveries.addReplay(tx, endpointId, { id: randomUUID(), position: 0, untilPosition: 3 });
      givenBack = deliveries.giveBack(leased!, { wakeAt: null, takesNew: true });
      await lockWaits({ sql });
    });
    await givenBack;
    const [next] = await claim('two');
    expect(next).toMatchObject({ hasReplays: true });
  });

  it.each([
    ['that answer late', `slow = true`],
    ['that fare well', `slow = false`],
  ])('goes round: endpoints %s and always have something new keep nobody out', async (_how, state) => {
    const endpoints = app.get(EndpointsService, { strict: false });
    const other = await app.get(MerchantService, { strict: false }).create({ name: 'B', defaultCurrency: 'GBP' });
    const busy = { merchantId: other.id, environment: 'live' } as const;
    const limit = 3;
    for (let count = 0; count < 2 * limit; count++) await endpoints.create(busy, SETTINGS);
    const lagging = state === 'slow = true';
    await sql(`UPDATE webhook_cursors SET ${state}`);
    await sql(`UPDATE webhook_cursors SET wake_at = now() - interval '1 hour' WHERE endpoint_id = $1`, [endpointId]);
    const turns = new Map<string, number>();
    for (let round = 1; round <= 7; round++) {
      await append(1, busy);
      for (const leased of await claim('one', { lagging, limit })) {
        turns.set(leased.endpoint.id, (turns.get(leased.endpoint.id) ?? 0) + 1);
        expect(await moveTo(leased, round, { slow: lagging })).toBe(true);
        const isMine = leased.endpoint.id === endpointId;
        await deliveries.giveBack(leased, { wakeAt: isMine ? new Date(0) : null, takesNew: true });
      }
    }
    // 7 rounds of 3 places for 7 endpoints
    expect(turns.get(endpointId)).toBe(3);
    expect([...turns.values()]).toEqual(Array(2 * limit + 1).fill(3));
  });

  it('ends with the erasure of an integration: what is still to be written about it is not', async () => {
    await append(1);
    const [leased] = await claim('one');
    const integration = { id: randomUUID(), ...scope } as Integration;
    expect(await commit(leased!, { progress: held(integration.id) })).toBe(true);
    await unitOfWork.run((tx) => app.get(SyncExtensions, { strict: false }).eraseAll(tx, integration));
    expect(await commit(leased!, { progress: held(integration.id) })).toBe(false);
    expect(await sql(`SELECT FROM webhook_held`)).toEqual([]);
    expect(await claim('next')).toHaveLength(1);
  });

  it('of one that is enabled again is another: a turn from before writes nothing of how it fared', async () => {
    await append(1);
    const [leased] = await claim('before');
    const service = app.get(EndpointsService, { strict: false });
    await service.change(scope, endpointId, { enabled: false });
    await service.change(scope, endpointId, { enabled: true });
    expect(await moveTo(leased!, 0, { failures: 40 })).toBe(false);
    const [next] = await claim('next');
    expect(next!.health.failures).toBe(0);
  });

  it.each<[string, (service: EndpointsService) => Promise<unknown>]>([
    ['deleted', (service) => service.remove(scope, endpointId)],
    ['changed', (service) => service.change(scope, endpointId, { ratePerSecond: 5 })],
    ['enabled again', (service) => service.change(scope, endpointId, { enabled: true })],
  ])('waits with no one in a ring when the endpoint is %s while it commits', async (what, act) => {
    await append(1);
    const [leased] = await claim('one');
    if (what === 'enabled again')
      await sql(`UPDATE webhook_endpoints SET disabled_reason = 'gone', disabled_at = now()`);
    const attempt = { eventId: randomUUID(), eventType: 'sync.completed', integrationId: null, attempt: 1 };
    const outcome = { attemptedAt: new Date(), durationMs: 1, status: 200, error: null, answer: null };
    const progress = { position: 1, replays: [], held: [], released: [], parked: [] };
    let [tries, acting] = [0, Promise.resolve<unknown>(null)];
    await unitOfWork.run(async (tx) => {
      tries++;
      await deliveries.commit(tx, leased!, LEASE_MS, { health: leased!.health, progress, attempts: [], missed: 0 });
      if (tries === 1) acting = act(app.get(EndpointsService, { strict: false }));
      await eventually(async () => {
        expect(
          await sql(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`),
        ).toHaveLength(1);
      });
      await deliveries.addAttempt(tx, endpointId, { ...attempt, ...outcome, nextAction: 'none', nextAttemptAt: null });
    });
    await acting;
    expect(tries).toBe(1);
  });

  it('tells whoever holds it that the endpoint was changed', async () => {
    await append(1);
    const [leased] = await claim('one');
    const progress = { position: 0, replays: [], held: [], released: [], parked: [] };
    const change = { health: leased!.health, progress, attempts: [], missed: 0 };
    const changedAt = () => unitOfWork.run((tx) => deliveries.commit(tx, leased!, LEASE_MS, change));
    expect(await changedAt()).toEqual(leased!.endpoint.updatedAt);
    await app.get(EndpointsService, { strict: false }).change(scope, endpointId, { ratePerSecond: 5 });
    expect(await changedAt()).not.toEqual(leased!.endpoint.updatedAt);
  });

  it('of one that is switched off or deleted is taken by nobody, and what is left of it goes', async () => {
    await append(1);
    const [leased] = await claim('one');
    const service = app.get(EndpointsService, { strict: false });
    await service.change(scope, endpointId, { enabled: false });
    await deliveries.giveBack(leased!, { wakeAt: new Date(0), takesNew: true });
    expect(await claim('one')).toEqual([]);
    await service.remove(scope, endpointId);
    expect(await moveTo(leased!, 1)).toBe(false);
    const secrets = await sql(
      `SELECT wrapped_key FROM sealed_secrets WHERE purpose = 'webhook_secret' AND owner_id = $1 AND wrapped_key IS NOT NULL`,
      [endpointId],
    );
    expect(secrets).toEqual([]);
  });
});
