import { randomUUID } from 'node:crypto';
import { EventLog, exampleData } from '../../src/events';
import { UnitOfWork } from '../../src/platform/database';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver';

type Call = Awaited<ReturnType<typeof adminOf>>;

const reason = 'ticket 4711';

describe('webhook endpoints, for operators', () => {
  let running: TestApp;
  let clinic: Clinic;
  let receiver: WebhookReceiver;
  let operator: Call;
  let viewer: Call;
  let id: string;
  beforeAll(async () => {
    running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true' } });
    operator = await adminOf(running, 'operator');
    viewer = await adminOf(running, 'viewer');
  }, 120_000);
  afterAll(async () => running?.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    receiver = await startReceiver();
    const { body } = await clinic.call('post', '/v2/webhook-endpoints', { url: receiver.url }).expect(201);
    id = body.data.id;
  });
  afterEach(async () => receiver.close());

  const append = (count: number) =>
    running.app.get(UnitOfWork).run(async (tx) => {
      const log = running.app.get(EventLog, { strict: false });
      const scope = { merchantId: clinic.merchantId, environment: 'sandbox' } as const;
      for (let index = 0; index < count; index++) {
        log.append(tx, scope, 'sync.completed', exampleData('sync.completed') as never);
      }
    });
  const seen = async (path = ''): Promise<any> =>
    (await viewer('get', `/webhook-endpoints/${id}${path}`).expect(200)).body.data;
  const audited = (action: string) =>
    clinic.sql(`SELECT actor_id, reason, merchant_id FROM audit_entries WHERE action = $1 AND subject_id = $2`, [
      action,
      id,
    ]);

  it('are listed by merchant, of both environments, with what they are behind and no secret', async () => {
    await operator('post', `/webhook-endpoints/${id}/switch`, { reason, enabled: false }).expect(200);
    await append(3);
    const { body } = await viewer('get', `/merchants/${clinic.merchantId}/webhook-endpoints`).expect(200);
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({ id, environment: 'sandbox', status: 'disabled', behind: 3, head: 3 });
    expect(JSON.stringify(body)).not.toContain('whsec_');
    const { reasons, willDeliver } = await seen('/explain');
    expect(willDeliver).toBe(false);
    expect(reasons.map(({ code }: { code: string }) => code)).toEqual(['switched_off', 'behind']);
    await operator('post', `/webhook-endpoints/${id}/switch`, { reason, enabled: true }).expect(200);
    await eventually(() => expect(receiver.taken()).toHaveLength(3));
    for (const action of ['webhook_endpoint.disabled', 'webhook_endpoint.enabled']) {
      const entry = { actor_id: 'operator@example.test', reason, merchant_id: clinic.merchantId };
      expect([action, await audited(action)]).toEqual([action, [entry]]);
    }
  });

  it('list what was given up, page by page, until a replay of it is taken', async () => {
    await append(3);
    await eventually(() => expect(receiver.taken()).toHaveLength(3));
    const event = `SELECT id, position FROM events WHERE merchant_id = $2 ORDER BY position DESC LIMIT 2`;
    await clinic.sql(
      `INSERT INTO webhook_held (endpoint_id, event_id, position, attempts, due_at, parked)
       SELECT $1::uuid, e.id, e.position, 9, now(), true FROM (${event}) e
       UNION ALL SELECT $1::uuid, gen_random_uuid(), 999, 9, now(), true`,
      [id, clinic.merchantId],
    );
    const page = async (query: string) =>
      (await viewer('get', `/webhook-endpoints/${id}/given-up?${query}`).expect(200)).body;
    const first = await page('limit=1');
    const rest = await page(`limit=2&cursor=${first.nextCursor}`);
    expect(rest.nextCursor).toBeNull();
    expect([...first.data, ...rest.data]).toMatchObject([
      { eventType: 'sync.completed', attempts: 9, occurredAt: expect.any(String), lastError: null },
      { eventType: 'sync.completed' },
      { eventType: null, occurredAt: null },
    ]);
    const finding = async () =>
      (await viewer('get', '/overview').expect(200)).body.data.findings.find(
        ({ code }: { code: string }) => code === 'events_given_up',
      );
    await eventually(async () => expect(await finding()).toMatchObject({ count: 3, merchantCount: 1 }));
    const { eventId } = first.data[0];
    await operator('post', `/webhook-endpoints/${id}/replay`, { reason, eventId }).expect(200);
    await eventually(async () => {
      const left = (await page('limit=5')).data;
      expect(left.map((each: { eventId: string }) => each.eventId)).not.toContain(eventId);
      expect(left).toHaveLength(2);
    }, 20_000);
  });

  it('show their attempts page by page, and what the last failure was', async () => {
    receiver.answerWith(() => (response) => response.writeHead(500).end('card 4242 4242 4242 4242'));
    await append(2);
    await eventually(async () => expect((await seen()).consecutiveFailures).toBeGreaterThanOrEqual(2));
    const first = (await viewer('get', `/webhook-endpoints/${id}/attempts?limit=1`).expect(200)).body;
    expect(first.data).toHaveLength(1);
    expect(first.data[0]).toMatchObject({ status: 500, nextAction: 'retry' });
    expect(first.data[0].answer).not.toContain('4242');
    const next = await viewer('get', `/webhook-endpoints/${id}/attempts?limit=1&cursor=${first.nextCursor}`).expect(
      200,
    );
    expect(next.body.data[0].attemptedAt).not.toBe(first.data[0].attemptedAt);
    expect((await seen('/explain')).reasons[0].message).toContain('The last one: The endpoint answered 500.');
  });

  it('are sent a part of the log once more, as much as the preview says', async () => {
    await append(5);
    await eventually(() => expect(receiver.taken()).toHaveLength(5));
    const from = '2020-01-01T00:00:00Z';
    const preview = await seen(`/replay-preview?from=${from}`);
    expect(preview).toEqual({ events: 5, fromPosition: 1, toPosition: 5 });
    expect(receiver.taken()).toHaveLength(5);
    const { body } = await operator('post', `/webhook-endpoints/${id}/replay`, { reason, from }).expect(200);
    expect(body.data).toEqual({ events: 5 });
    await eventually(() => expect(receiver.taken()).toHaveLength(10));
    const eventId = receiver.taken()[2]!.id;
    expect(await seen(`/replay-preview?eventId=${eventId}`)).toMatchObject({ events: 1 });
    expect(await seen(`/replay-preview?from=2099-01-01T00:00:00Z`)).toMatchObject({ events: 0 });
    await viewer('get', `/webhook-endpoints/${id}/replay-preview`).expect(400);
    await viewer('get', `/webhook-endpoints/${id}/replay-preview?eventId=${randomUUID()}`).expect(404);
    expect(await audited('webhook_endpoint.replayed')).toEqual([expect.objectContaining({ reason })]);
  });

  it('are tried out with a signed example', async () => {
    const { body } = await operator('post', `/webhook-endpoints/${id}/test`, { reason, type: 'sync.failed' }).expect(
      200,
    );
    expect(body.data).toMatchObject({ eventType: 'sync.failed', status: 204, error: null });
    expect(receiver.taken()).toHaveLength(1);
  });

  it.each(['switch', 'test', 'replay'])('a viewer may not %s them', async (act) => {
    const body = {
      reason,
      ...(act === 'switch' ? { enabled: false } : {}),
      ...(act === 'replay' ? { from: '2020-01-01T00:00:00Z' } : {}),
    };
    await viewer('post', `/webhook-endpoints/${id}/${act}`, body).expect(403);
    await operator('post', `/webhook-endpoints/${id}/${act}`, { ...body, reason: ' ' }).expect(400);
    await operator('post', `/webhook-endpoints/${randomUUID()}/${act}`, body).expect(404);
    expect(receiver.received).toEqual([]);
  });

  it.each(['', '/explain', '/attempts', '/replay-preview?from=2020-01-01T00:00:00Z'])(
    'that do not exist are not found: GET …%s',
    async (path) => {
      await viewer('get', `/webhook-endpoints/${randomUUID()}${path}`).expect(404);
    },
  );
});
