import type { Account } from '../account';
import { textOf, type ProviderTruth, type TrueRecord } from '../provider-truth';
import { trueRows } from '../row-control';
import type { SandboxRow } from '../table';
import { filterStatuses, standaloneStatuses } from './terminal-payment-rows';

const statusOfType: Record<string, string> = { sale: 'paid', refund: 'refunded', void: 'void' };
const money = ['approved', 'standalone_approved'];

/** What the service should hold of an account, read from its rows by the page of the terminal API. */
export function terminalTruth(account: Account): ProviderTruth {
  const rows = (resource: string): SandboxRow[] =>
    account.settings.missingResources.includes(resource) ? [] : trueRows(account, { resource });
  return { devices: rows('devices').map(deviceOf), payments: rows('payments').flatMap(paymentOf) };
}

function deviceOf(row: SandboxRow): TrueRecord {
  return {
    externalId: String(row['id']),
    fields: {
      name: textOf(row['device_name']),
      serial: textOf(row['terminal_serial']),
      platform: textOf(row['platform']),
      status: row['status'],
    },
  };
}

/** A refund names its own amount and leaves the sale as it was; what was not approved is no money. */
function paymentOf(row: SandboxRow): TrueRecord[] {
  const word = String(row['status']);
  const status = statusOfType[String(row['type'])];
  const known = [...filterStatuses, ...standaloneStatuses].includes(word) && status !== undefined;
  if (known && !money.includes(word)) return [];
  // Minor units already.
  const amountMinor = Number.isSafeInteger(row['amount_minor']) ? row['amount_minor'] : undefined;
  const pan = textOf(row['masked_pan']);
  return [
    {
      externalId: String(row['id']),
      ...((!known || amountMinor === undefined) && { quarantined: 'must' as const }),
      fields: {
        invoiceExternalId: textOf(row['invoice_id']),
        amountMinor,
        currency: row['currency'],
        status,
        paidAt: textOf(row['completed_at']),
        cardLast4: pan?.slice(-4) ?? null,
      },
    },
  ];
}
