import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { ApiKeyService } from '../../../src/auth';
import { EventLog, exampleData, type EventScope } from '../../../src/events';
import { MerchantService } from '../../../src/merchants';
import { UnitOfWork } from '../../../src/platform/database';
import { retried } from '../engine/chaos-clinic';
import type { World } from '../engine/world';

const ENDPOINTS = '/v2/webhook-endpoints';

/** A request that was under way when the database was hit holds its key for a while. */
const MOST_MS = 120_000;

/** Fails with all that the tries failed with. */
async function atLast<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + MOST_MS;
  const failures = new Map<string, number>();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const said = String(error).replace(/"requestId":"[^"]*"/, '');
      failures.set(said, (failures.get(said) ?? 0) + 1);
      if (Date.now() > deadline) throw new Error(JSON.stringify([...failures]), { cause: error });
      await sleep(250);
    }
  }
}

/** A merchant to whom things happen, and who looks after endpoints through the API. */
export class WebhookMerchant {
  /** The events whose commit was acknowledged. */
  readonly acknowledged: { readonly number: number; readonly integrationId: string }[] = [];
  private numbered = 0;

  private constructor(
    readonly world: World,
    private readonly context: INestApplicationContext,
    readonly scope: EventScope,
    private readonly key: string,
  ) {}

  static async make(world: World, context: INestApplicationContext): Promise<WebhookMerchant> {
    const { id } = await retried(() =>
      context.get(MerchantService, { strict: false }).create({ name: 'Hooked', defaultCurrency: 'GBP' }),
    );
    const scope = { merchantId: id, environment: 'sandbox' } as const;
    const { key } = await retried(() =>
      context
        .get(ApiKeyService, { strict: false })
        .create({ ...scope, name: 'chaos', scopes: ['events:read', 'webhooks:*', 'integrations:*', 'sync:*'] }),
    );
    return new WebhookMerchant(world, context, scope, key.reveal());
  }

  /** With one `Idempotency-Key` for all tries: whatever breaks, it is done once. */
  async call(method: string, path: string, body?: object): Promise<any> {
    return (await this.request(method, `${ENDPOINTS}${path}`, body)).data;
  }

  async request(method: string, path: string, body?: object): Promise<any> {
    const idempotencyKey = randomUUID();
    return atLast(async () => {
      const answer = await fetch(`${this.world.api.url}${path}`, {
        method,
        headers: {
          'x-api-key': this.key,
          'content-type': 'application/json',
          ...(body && { 'idempotency-key': idempotencyKey }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      });
      // the answer to an earlier try was lost
      if (method === 'DELETE' && answer.status === 404) return {};
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    });
  }

  /** Several events of one transaction. What becomes of it when the database is hit meanwhile, the log says. */
  async append(integrationIds: readonly string[]): Promise<void> {
    const numbers = integrationIds.map(() => ++this.numbered);
    try {
      await this.context.get(UnitOfWork).run(async (tx) => {
        const log = this.context.get(EventLog, { strict: false });
        for (const [index, integrationId] of integrationIds.entries()) {
          const data = { ...exampleData('sync.completed'), integrationId, recordsCreated: numbers[index] };
          log.append(tx, this.scope, 'sync.completed', data as never);
        }
      });
      this.acknowledged.push(
        ...integrationIds.map((integrationId, index) => ({ number: numbers[index]!, integrationId })),
      );
    } catch {
      // the database is away
    }
  }

  /** Where the endpoint stands and who holds it, for a report. */
  async cursor(id: string): Promise<unknown> {
    const rows = await this.world.sql(
      `SELECT c.*, now() AS now, (SELECT max(position) FROM events WHERE merchant_id = $2) AS head
       FROM webhook_cursors c WHERE endpoint_id = $1`,
      [id, this.scope.merchantId],
    );
    return rows[0];
  }

  logged(): Promise<{ id: string; integrationId: string; number: number }[]> {
    return this.world.sql(
      `SELECT id, integration_id AS "integrationId", (data->>'recordsCreated')::int AS number FROM events
       WHERE merchant_id = $1 AND type = 'sync.completed' ORDER BY position`,
      [this.scope.merchantId],
    );
  }
}
