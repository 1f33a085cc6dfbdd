import { INVOICE_STATUSES, PRODUCT_KINDS, type ResourceType } from '../records';

/** What a field of a normalised record takes, and with it how a manifest's source is read. */
export type Target =
  | { readonly kind: 'text'; readonly maxLength: number; readonly required?: true }
  | { readonly kind: 'id' | 'time' | 'whole' | 'quantity' | 'currency' | 'phone' }
  | { readonly kind: 'flag'; readonly whenAbsent: boolean }
  | { readonly kind: 'money'; readonly required?: true }
  | { readonly kind: 'word'; readonly words: readonly string[]; readonly required?: true }
  | { readonly kind: 'part'; readonly fields: Targets }
  | { readonly kind: 'list'; readonly fields: Targets };

export type Targets = Readonly<Record<string, Target>>;

const text = (maxLength = 500): Target => ({ kind: 'text', maxLength });
const id: Target = { kind: 'id' };
const time: Target = { kind: 'time' };
const money: Target = { kind: 'money' };
const currency: Target = { kind: 'currency' };
const active: Target = { kind: 'flag', whenAbsent: true };

/** Every field that a manifest may fill, by resource. */
export const RECORD_TARGETS: Readonly<Record<ResourceType, Targets>> = {
  customers: {
    name: text(),
    firstName: text(),
    lastName: text(),
    email: text(254),
    phone: { kind: 'phone' },
    address: {
      kind: 'part',
      fields: {
        line1: text(),
        line2: text(),
        city: text(),
        region: text(),
        postalCode: text(32),
        country: text(64),
      },
    },
    externalReference: text(128),
    active,
  },
  products: {
    name: { kind: 'text', maxLength: 500, required: true },
    kind: { kind: 'word', words: PRODUCT_KINDS, required: true },
    amountMinor: money,
    currency,
    interval: text(64),
    visits: { kind: 'whole' },
    active,
    customerExternalId: id,
    packageType: text(128),
    chargeType: text(128),
    publicName: text(),
  },
  invoices: {
    number: text(128),
    customerExternalId: id,
    status: { kind: 'word', words: INVOICE_STATUSES, required: true },
    currency,
    totalMinor: { kind: 'money', required: true },
    balanceMinor: money,
    refundedMinor: money,
    issuedAt: time,
    dueAt: time,
    lines: {
      kind: 'list',
      fields: {
        externalItemId: id,
        description: text(),
        quantity: { kind: 'quantity' },
        amountMinor: { kind: 'money', required: true },
      },
    },
  },
  payments: {
    invoiceExternalId: id,
    customerExternalId: id,
    amountMinor: { kind: 'money', required: true },
    refundedMinor: money,
    currency,
    method: text(128),
    paidAt: time,
    status: { kind: 'word', words: ['paid', 'refunded', 'void'], required: true },
    cardLast4: text(4),
    cardScheme: text(64),
  },
  devices: {
    name: text(),
    serial: text(128),
    platform: text(64),
    status: { kind: 'word', words: ['online', 'offline', 'pairing'], required: true },
    lastSeenAt: time,
  },
};
