import { Injectable } from '@nestjs/common';
import { IntegrationAccess, IntegrationRepository, type IntegrationSlot, transition } from '../integrations';
import { type Tx, UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { SyncedItemRepository } from '../sync';
import { MerchantProducts } from './merchant-products';
import { type ProductMapping, ProductMappingRepository } from './store/product-mapping.repository';

export interface ShownMapping extends ProductMapping {
  readonly externalName: string | null;
  /** The product fields are null when the merchant has no product of that id. */
  readonly productName: string | null;
  readonly productKind: string | null;
  readonly productAmountMinor: number | null;
  readonly productCurrency: string | null;
}

export interface UnmappedAttempt {
  readonly externalPackageId: string;
  readonly externalPackageName: string | null;
  readonly count: number;
  readonly lastSeenAt: Date;
}

/** Which product of the merchant an external one stands for. Mappings outlive a deactivation. */
@Injectable()
export class ProductMappings {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly access: IntegrationAccess,
    private readonly integrations: IntegrationRepository,
    private readonly mappings: ProductMappingRepository,
    private readonly items: SyncedItemRepository,
    private readonly products: MerchantProducts,
  ) {}

  async list(slot: IntegrationSlot): Promise<ShownMapping[]> {
    const mappings = await this.mappings.list(slot);
    if (mappings.length === 0) return [];
    const [products, names] = await Promise.all([
      this.products.byIds(
        slot,
        mappings.map((mapping) => mapping.internalId),
      ),
      this.seenNames(slot),
    ]);
    const byId = new Map(products.map((product) => [product.id, product]));
    return mappings.map((mapping) => {
      const product = byId.get(mapping.internalId);
      return {
        ...mapping,
        externalName: mapping.metadata.name ?? names.get(mapping.externalId) ?? null,
        productName: product?.name ?? null,
        productKind: product?.kind ?? null,
        productAmountMinor: product?.amountMinor ?? null,
        productCurrency: product?.currency ?? null,
      };
    });
  }

  /** Needs an active integration. A reader sees the old list or the new one, never a part. */
  async replaceAll(slot: IntegrationSlot, mappings: readonly ProductMapping[]): Promise<number> {
    refuseRepeated(mappings);
    return this.unitOfWork.run(async (tx) => {
      const integration = await this.integrations.lockBySlot(tx, slot);
      transition(integration?.state ?? 'none', 'configure');
      await this.mappings.replaceAll(tx, slot, mappings);
      return mappings.length;
    });
  }

  async remove(slot: IntegrationSlot, externalId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      await this.integrations.lockBySlot(tx, slot);
      if (!(await this.mappings.remove(tx, slot, externalId))) throw new InterlockError('not_found');
    });
  }

  /** Precondition: the caller holds the integration's row lock. */
  async eraseIn(tx: Tx, slot: IntegrationSlot): Promise<void> {
    await this.mappings.removeAll(tx, slot);
  }

  /** What was synced that names an external product without a mapping; the last seen first. */
  async unmapped(slot: IntegrationSlot): Promise<UnmappedAttempt[]> {
    const integration = await this.access.find(slot);
    if (!integration) return [];
    const [seen, mappings] = await Promise.all([this.items.seen(integration.id), this.mappings.list(slot)]);
    const mapped = new Set(mappings.map((mapping) => mapping.externalId));
    return seen
      .filter((item) => !mapped.has(item.bareId))
      .map(({ bareId, name, count, lastSeenAt }) => ({
        externalPackageId: bareId,
        externalPackageName: name,
        count,
        lastSeenAt,
      }));
  }

  private async seenNames(slot: IntegrationSlot): Promise<Map<string, string | null>> {
    const integration = await this.access.find(slot);
    const seen = integration ? await this.items.seen(integration.id) : [];
    return new Map(seen.map((item) => [item.bareId, item.name]));
  }
}

function refuseRepeated(mappings: readonly ProductMapping[]): void {
  const seen = new Set<string>();
  mappings.forEach(({ externalId }, index) => {
    if (seen.has(externalId)) throw InterlockError.invalidField(`mappings.${index}.externalId`, 'must not occur twice');
    seen.add(externalId);
  });
}
