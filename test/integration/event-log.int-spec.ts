import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { ApiKeyService } from '../../src/auth';
import { ApiKeyExpiry } from '../../src/auth/api-key-expiry';
import {
  EVENT_CATALOGUE,
  EVENT_TYPES,
  EventLog,
  EventRepository,
  exampleData,
  type EventScope,
} from '../../src/events';
import { MerchantService } from '../../src/merchants';
import { UnitOfWork } from '../../src/platform/database';
import { FeedAnnouncer } from '../../src/sync/feed-announcer';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { openContext } from '../support/context';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { lockWaits } from '../support/lock-waits';
import { statement } from '../support/statements';

describe('events', () => {
  let database: TestDatabase;
  let app: INestApplicationContext;
  let log: EventLog;
  let events: EventRepository;
  let unitOfWork: UnitOfWork;
  let scope: EventScope;
  beforeAll(async () => {
    database = await migratedDatabase();
    app = await openContext({ DATABASE_URL: database.url });
    log = app.get(EventLog, { strict: false });
    events = app.get(EventRepository, { strict: false });
    unitOfWork = app.get(UnitOfWork);
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    const { id } = await app.get(MerchantService, { strict: false }).create({ name: 'M', defaultCurrency: 'GBP' });
    scope = { merchantId: id, environment: 'live' };
  });

  const append = (tx: Parameters<EventLog['append']>[0], marker: number, to = scope): void =>
    log.append(tx, to, 'sync.completed', { ...exampleData('sync.completed'), recordsCreated: marker } as never);
  const read = async (position = 0): Promise<{ position: number; marker: unknown }[]> =>
    (await events.after(scope, { position }, {}, 100)).events.map((each) => ({
      position: each.position,
      marker: each.data['recordsCreated'],
    }));

  it('follow the order of the commits, so that no reader skips one', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let first = (): void => undefined;
    const firstIsIn = new Promise<void>((resolve) => (first = resolve));
    const slow = unitOfWork.run(async (tx) => {
      append(tx, 1);
      // behind the writing of the event, as a commit that takes its time
      tx.beforeCommit(async () => {
        first();
        await held;
      });
    });
    await firstIsIn;
    const fast = unitOfWork.run(async (tx) => append(tx, 2));
    await lockWaits({ sql: (text, values) => statement(database.url, text, values) });
    expect(await read()).toEqual([]);
    release();
    await Promise.all([slow, fast]);
    expect(await read()).toEqual([
      { position: 1, marker: 1 },
      { position: 2, marker: 2 },
    ]);
  });

  it('of many acts at once have one position each, without a gap', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, index) => unitOfWork.run(async (tx) => append(tx, index))));
    const logged = await read();
    expect(logged.map(({ position }) => position)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(new Set(logged.map(({ marker }) => marker)).size).toBe(40);
  });

  it('of one act stay together and in order, however many they are', async () => {
    const told = Array.from({ length: 1_001 }, (_, index) => index + 1);
    await unitOfWork.run(async (tx) => told.forEach((marker) => append(tx, marker)));
    const { events: kept, head } = await events.after(scope, { position: 0 }, {}, 2_000);
    expect(kept.map(({ position }) => position)).toEqual(told);
    expect(kept.map(({ data }) => data['recordsCreated'])).toEqual(told);
    expect(head).toBe(1_001);
  });

  it('go with what they tell when it is rolled back', async () => {
    const failing = unitOfWork.run(async (tx) => {
      append(tx, 1);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await unitOfWork.run(async (tx) => append(tx, 2));
    expect(await read()).toEqual([{ position: 1, marker: 2 }]);
  });

  it('of acts on several logs do not wait for one another in a ring', async () => {
    const other: EventScope = { ...scope, environment: 'sandbox' };
    const both = (one: EventScope, two: EventScope) =>
      unitOfWork.run(async (tx) => {
        append(tx, 1, one);
        append(tx, 1, two);
        await sleep(5);
      });
    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? both(scope, other) : both(other, scope))));
    expect(await read()).toHaveLength(20);
  });

  it('that are larger than a delivery may be are refused', async () => {
    const big = unitOfWork.run(async (tx) =>
      log.append(tx, scope, 'sync.failed', { ...exampleData('sync.failed'), error: 'x'.repeat(17_000) } as never),
    );
    await expect(big).rejects.toThrow(/check constraint/);
  });

  it('are kept for a time, and readers who stand before what is gone are told', async () => {
    for (let marker = 1; marker <= 3; marker++) await unitOfWork.run(async (tx) => append(tx, marker));
    await statement(
      database.url,
      `UPDATE events SET occurred_at = now() - interval '31 days' WHERE merchant_id = $1 AND position <= 2`,
      [scope.merchantId],
    );
    while ((await events.removeOld(30, 100)) === 100);
    const extract = await events.after(scope, { position: 0 }, {}, 100);
    expect(extract).toMatchObject({ head: 3, trimmed: 2, events: [{ position: 3 }] });
  });

  it('tell of an API key that ends soon, once', async () => {
    const keys = app.get(ApiKeyService, { strict: false });
    const key = (days: number) =>
      keys.create({
        ...scope,
        name: `${days}`,
        scopes: [],
        expiresAt: new Date(Date.now() + days * 86_400_000),
      });
    await key(6);
    await key(8);
    const expiry = app.get(ApiKeyExpiry, { strict: false });
    await Promise.all([expiry.tick(), expiry.tick()]);
    await expiry.tick();
    const { events: told } = await events.after(scope, { position: 0 }, {}, 100);
    expect(told.map(({ type, data }) => [type, data['name']])).toEqual([['api_key.expiring', '6']]);
  });

  it('have examples of their own form', () => {
    for (const type of EVENT_TYPES) {
      for (const field of Object.values(EVENT_CATALOGUE[type].data)) {
        expect([type, typeof field.example]).toEqual([type, field.type === 'integer' ? 'number' : field.type]);
      }
    }
  });

  describe('of record feeds', () => {
    let running: TestApp;
    beforeAll(async () => {
      running = await startTestApp();
    }, 120_000);
    afterAll(async () => running?.close());

    it('are announced once, by however many workers, with what changed', async () => {
      const clinic = await makeClinic(running, { sizes: { patients: 12, '*': 0 } });
      await clinic.activate().expect(200);
      await clinic.settled();
      const announcer = running.app.get(FeedAnnouncer, { strict: false });
      await Promise.all([announcer.tick(), announcer.tick(), announcer.tick()]);
      const of = async (): Promise<Record<string, any>[]> =>
        (await clinic.call('get', '/v2/events?type=records.changed').expect(200)).body.data
          .map(({ data }: { data: Record<string, any> }) => data)
          .filter(({ resourceType }: Record<string, any>) => resourceType === 'customers');
      await eventually(async () => expect((await of()).at(-1)?.['to']).toBe(12));
      const announced = await of();
      expect(announced.reduce((sum, { created }) => sum + created, 0)).toBe(12);
      // without a gap, and nothing twice
      expect(announced.map(({ from }) => from)).toEqual([0, ...announced.slice(0, -1).map(({ to }) => to)]);
      const { cursor, from } = announced.at(-1)!;
      const page = await clinic.call('get', `/records/customers?cursor=${cursor}`).expect(200);
      expect(page.body.data).toHaveLength(12 - from);
    }, 60_000);
  });
});
