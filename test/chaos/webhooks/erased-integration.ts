import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UNLEARNT_MS } from './brief-endpoints';
import type { Watched } from './compare';
import type { WebhookMerchant } from './webhook-merchant';

const PROVIDER = '/v2/integrations/practicehub';
const MOST_MS = 60_000;

/** An integration whose data is erased, and which is activated again, while events about it are delivered. */
export class ErasedIntegration {
  /** Events about it may be appended. */
  isTold = false;
  /** Events that were erased, by when no try of them may begin any more, in epoch milliseconds. */
  private readonly erased = new Map<string, number>();
  private left: string[] = [];

  private constructor(
    private readonly merchant: WebhookMerchant,
    private readonly activation: object,
    readonly integrationId: string,
  ) {}

  static async make(merchant: WebhookMerchant, seed: number): Promise<ErasedIntegration> {
    const { simulator, front } = merchant.world;
    const apiKey = `acct-erased-${randomUUID()}`;
    simulator.addAccount({ apiKey, seed, sizes: { '*': 0, patients: 50 }, settings: { ratePerSecond: 0 } });
    const activation = { credentials: { apiKey, baseUrl: `${front.url}/sandbox/practicehub` } };
    const { data } = await merchant.request('POST', `${PROVIDER}/activate`, activation);
    await merchant.request('POST', `${PROVIDER}/deactivate`, {});
    return new ErasedIntegration(merchant, activation, data.id);
  }

  /** From an activation to the end of the erasure. */
  async liveAndEnd(forMs: number): Promise<void> {
    const { merchant, integrationId } = this;
    await merchant.request('POST', `${PROVIDER}/activate`, this.activation);
    this.isTold = true;
    await sleep(forMs);
    this.isTold = false;
    await merchant.request('POST', `${PROVIDER}/deactivate`, {});
    const events = await merchant.world.sql<{ id: string }>(`SELECT id FROM events WHERE integration_id = $1`, [
      integrationId,
    ]);
    await this.erase();
    const ids = events.map(({ id }) => id);
    for (const id of ids) this.erased.set(id, Date.now() + UNLEARNT_MS);
    await sleep(UNLEARNT_MS);
    const tables = ['webhook_held', 'webhook_attempts'].map((table) => `SELECT event_id FROM ${table}`);
    const left = await merchant.world.sql<{ id: string }>(
      `SELECT id FROM (SELECT id FROM events UNION ALL ${tables.join(' UNION ALL ')}) kept WHERE id = ANY ($1)`,
      [ids],
    );
    this.left.push(...left.map(({ id }) => id));
  }

  /** After settling. */
  faults(endpoints: readonly Watched[]): string[] {
    const late = endpoints.flatMap(({ name, receiver }) =>
      receiver.arrivals
        .filter(({ id, begunAt }) => begunAt > (this.erased.get(id) ?? Infinity))
        .map(({ id }) => `${name} was sent ${id} after it was erased`),
    );
    return this.left.length === 0 ? late : [...late, `${this.left.length} rows of erased events are left`];
  }

  /** A run that was overtaken or given up is asked for again. */
  private async erase(): Promise<void> {
    for (const deadline = Date.now() + MOST_MS; ; await sleep(250)) {
      if (Date.now() > deadline) throw new Error(`the erasure did not end: ${await this.runs()}`);
      const { jobId } = await this.merchant.request('DELETE', `${PROVIDER}/data`);
      if (await this.succeeds(jobId, deadline)) return;
    }
  }

  private async runs(): Promise<string> {
    const runs = await this.merchant.world.sql(
      `SELECT kind, state, attempt, deaths, wait_reason, error, created_at, not_before, started_at, lease_until, now()
       FROM sync_runs WHERE integration_id = $1 ORDER BY created_at DESC LIMIT 4`,
      [this.integrationId],
    );
    return JSON.stringify(runs);
  }

  private async succeeds(runId: string, deadline: number): Promise<boolean> {
    for (; Date.now() < deadline; await sleep(100)) {
      const [run] = await this.merchant.world.sql<{ state: string }>(`SELECT state FROM sync_runs WHERE id = $1`, [
        runId,
      ]);
      if (run?.state === 'succeeded') return true;
      if (!run || run.state === 'failed' || run.state === 'cancelled') return false;
    }
    return false;
  }
}
