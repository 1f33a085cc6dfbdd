import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { EventLog, EventRepository, exampleData } from '../../src/events';
import { UnitOfWork } from '../../src/platform/database';
import { adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { lockWaits } from '../support/lock-waits';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver';

type Document = { paths: Record<string, Record<string, { operationId?: string }>> };

const reason = 'ticket 4711';
const from = '2020-01-01T00:00:00Z';
/** Of every operation on one endpoint that takes a body; null: it takes none. */
const BODIES: Readonly<Record<string, object | null>> = {
  updateWebhookEndpoint: { enabled: false, description: 'renamed' },
  deleteWebhookEndpoint: null,
  rotateWebhookEndpointSecret: { overlapSeconds: 0 },
  testWebhookEndpoint: { type: 'sync.failed' },
  replayWebhookEvents: { from },
  adminReplayWebhookEvents: { reason, from },
  adminTestWebhookEndpoint: { reason },
  adminSwitchWebhookEndpoint: { reason, enabled: false },
};
const ROUNDS = 12;

interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
}

const operations: Operation[] = ['openapi.json', 'openapi-admin.json'].flatMap((file) =>
  Object.entries((JSON.parse(readFileSync(file, 'utf8')) as Document).paths)
    .filter(([path]) => /webhook-endpoints\/\{/.test(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation.operationId !== undefined)
        .map(([method, { operationId }]) => ({ operationId: operationId!, method, path })),
    ),
);
const named = (some: readonly Operation[]) => some.map((each) => [each.operationId, each] as const);
const writing = operations.filter(({ method }) => method !== 'get');

describe('an endpoint that is deleted meanwhile', () => {
  let running: TestApp;
  let clinic: Clinic;
  let receiver: WebhookReceiver;
  let token: string;
  beforeAll(async () => {
    running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true' } });
    clinic = await makeClinic(running);
    token = await adminToken(running, 'operator');
    receiver = await startReceiver();
  }, 120_000);
  afterAll(async () => {
    await receiver?.close();
    await running?.close();
  });

  const made = async (): Promise<string> =>
    (await clinic.call('post', '/v2/webhook-endpoints', { url: receiver.url }).expect(201)).body.data.id;
  const send = ({ operationId, method, path }: Operation, id: string): Promise<Response> => {
    const body = BODIES[operationId];
    const credentials: Record<string, string> = path.startsWith('/admin')
      ? { authorization: `Bearer ${token}` }
      : { 'x-api-key': clinic.key };
    return fetch(`${running.url}${path.replace(/\{\w+\}/, id)}${method === 'get' ? `?from=${from}` : ''}`, {
      method: method.toUpperCase(),
      headers: { 'content-type': 'application/json', ...credentials },
      ...(body && { body: JSON.stringify(body) }),
    });
  };

  it('is tried with every operation that writes', () => {
    expect(writing.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(BODIES).sort());
  });

  it.each(named(writing))('is not found by %s, which waits for the deletion', async (_name, operation) => {
    const id = await made();
    const client = new Client({ connectionString: running.config.database.url });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query(`SELECT FROM webhook_cursors WHERE endpoint_id = $1 FOR UPDATE`, [id]);
      const answer = send(operation, id);
      await lockWaits(clinic);
      await client.query(`DELETE FROM webhook_endpoints WHERE id = $1`, [id]);
      await client.query('COMMIT');
      const { status } = await answer;
      expect(status).toBe(404);
    } finally {
      await client.end();
    }
  });

  it.each(named(operations))(
    'is found or not found by %s, and nothing else',
    async (_name, operation) => {
      const removal = writing.find(({ operationId }) => operationId === 'deleteWebhookEndpoint')!;
      for (let round = 0; round < ROUNDS; round++) {
        const id = await made();
        const answers = [send(operation, id), send(removal, id), send(operation, id)];
        const statuses = (await Promise.all(answers)).map(({ status }) => status);
        // a query that the operation does not know is refused before anything is looked up
        expect(statuses.filter((status) => ![200, 400, 404].includes(status))).toEqual([]);
      }
    },
    60_000,
  );

  it('is not found where its secret was destroyed before it could sign', async () => {
    const id = await made();
    const operation = writing.find(({ operationId }) => operationId === 'testWebhookEndpoint')!;
    const client = new Client({ connectionString: running.config.database.url });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query('LOCK TABLE sealed_secrets IN ACCESS EXCLUSIVE MODE');
      const answer = send(operation, id);
      await lockWaits(clinic);
      await client.query(`UPDATE sealed_secrets SET wrapped_key = NULL, destroyed_at = now() WHERE owner_id = $1`, [
        id,
      ]);
      await client.query(`DELETE FROM webhook_endpoints WHERE id = $1`, [id]);
      await client.query('COMMIT');
      expect((await answer).status).toBe(404);
    } finally {
      await client.end();
    }
  });

  it('is sent nothing that was being read when it was deleted', async () => {
    const events = running.app.get(EventRepository, { strict: false });
    const after = events.after.bind(events);
    const id = await made();
    const before = receiver.received.length;
    let isReading = false;
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const reads = jest.spyOn(events, 'after').mockImplementation(async (...asked) => {
      const extract = await after(...asked);
      isReading ||= extract.events.length > 0;
      if (isReading) await gate;
      return extract;
    });
    try {
      const scope = { merchantId: clinic.merchantId, environment: 'sandbox' } as const;
      await running.app.get(UnitOfWork).run(async (tx) => {
        const log = running.app.get(EventLog, { strict: false });
        for (let count = 0; count < 5; count++) {
          log.append(tx, scope, 'sync.completed', exampleData('sync.completed') as never);
        }
      });
      await eventually(() => expect(isReading).toBe(true));
      const operation = writing.find(({ operationId }) => operationId === 'deleteWebhookEndpoint')!;
      expect((await send(operation, id)).ok).toBe(true);
      goOn();
      await sleep(1_500);
      expect(receiver.received.slice(before)).toEqual([]);
    } finally {
      reads.mockRestore();
    }
  });
});
