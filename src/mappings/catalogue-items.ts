import { Injectable } from '@nestjs/common';
import { IntegrationAccess, type IntegrationKey } from '../integrations';
import { countedPart, offsetOf, type ListPart, type ListRequest } from '../platform/http';
import { exponentOf } from '../providers';
import { SyncedRecords } from '../sync';

type SyncedProduct = Awaited<ReturnType<SyncedRecords['products']>>['rows'][number];
type SyncedLineItem = Awaited<ReturnType<SyncedRecords['lineItems']>>['rows'][number];

/** A package or membership as the catalogue endpoints show it; what the provider does not say is left out. */
export interface CataloguePackage {
  /** With its kind, as it is mapped: `package:12`. Of a plan: that of the first of its rows. */
  readonly id: string;
  readonly name: string;
  readonly public_name?: string;
  readonly type?: string;
  readonly package_type?: string;
  readonly charge_type?: string;
  /** In major units, as the provider shows it. */
  readonly price?: number;
  readonly visits?: number;
  readonly active?: boolean;
}

export interface BillableItem {
  /** As it is mapped: with its kind where the invoice says it. */
  readonly id: string;
  readonly name: string;
  /** Where the invoice says it: items of two kinds may have one bare id. */
  readonly type?: string;
  readonly price?: number;
  readonly source: 'invoice';
}

/** What the synced records say can be sold, for a merchant who maps it. */
@Injectable()
export class CatalogueItems {
  constructor(
    private readonly access: IntegrationAccess,
    private readonly items: SyncedRecords,
  ) {}

  async packages(key: IntegrationKey, request: ListRequest): Promise<ListPart<CataloguePackage>> {
    const integration = await this.access.requireActive(key);
    const part = { limit: request.limit, offset: offsetOf(request) };
    const { rows, hasMore } = await this.items.products(integration.id, ['package', 'membership'], part);
    return countedPart(request, { rows: rows.map(toPackage), hasMore });
  }

  async billableItems(key: IntegrationKey, request: ListRequest): Promise<ListPart<BillableItem>> {
    const integration = await this.access.requireActive(key);
    const part = { limit: request.limit, offset: offsetOf(request) };
    const { rows, hasMore } = await this.items.lineItems(integration.id, part);
    return countedPart(request, { rows: rows.map(toBillableItem), hasMore });
  }
}

function toPackage(product: SyncedProduct): CataloguePackage {
  return withoutNulls({
    id: product.externalId,
    name: product.name,
    public_name: product.publicName,
    type: product.kind,
    package_type: product.packageType,
    charge_type: product.chargeType,
    price: product.amountMinor === null ? null : toMajor(product.amountMinor, product.currency),
    visits: product.visits,
    active: product.active,
  });
}

/** The price of one: a line says what all of them cost. */
function toBillableItem({ bareId, kind, description, quantity, amountMinor, currency }: SyncedLineItem): BillableItem {
  const unitMinor = quantity > 0 ? Math.round(amountMinor / quantity) : amountMinor;
  return withoutNulls({
    id: kind === null ? bareId : `${kind}:${bareId}`,
    name: description ?? bareId,
    type: kind,
    price: toMajor(unitMinor, currency),
    source: 'invoice',
  });
}

export function toMajor(amountMinor: number, currency: string): number {
  return amountMinor / 10 ** exponentOf(currency);
}

function withoutNulls<T extends { id: string; name: string }>(value: {
  [Key in keyof T]: T[Key] | null | undefined;
}): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member != null)) as T;
}
