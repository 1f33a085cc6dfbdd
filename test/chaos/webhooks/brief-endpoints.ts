import type { Random } from '../engine/random';
import { LEASE_SECONDS } from '../engine/world';
import type { Watched } from './compare';
import type { WebhookMerchant } from './webhook-merchant';

/**
 * When no worker can begin another try of what was deleted. It learns of it by a signal; one that hears nothing, as the
 * database is silent, ends with its lease. A second is for the way to the receiver.
 */
export const UNLEARNT_MS = LEASE_SECONDS * 1_000 + 1_000;
const AT_ONCE = 2;

/** Endpoints that are deleted while they are delivered to. */
export class BriefEndpoints {
  /** Those that live, and those that were deleted. */
  readonly all: Watched[] = [];
  private readonly living: Watched[] = [];
  private readonly deleted: { readonly endpoint: Watched; readonly answeredAt: number }[] = [];

  private constructor(
    private readonly merchant: WebhookMerchant,
    private readonly watch: () => Promise<Watched>,
  ) {}

  static async make(merchant: WebhookMerchant, watch: () => Promise<Watched>): Promise<BriefEndpoints> {
    const made = new BriefEndpoints(merchant, watch);
    for (let index = 0; index < AT_ONCE; index++) await made.add();
    return made;
  }

  async replaceOne(random: Random): Promise<void> {
    const [endpoint] = this.living.splice(random.whole(0, this.living.length - 1), 1);
    await this.merchant.call('DELETE', `/${endpoint!.id}`);
    this.deleted.push({ endpoint: endpoint!, answeredAt: Date.now() });
    await this.add();
  }

  /** After settling. */
  async faults(): Promise<string[]> {
    const faults = this.deleted.flatMap(({ endpoint: { id, receiver }, answeredAt }) =>
      receiver.arrivals
        .filter(({ begunAt }) => begunAt > answeredAt + UNLEARNT_MS)
        .map(({ begunAt }) => `${id} was sent something ${begunAt - answeredAt} ms after it was deleted`),
    );
    const ids = this.deleted.map(({ endpoint: { id } }) => id);
    const left = await this.merchant.world.sql(
      `SELECT id::text FROM webhook_endpoints WHERE id = ANY ($1::uuid[])
       UNION ALL SELECT owner_id FROM sealed_secrets WHERE owner_id = ANY ($1::text[]) AND wrapped_key IS NOT NULL`,
      [ids],
    );
    return left.length === 0 ? faults : [...faults, `${left.length} rows or secrets of deleted endpoints are left`];
  }

  private async add(): Promise<void> {
    const endpoint = await this.watch();
    endpoint.receiver.faulty = 0.2;
    this.living.push(endpoint);
    this.all.push(endpoint);
  }
}
