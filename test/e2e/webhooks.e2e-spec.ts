import { createHmac, createPublicKey, verify } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenAI } from 'openai';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { EventLog, exampleData, type EventType } from '../../src/events';
import { UnitOfWork } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startReceiver, type Received, type WebhookReceiver } from '../support/webhook-receiver';

const SCOPES = ['integrations:*', 'sync:*', 'events:read', 'webhooks:*'];

type Endpoint = Record<string, any>;

describe('webhooks', () => {
  let running: TestApp;
  let clinic: Clinic;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    running = await startTestApp({
      environment: { OUTBOUND_ALLOW_PRIVATE: 'true', WEBHOOK_RETRY_SCHEDULE: '0,1,1', WEBHOOK_TIMEOUT_SECONDS: '2' },
    });
  }, 120_000);
  afterAll(async () => running?.close());
  beforeEach(async () => {
    clinic = await makeClinic(running, { scopes: SCOPES });
    receiver = await startReceiver();
  });
  afterEach(async () => receiver.close());

  const endpointAt = async (target: WebhookReceiver, settings: object = {}): Promise<Endpoint> => {
    const { body } = await clinic.call('post', '/v2/webhook-endpoints', { url: target.url, ...settings }).expect(201);
    return body.data;
  };
  const endpoint = (settings: object = {}): Promise<Endpoint> => endpointAt(receiver, settings);
  const look = async (id: string): Promise<Endpoint> =>
    (await clinic.call('get', `/v2/webhook-endpoints/${id}`).expect(200)).body.data;
  const change = (id: string, body: object) => clinic.call('patch', `/v2/webhook-endpoints/${id}`, body).expect(200);
  const reasons = async (id: string): Promise<string[]> => {
    const { body } = await clinic.call('get', `/v2/webhook-endpoints/${id}/explain`).expect(200);
    return body.data.reasons.map(({ code }: { code: string }) => code);
  };
  const attempts = async (id: string): Promise<Record<string, any>[]> =>
    (await clinic.call('get', `/v2/webhook-endpoints/${id}/attempts`).expect(200)).body.data;
  const events = async (query = ''): Promise<Record<string, any>[]> =>
    (await clinic.call('get', `/v2/events${query}`).expect(200)).body.data;
  const append = (count: number, more: (index: number) => object = () => ({}), type: EventType = 'sync.completed') =>
    running.app.get(UnitOfWork).run(async (tx) => {
      const scope = { merchantId: clinic.merchantId, environment: 'sandbox' } as const;
      for (let index = 0; index < count; index++) {
        running.app
          .get(EventLog, { strict: false })
          .append(tx, scope, type, { ...exampleData(type), ...more(index) } as never);
      }
    });
  const numbers = (deliveries: readonly Received[]): number[] => deliveries.map(({ data }) => data['recordsCreated']);
  const numbered = (count: number, from = 0) => append(count, (index) => ({ recordsCreated: from + index }));

  it('tell what happened, in commit order, and the log tells the same', async () => {
    await endpoint();
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    await clinic.call('put', '/sync-toggle', { enabled: false }).expect(200);
    await clinic.call('post', '/deactivate').expect(200);
    await eventually(() =>
      expect(receiver.taken().map(({ type }) => type)).toEqual(
        expect.arrayContaining([
          'integration.activated',
          'sync.completed',
          'records.changed',
          'integration.paused',
          'integration.deactivated',
        ]),
      ),
    );
    const [stored] = await clinic.sql(
      `SELECT count(*)::int AS count FROM records r JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1`,
      [clinic.merchantId],
    );
    // each record is announced, within a second or so
    await eventually(async () => {
      const changed = await events('?type=records.changed');
      expect(changed.reduce((sum, { data }) => sum + data.created, 0)).toBe(stored!['count']);
    });
    const logged = await events();
    await eventually(() => expect(receiver.taken()).toHaveLength(logged.length));
    const told = new Map(receiver.taken().map((each) => [each.id, each]));
    for (const { id, type, timestamp, data } of logged) {
      expect(JSON.parse(told.get(id)!.body)).toEqual({ type, timestamp, data });
    }
    expect(logged[0]!['type']).toBe('integration.activated');
  }, 60_000);

  it('are accepted by every verifier, with the secret, the one that replaced it, and the public keys', async () => {
    const made = await endpoint();
    await append(1);
    await eventually(() => expect(receiver.taken()).toHaveLength(1));
    const { body } = await clinic.call('post', `/v2/webhook-endpoints/${made['id']}/rotate-secret`).expect(200);
    await append(1);
    await eventually(() => expect(receiver.taken()).toHaveLength(2));
    const [before, during] = receiver.taken() as [Received, Received];
    await expectVerified(before, made['secret'], made['publicKey']);
    await expectVerified(during, made['secret'], made['publicKey']);
    await expectVerified(during, body.data.secret, body.data.publicKey);
    expect(() => new StandardWebhook(body.data.secret).verify(before.body, before.headers)).toThrow();
    await clinic.call('post', `/v2/webhook-endpoints/${made['id']}/rotate-secret`, { overlapSeconds: 0 }).expect(200);
    await append(1);
    await eventually(() => expect(receiver.taken()).toHaveLength(3));
    const after = receiver.taken()[2]!;
    expect(() => new StandardWebhook(body.data.secret).verify(after.body, after.headers)).toThrow();
  });

  it('carry the mirrored header only where it is wanted', async () => {
    const { id } = await endpoint();
    await append(1);
    await eventually(() => expect(receiver.taken()).toHaveLength(1));
    expect(receiver.taken()[0]!.headers).toHaveProperty('x-revkeen-signature');
    await change(id, { mirroredSignature: false });
    await append(1);
    await eventually(() => expect(receiver.taken()).toHaveLength(2));
    expect(receiver.taken()[1]!.headers).not.toHaveProperty('x-revkeen-signature');
  });

  it('are tried again with the same id and a new time, until they are given up, told of, and replayed', async () => {
    const { id } = await endpoint({ eventTypes: ['sync.failed'] });
    const other = await startReceiver();
    try {
      await endpointAt(other, { eventTypes: ['webhook_endpoint.event_parked'] });
      receiver.answerWith(() => 500);
      await append(1, undefined, 'sync.failed');
      await eventually(() => expect(other.taken()).toHaveLength(1), 20_000);
      expect(receiver.received).toHaveLength(3);
      expect(new Set(receiver.received.map((each) => each.id)).size).toBe(1);
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
      const eventId = receiver.received[0]!.id;
      expect(other.taken()[0]!.data).toEqual({ endpointId: id, eventId, eventType: 'sync.failed' });
      expect((await attempts(id)).map(({ attempt, nextAction }) => [attempt, nextAction])).toEqual([
        [3, 'parked'],
        [2, 'retry'],
        [1, 'retry'],
      ]);
      expect(await reasons(id)).toContain('parked');
      receiver.answerWith(() => 200);
      await clinic.call('post', `/v2/webhook-endpoints/${id}/replay`, { eventId }).expect(200);
      await eventually(() => expect(receiver.taken().map((each) => each.id)).toEqual([eventId]));
      await eventually(async () => expect(await look(id)).toMatchObject({ parkedEvents: 0, heldEvents: 0 }));
    } finally {
      await other.close();
    }
  }, 60_000);

  it.each<[string, (delivery: Received) => number | ((response: ServerResponse) => void), string]>([
    ['an error', () => 500, 'The endpoint answered 500.'],
    [
      'a redirect, also to loopback',
      () => (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'The endpoint answered 302: redirects are not followed.',
    ],
    ['a connection that breaks', () => (response) => response.destroy(), 'The connection to the endpoint broke.'],
    ['silence', () => () => undefined, 'The endpoint did not answer in time.'],
    [
      'half an answer',
      () => (response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setTimeout(() => response.destroy(), 50);
      },
      'The connection to the endpoint broke.',
    ],
  ])(
    'are not taken by %s',
    async (_what, answer, error) => {
      const { id } = await endpoint();
      receiver.answerWith((delivery) => (receiver.received.length === 1 ? answer(delivery) : 204));
      await append(1);
      await eventually(() => expect(receiver.taken()).toHaveLength(1), 15_000);
      expect(receiver.received.map((each) => each.id)).toEqual([receiver.taken()[0]!.id, receiver.taken()[0]!.id]);
      await eventually(async () => expect(await attempts(id)).toHaveLength(2));
      expect((await attempts(id))[1]).toMatchObject({ error, nextAction: 'retry' });
    },
    30_000,
  );

  it('wait for as long as the endpoint asks', async () => {
    await endpoint();
    const until = Date.now() + 3_000;
    receiver.answerWith(() =>
      Date.now() < until
        ? (response) => response.writeHead(429, { 'retry-after': new Date(until + 999).toUTCString() }).end()
        : 204,
    );
    await append(3);
    await eventually(() => expect(receiver.taken()).toHaveLength(3), 20_000);
    const early = receiver.received.filter(({ at, status }) => status === null && at < until);
    expect(early.length).toBeLessThanOrEqual(3);
  }, 30_000);

  it('switch an endpoint off that answers 410, tell the others, and go on where it stood', async () => {
    const { id } = await endpoint();
    const other = await startReceiver();
    try {
      await endpointAt(other, { eventTypes: ['webhook_endpoint.disabled'] });
      receiver.answerWith(() => 410);
      await numbered(1);
      await eventually(() => expect(other.taken()).toHaveLength(1));
      expect(other.taken()[0]!.data).toEqual({ endpointId: id, reason: 'gone' });
      expect(await look(id)).toMatchObject({ enabled: false, status: 'disabled', disabledReason: 'gone' });
      receiver.answerWith(() => 204);
      await numbered(3, 1);
      await change(id, { enabled: true });
      await eventually(() => expect(numbers(receiver.taken()).sort()).toEqual([0, 1, 2, 3]));
    } finally {
      await other.close();
    }
  }, 30_000);

  it('cost an endpoint that is dead few rows, and reach it all when it is back', async () => {
    const { id } = await endpoint();
    receiver.answerWith(() => 503);
    await numbered(400);
    await eventually(async () => expect(await reasons(id)).toContain('stalled'), 20_000);
    const [rows] = await clinic.sql(`SELECT count(*)::int AS held FROM webhook_held WHERE endpoint_id = $1`, [id]);
    expect(rows!['held']).toBeLessThan(40);
    receiver.answerWith(() => 204);
    await eventually(
      async () => expect(await look(id)).toMatchObject({ heldEvents: 0, consecutiveFailures: 0 }),
      40_000,
    );
    await eventually(() => expect(new Set(numbers(receiver.taken())).size + parkedOf(receiver)).toBe(400), 20_000);
  }, 90_000);

  it('keep the order of each integration where that is asked for, past one that is given up', async () => {
    const [one, other] = ['7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55', '0b7f3c52-5a0e-4a56-9a0b-3f1f7c1d2e44'];
    const { id } = await endpoint({ ordering: 'strict' });
    receiver.answerWith(({ data }) => (data['recordsCreated'] === 4 ? 500 : 204));
    await append(20, (index) => ({ integrationId: index % 2 === 0 ? one : other, recordsCreated: index }));
    await eventually(() => expect(receiver.taken()).toHaveLength(19), 30_000);
    const of = (integrationId: string) =>
      numbers(receiver.taken().filter(({ data }) => data['integrationId'] === integrationId));
    expect(of(one)).toEqual([0, 2, 6, 8, 10, 12, 14, 16, 18]);
    expect(of(other)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    const firstOfOther = receiver.taken().find(({ data }) => data['recordsCreated'] === 19)!;
    const afterPoison = receiver.taken().find(({ data }) => data['recordsCreated'] === 6)!;
    expect(firstOfOther.at).toBeLessThan(afterPoison.at);
    await eventually(async () => expect(await look(id)).toMatchObject({ parkedEvents: 1, heldEvents: 0 }));
  }, 60_000);

  it('are those that the filters let pass', async () => {
    await endpoint({ eventTypes: ['sync.failed'], providers: ['wodify'] });
    await append(1, () => ({ provider: 'wodify' }));
    await append(1, () => ({ provider: 'practicehub' }), 'sync.failed');
    await append(1, () => ({ provider: 'wodify' }), 'sync.failed');
    await eventually(() => expect(receiver.taken()).toHaveLength(1));
    expect(receiver.taken()[0]).toMatchObject({ type: 'sync.failed', data: { provider: 'wodify' } });
  });

  it('come at the rate that the endpoint asks for', async () => {
    await endpoint({ ratePerSecond: 10 });
    await append(15);
    await eventually(() => expect(receiver.taken()).toHaveLength(15));
    const times = receiver.taken().map(({ at }) => at);
    expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(1_300);
  });

  it('bring the records where that is asked for, within 20 kB, and say whether there are more', async () => {
    await endpoint({ includeData: true, eventTypes: ['records.changed'] });
    await clinic.activate().expect(200);
    await clinic.settled();
    const isOf = (resource: string) => (each: Received) => each.data['resourceType'] === resource;
    await eventually(() => expect(receiver.taken().filter(isOf('customers')).length).toBeGreaterThan(0));
    const { data, body } = receiver.taken().find(isOf('customers'))!;
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    const { body: listed } = await clinic
      .call('get', `/records/customers?cursor=${data['cursor']}&limit=500`)
      .expect(200);
    expect(data['records'][0]).toEqual(listed.data[0]);
    expect(data['records'].length + (data['hasMoreRecords'] ? 1 : 0)).toBeLessThanOrEqual(listed.data.length);
  }, 60_000);

  it('are tried out with a signed example of any type', async () => {
    const made = await endpoint({ eventTypes: ['sync.failed'] });
    receiver.answerWith(() => (response) => response.writeHead(200).end('thanks jane@example.com'));
    const { body } = await clinic
      .call('post', `/v2/webhook-endpoints/${made['id']}/test`, { type: 'payment.failed' })
      .expect(200);
    expect(body.data).toMatchObject({
      eventType: 'payment.failed',
      status: 200,
      error: null,
      answer: 'thanks [e-mail]',
    });
    await expectVerified(receiver.received[0]!, made['secret'], made['publicKey']);
    expect(await attempts(made['id'])).toHaveLength(1);
  });

  it('of the past are sent once more', async () => {
    const { id } = await endpoint();
    await numbered(5);
    await eventually(() => expect(receiver.taken()).toHaveLength(5));
    const [, second] = await events();
    const { body } = await clinic
      .call('post', `/v2/webhook-endpoints/${id}/replay`, { from: second!['timestamp'] })
      .expect(200);
    expect(body.data.events).toBeGreaterThanOrEqual(4);
    await eventually(() => expect(receiver.taken()).toHaveLength(5 + body.data.events));
    await eventually(async () => expect(await clinic.sql(`SELECT FROM webhook_replays`)).toEqual([]));
  });

  it.each(['strict', 'parallel'])(
    'that a %s endpoint has yet to come to may be replayed',
    async (ordering) => {
      const { id } = await endpoint({ ordering });
      await clinic.call('patch', `/v2/webhook-endpoints/${id}`, { enabled: false }).expect(200);
      // a reading that ends with one page, and one that does not
      await numbered(300);
      await sleep(20);
      const from = new Date().toISOString();
      await sleep(20);
      await numbered(300, 300);
      await clinic.call('post', `/v2/webhook-endpoints/${id}/replay`, { from }).expect(200);
      await clinic.call('patch', `/v2/webhook-endpoints/${id}`, { enabled: true }).expect(200);
      await eventually(() => expect(new Set(numbers(receiver.taken())).size).toBe(600), 20_000);
      await eventually(async () => expect(await clinic.sql(`SELECT FROM webhook_replays`)).toEqual([]), 20_000);
    },
    60_000,
  );

  it('about an integration that is erased are erased with it', async () => {
    await endpoint();
    await clinic.activate().expect(200);
    await clinic.settled();
    await clinic.call('post', '/deactivate').expect(200);
    const { id } = await clinic.integration();
    expect(await events(`?integrationId=${id}`)).not.toEqual([]);
    await clinic.call('delete', '/data').expect(202);
    await clinic.settled();
    await eventually(async () => expect(await events(`?integrationId=${id}`)).toEqual([]));
    expect(await clinic.sql(`SELECT FROM webhook_attempts WHERE integration_id = $1`, [id])).toEqual([]);
  }, 60_000);

  it('leave nothing of an integration that is erased while one of them is under way', async () => {
    await endpoint();
    await clinic.activate().expect(200);
    await clinic.settled();
    await clinic.call('post', '/deactivate').expect(200);
    const { id } = await clinic.integration();
    const answers: (() => void)[] = [];
    receiver.answerWith(() => (response) => answers.push(() => response.writeHead(500).end(id)));
    await append(1, () => ({ integrationId: id }));
    await eventually(() => expect(answers.length).toBeGreaterThan(0));
    await clinic.call('delete', '/data').expect(202);
    await clinic.settled();
    await eventually(async () => expect(await events(`?integrationId=${id}`)).toEqual([]));
    answers.forEach((answer) => answer());
    receiver.answerWith(() => 204);
    await append(1);
    await eventually(() => expect(receiver.taken()).not.toEqual([]));
    await eventually(async () => expect(await clinic.sql(`SELECT FROM webhook_attempts`)).not.toEqual([]));
    for (const table of ['events', 'webhook_attempts', 'webhook_held']) {
      const left = await clinic.sql(`SELECT * FROM ${table} WHERE integration_id = $1`, [id]);
      expect([table, left]).toEqual([table, []]);
    }
  }, 60_000);

  it('are read by their cursor, page by page, and belong to their merchant', async () => {
    await numbered(5);
    const first = await clinic.call('get', '/v2/events?limit=2').expect(200);
    expect(first.body).toMatchObject({ hasMore: true });
    const second = await clinic.call('get', `/v2/events?limit=10&cursor=${first.body.nextCursor}`).expect(200);
    expect([...first.body.data, ...second.body.data].map(({ data }) => data.recordsCreated)).toEqual([0, 1, 2, 3, 4]);
    const rest = await clinic.call('get', `/v2/events?cursor=${second.body.nextCursor}`).expect(200);
    expect(rest.body).toMatchObject({ data: [], hasMore: false, nextCursor: second.body.nextCursor });
    await clinic.call('get', '/v2/events?cursor=nonsense').expect(400);
    const { id } = await endpoint();
    const stranger = await makeClinic(running, { scopes: SCOPES });
    await stranger.call('get', `/v2/events/${first.body.data[0].id}`).expect(404);
    await stranger.call('get', `/v2/webhook-endpoints/${id}`).expect(404);
    await clinic.sql(`UPDATE event_logs SET trimmed_position = 3 WHERE merchant_id = $1`, [clinic.merchantId]);
    await clinic.call('get', `/v2/events?cursor=${first.body.nextCursor}`).expect(410);
  });

  it.each([
    'http://10.0.0.1@evil.example/',
    'https://user:pass@example.com/',
    'ftp://example.com/',
    'https://169.254.169.254/latest/meta-data/',
    'nonsense',
    'https://billing.example.com/hooks/${7*7}{{7*7}}',
    'https://billing.example.com/a|b',
    'https://billing.example.com/100%',
    'https://billing.example.com/zürich',
  ])('are not promised to %s', async (url) => {
    const { body } = await clinic.call('post', '/v2/webhook-endpoints', { url }).expect(400);
    expect(body.details.fields).toHaveProperty('url');
    expect(JSON.stringify(body)).not.toMatch(/provider|credentials/i);
  });

  const parkedOf = (target: WebhookReceiver): number =>
    new Set(target.received.map(({ id }) => id)).size - new Set(target.taken().map(({ id }) => id)).size;
});

/** By three libraries, by the mirrored API's way, by Ed25519, and by the verifier that clients are given. */
async function expectVerified({ body, headers }: Received, secret: string, publicKey: string): Promise<void> {
  const event = JSON.parse(body) as object;
  expect(new StandardWebhook(secret).verify(body, headers)).toEqual(event);
  expect(new SvixWebhook(secret).verify(body, headers)).toEqual(event);
  const openai = new OpenAI({ apiKey: 'none', webhookSecret: secret });
  expect(await openai.webhooks.unwrap(body, headers)).toEqual(event);
  expect(mirroredEvent(body, headers['x-revkeen-signature']!, secret)).toEqual(event);
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  const raw = Buffer.from(publicKey.replace('whpk_', ''), 'base64');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
  const message = Buffer.from(`${id}.${timestamp}.${body}`);
  const asymmetric = signatures!.split(' ').filter((each) => each.startsWith('v1a,'));
  expect(asymmetric.some((each) => verify(null, message, key, Buffer.from(each.slice(4), 'base64')))).toBe(true);
}

/** As the mirrored API's documents say: `t=…,v1=…`, HMAC-SHA256 in hex over `t.body`, within 300 s. */
function mirroredEvent(body: string, header: string, secret: string): unknown {
  const parts = header.split(',').map((part) => part.split('=') as [string, string]);
  const time = parts.find(([name]) => name === 't')![1];
  if (Math.abs(Date.now() / 1000 - Number(time)) > 300) throw new Error('too old');
  const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  if (!parts.some(([name, value]) => name === 'v1' && value === expected)) throw new Error('no signature fits');
  return JSON.parse(body);
}
