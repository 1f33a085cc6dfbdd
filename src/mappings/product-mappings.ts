import { Injectable } from '@nestjs/common';
import { aboutIntegration, EventLog } from '../events';
import {
  IntegrationAccess,
  IntegrationRepository,
  transition,
  type Integration,
  type IntegrationKey,
} from '../integrations';
import { groupedBy } from '../platform/collections';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { countedPart, offsetOf, type ListPart, type ListRequest } from '../platform/http';
import { PRODUCT_KINDS, type ProductKind } from '../providers';
import { SyncedRecords } from '../sync';
import { kindMeant, partsOf, withKind } from './kinds';
import { MerchantProducts } from './merchant-products';
import { ProductMappingRepository, type ProductMapping } from './store/product-mapping.repository';

type SeenItem = Awaited<ReturnType<SyncedRecords['seen']>>['rows'][number];

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

export interface UnmappedAttempts extends ListPart<UnmappedAttempt> {
  /** The sum of all counts, also of what was cut. */
  readonly totalCount: number;
}

/** Which product of the merchant an external one stands for. Mappings outlive a deactivation. */
@Injectable()
export class ProductMappings {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly access: IntegrationAccess,
    private readonly integrations: IntegrationRepository,
    private readonly mappings: ProductMappingRepository,
    private readonly items: SyncedRecords,
    private readonly products: MerchantProducts,
    private readonly events: EventLog,
  ) {}

  async list(key: IntegrationKey, request: ListRequest): Promise<ListPart<ShownMapping>> {
    const part = { limit: request.limit, offset: offsetOf(request) };
    const { rows: mappings, hasMore } = await this.mappings.list(key, part);
    if (mappings.length === 0) return { entries: [], next: null };
    const [products, seen] = await Promise.all([
      this.products.byIds(
        key,
        mappings.map((mapping) => mapping.internalId),
      ),
      this.seen(
        key,
        mappings.map((mapping) => partsOf(mapping.externalId).bareId),
      ),
    ]);
    const byId = new Map(products.map((product) => [product.id, product]));
    const rows = mappings.map((mapping) => {
      const product = byId.get(mapping.internalId);
      return {
        ...mapping,
        externalName: mapping.metadata.name ?? nameOf(mapping, seen.get(partsOf(mapping.externalId).bareId)),
        productName: product?.name ?? null,
        productKind: product?.kind ?? null,
        productAmountMinor: product?.amountMinor ?? null,
        productCurrency: product?.currency ?? null,
      };
    });
    return countedPart(request, { rows, hasMore });
  }

  /** Needs an active integration. A reader sees the old list or the new one, never a part. */
  async replaceAll(key: IntegrationKey, mappings: readonly ProductMapping[]): Promise<number> {
    refuseRepeated(mappings);
    const kinds = await this.kindsOf(key, mappings);
    const meant = mappings.map((mapping) => ({ ...mapping, externalId: meantBy(mapping, kinds) }));
    refuseRepeated(meant);
    return this.unitOfWork.run(async (tx) => {
      const integration = await this.integrations.lockByKey(tx, key);
      transition(integration?.state ?? 'none', 'configure');
      const before = await this.mappings.allIn(tx, key);
      await this.mappings.replaceAll(tx, key, meant);
      this.tellOfChanges(tx, integration!, before, meant);
      return meant.length;
    });
  }

  private tellOfChanges(
    tx: Tx,
    integration: Integration,
    before: readonly ProductMapping[],
    after: readonly ProductMapping[],
  ): void {
    const about = aboutIntegration(integration);
    const was = new Map(before.map(({ externalId, internalId }) => [externalId, internalId]));
    for (const { externalId, internalId } of after) {
      const earlier = was.get(externalId);
      was.delete(externalId);
      const told = { ...about, externalId, internalId };
      if (earlier === undefined) this.events.append(tx, integration, 'product_mapping.created', told);
      else if (earlier !== internalId) this.events.append(tx, integration, 'product_mapping.updated', told);
    }
    for (const externalId of was.keys()) {
      this.events.append(tx, integration, 'product_mapping.deleted', { ...about, externalId });
    }
  }

  async remove(key: IntegrationKey, externalId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const integration = await this.integrations.lockByKey(tx, key);
      const tell = (removed: string): void => {
        if (!integration) return;
        const told = { ...aboutIntegration(integration), externalId: removed };
        this.events.append(tx, integration, 'product_mapping.deleted', told);
      };
      if (await this.mappings.remove(tx, key, externalId)) return tell(externalId);
      const mapped = new Set(await this.mappings.externalIds(key));
      const kinds = PRODUCT_KINDS.filter((kind) => mapped.has(withKind(kind, externalId))).sort();
      const kind = kindMeant(externalId, kinds);
      if (kind === null) throw new InterlockError('not_found');
      await this.mappings.remove(tx, key, withKind(kind, externalId));
      tell(withKind(kind, externalId));
    });
  }

  /** Precondition: the caller holds the integration's row lock. */
  async eraseIn(tx: Tx, key: IntegrationKey): Promise<void> {
    await this.mappings.removeAll(tx, key);
  }

  /** What was synced that names an external product without a mapping; the last seen first. */
  async unmapped(key: IntegrationKey, request: ListRequest): Promise<UnmappedAttempts> {
    const integration = await this.access.find(key);
    if (!integration) return { entries: [], next: null, totalCount: 0 };
    const except = await this.mappings.externalIds(key);
    const part = { limit: request.limit, offset: offsetOf(request) };
    const { rows: seen, hasMore } = await this.items.seen(integration.id, { except }, part);
    const rows = seen.map(({ bareId, kind, name, count, lastSeenAt }) => ({
      externalPackageId: withKind(kind, bareId),
      externalPackageName: name,
      count,
      lastSeenAt,
    }));
    return { ...countedPart(request, { rows, hasMore }), totalCount: seen[0]?.totalCount ?? 0 };
  }

  /** By bare id: things of several kinds may have one. */
  private async seen(key: IntegrationKey, bareIds: readonly string[]): Promise<Map<string, SeenItem[]>> {
    const integration = bareIds.length === 0 ? null : await this.access.find(key);
    if (!integration) return new Map();
    const all = { limit: bareIds.length * (PRODUCT_KINDS.length + 1), offset: 0 };
    const { rows } = await this.items.seen(integration.id, { only: bareIds }, all);
    const known = rows.flatMap((item) => item.bareIds.map((id) => ({ id, item })));
    const byId = groupedBy(known, ({ id }) => id);
    return new Map([...byId].map(([id, alike]) => [id, alike.map(({ item }) => item)]));
  }

  /** Of the bare ids among them. */
  private async kindsOf(
    key: IntegrationKey,
    mappings: readonly ProductMapping[],
  ): Promise<ReadonlyMap<string, readonly ProductKind[]>> {
    const integration = await this.access.find(key);
    const bare = mappings.map(({ externalId }) => externalId).filter((id) => partsOf(id).kind === null);
    return integration ? this.items.kindsOf(integration.id, bare) : new Map();
  }
}

/** Of several things with the mapping's id: the one of its kind where it says one, else the package. */
function nameOf({ externalId, metadata }: ProductMapping, alike: readonly SeenItem[] = []): string | null {
  const own = partsOf(externalId).kind;
  if (own !== null) return alike.find(({ kind }) => kind === own)?.name ?? null;
  const meant =
    alike.find(({ kind }) => kind !== null && kind === metadata.type) ??
    alike.find(({ kind }) => kind === 'package' || kind === 'membership');
  return (meant ?? alike[0])?.name ?? null;
}

/** With its kind, as far as it is known. */
function meantBy({ externalId, metadata }: ProductMapping, kinds: ReadonlyMap<string, readonly ProductKind[]>): string {
  const candidates = kinds.get(externalId);
  return candidates === undefined ? externalId : withKind(kindMeant(externalId, candidates, metadata.type), externalId);
}

function refuseRepeated(mappings: readonly ProductMapping[]): void {
  const seen = new Set<string>();
  mappings.forEach(({ externalId }, index) => {
    if (seen.has(externalId)) throw InterlockError.invalidField(`mappings.${index}.externalId`, 'must not occur twice');
    seen.add(externalId);
  });
}
