/**
 * The normalised records that Interlock stores. Money is always integer minor units + ISO 4217 currency; times are
 * ISO-8601 UTC.
 */
export const RESOURCE_TYPES = ['customers', 'products', 'invoices', 'payments', 'devices'] as const;
export type ResourceType = (typeof RESOURCE_TYPES)[number];

export interface Address {
  line1: string | null;
  line2: string | null;
  city: string | null;
  region: string | null;
  postalCode: string | null;
  country: string | null;
}

export interface CustomerRecord {
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  phone: string | null;
  address: Address | null;
  externalReference: string | null;
  active: boolean;
}

export const PRODUCT_KINDS = ['product', 'service', 'package', 'membership'] as const;
export type ProductKind = (typeof PRODUCT_KINDS)[number];

export interface ProductRecord {
  name: string;
  kind: ProductKind;
  amountMinor: number | null;
  currency: string;
  interval: string | null;
  visits: number | null;
  active: boolean;
  customerExternalId?: string | null;
  /** All holders of what several share; none of them is named alone. */
  customerExternalIds?: string[];
  /** Equal for the rows of one plan, where a provider sells plans by a row for each holder and period. */
  planKey?: string;
  /** Provider words kept for the catalogue endpoints; never personal. */
  packageType?: string | null;
  chargeType?: string | null;
  publicName?: string | null;
}

export const INVOICE_STATUSES = ['draft', 'open', 'partial', 'overdue', 'paid', 'void', 'refunded', 'unknown'] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

/** Who says the status: the provider's row, payments that cover the invoice exactly, or nobody. */
export const STATUS_SOURCES = ['provider', 'derived', 'unknown'] as const;
export type StatusSource = (typeof STATUS_SOURCES)[number];

export interface InvoiceLine {
  externalItemId: string | null;
  description: string | null;
  quantity: number;
  amountMinor: number;
}

export interface InvoiceRecord {
  number: string | null;
  customerExternalId: string | null;
  status: InvoiceStatus;
  statusSource: StatusSource;
  currency: string;
  /** What it was made out for, also after a refund. */
  totalMinor: number;
  /** null: nobody says. */
  balanceMinor: number | null;
  /** What was given back; null: something was, and nobody says how much. */
  refundedMinor: number | null;
  issuedAt: string | null;
  dueAt: string | null;
  lines: InvoiceLine[];
}

export interface PaymentRecord {
  invoiceExternalId: string | null;
  customerExternalId: string | null;
  /** What it was, also after a refund. */
  amountMinor: number;
  /** What of it was given back; null: something was, and nobody says how much. */
  refundedMinor: number | null;
  currency: string;
  method: string | null;
  paidAt: string | null;
  /** `paid`, `refunded` or `void`. */
  status: string;
  origin: 'provider' | 'interlock';
  /** Card payments only. */
  cardLast4?: string | null;
  cardScheme?: string | null;
}

export interface DeviceRecord {
  name: string | null;
  serial: string | null;
  platform: string | null;
  status: 'online' | 'offline' | 'pairing';
  lastSeenAt: string | null;
}

export interface RecordByResource {
  customers: CustomerRecord;
  products: ProductRecord;
  invoices: InvoiceRecord;
  payments: PaymentRecord;
  devices: DeviceRecord;
}
export type NormalisedRecord = RecordByResource[ResourceType];
