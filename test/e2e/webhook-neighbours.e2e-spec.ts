import { setTimeout as sleep } from 'node:timers/promises';
import { EventLog, exampleData } from '../../src/events';
import { UnitOfWork } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver';

const STRANGERS = 12;
const EVENTS = 20;
/** Before they time out. */
const LATE_MS = 15_000;

describe('endpoints that do not answer, or late', () => {
  let running: TestApp;
  let hanging: WebhookReceiver;
  let late: WebhookReceiver;
  let healthy: WebhookReceiver;
  beforeAll(async () => {
    running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true', WEBHOOK_CONCURRENCY: '8' } });
    hanging = await startReceiver();
    late = await startReceiver();
    healthy = await startReceiver();
    hanging.answerWith(() => () => undefined);
  }, 120_000);
  afterAll(async () => {
    await hanging?.close();
    await late?.close();
    await healthy?.close();
    await running?.close();
  });

  const append = (clinic: Clinic, count: number) =>
    running.app.get(UnitOfWork).run(async (tx) => {
      const log = running.app.get(EventLog, { strict: false });
      const scope = { merchantId: clinic.merchantId, environment: 'sandbox' } as const;
      for (let index = 0; index < count; index++) {
        log.append(tx, scope, 'sync.completed', exampleData('sync.completed') as never);
      }
    });

  it('slow nobody else where each has failed before', async () => {
    const strangers = await Promise.all(Array.from({ length: STRANGERS }, () => makeClinic(running)));
    for (const stranger of strangers) {
      await stranger.call('post', '/v2/webhook-endpoints', { url: hanging.url }).expect(201);
    }
    const clinic = await makeClinic(running);
    await clinic.call('post', '/v2/webhook-endpoints', { url: healthy.url }).expect(201);
    // each has failed once: twice as many as there are places hang from now on
    await clinic.sql(
      `UPDATE webhook_cursors SET failures = 1, failing_since = now(), last_failure_at = now()
       WHERE endpoint_id IN (SELECT id FROM webhook_endpoints WHERE url = $1)`,
      [hanging.url],
    );
    for (const stranger of strangers) await append(stranger, EVENTS);
    await eventually(() => expect(hanging.received.length).toBeGreaterThanOrEqual(2));
    const begun = performance.now();
    await append(clinic, EVENTS);
    await eventually(() => expect(healthy.taken()).toHaveLength(EVENTS));
    // far less than one of them takes to time out
    expect(performance.now() - begun).toBeLessThan(8_000);
    // and they have their share only
    expect(hanging.received.length).toBeLessThanOrEqual(2);
  }, 60_000);

  it('slow nobody else where nobody knows them yet', async () => {
    late.answerWith(async () => {
      await sleep(LATE_MS);
      return 204;
    });
    const strangers = await Promise.all(Array.from({ length: STRANGERS }, () => makeClinic(running)));
    for (const stranger of strangers) {
      await stranger.call('post', '/v2/webhook-endpoints', { url: late.url }).expect(201);
    }
    const clinic = await makeClinic(running);
    await clinic.call('post', '/v2/webhook-endpoints', { url: `${healthy.url}/beside` }).expect(201);
    for (const stranger of strangers) await append(stranger, EVENTS);
    // as many as there are places
    await eventually(() => expect(late.received.length).toBeGreaterThanOrEqual(6));
    await append(clinic, EVENTS);
    await eventually(() => expect(healthy.taken().filter(({ path }) => path === '/beside')).toHaveLength(EVENTS));
    expect(late.taken()).toEqual([]);
    const slow = () => clinic.sql(`SELECT FROM webhook_cursors WHERE slow`);
    await eventually(async () => expect((await slow()).length).toBeGreaterThanOrEqual(6), 2 * LATE_MS);
  }, 90_000);
});
