import type { ProviderTruth, TrueRecord } from '../../src/sandbox/provider-truth';
import type { Clinic } from './clinic';

interface StoredRecord {
  externalId: string;
  operation: string;
  data: Record<string, unknown>;
}

/** What the store holds otherwise than the provider's truth says, in words; nothing when they are equal. */
export async function differencesFrom(truth: ProviderTruth, clinic: Clinic): Promise<string[]> {
  const quarantined = new Set(
    (
      await clinic.sql<{ id: string }>(
        `SELECT q.resource_type || ' ' || q.external_id AS id FROM sync_quarantine q
         JOIN integrations i ON i.id = q.integration_id WHERE i.merchant_id = $1`,
        [clinic.merchantId],
      )
    ).map(({ id }) => id),
  );
  const found: string[] = [];
  for (const [resource, records] of Object.entries(truth)) {
    const stored = new Map<string, StoredRecord>();
    for (const row of await clinic.records(resource)) if (row.operation !== 'deleted') stored.set(row.externalId, row);
    for (const record of records) {
      const name = `${resource} ${record.externalId}`;
      const difference = differenceOf(record, stored.get(record.externalId), quarantined.has(name));
      if (difference !== null) found.push(`${name}: ${difference}`);
      stored.delete(record.externalId);
    }
    found.push(...[...stored.keys()].map((externalId) => `${resource} ${externalId}: is stored, and is not true`));
  }
  return found;
}

function differenceOf(record: TrueRecord, stored: StoredRecord | undefined, isSetAside: boolean): string | null {
  if (record.quarantined === 'must') return isSetAside && !stored ? null : 'is not in quarantine';
  if (record.quarantined === 'may' && isSetAside) return null;
  if (!stored) return record.optional ? null : 'is missing';
  for (const [field, value] of Object.entries(record.fields)) {
    if (field === 'plan' || value === undefined) continue;
    const held = field === 'region' ? regionOf(stored.data) : stored.data[field];
    if (field === 'status' || field === 'statusSource') {
      if (!sameStatus(record.fields, stored.data)) return `${field} is ${String(held)}, not ${String(value)}`;
    } else if (JSON.stringify(comparable(field, held)) !== JSON.stringify(value)) {
      return `${field} is ${JSON.stringify(held)}, not ${JSON.stringify(value)}`;
    }
  }
  return null;
}

/** `open` covers what is overdue. */
function sameStatus(truth: Record<string, unknown>, held: Record<string, unknown>): boolean {
  const same = truth['status'] === held['status'] || (truth['status'] === 'open' && held['status'] === 'overdue');
  return same && (truth['statusSource'] === undefined || truth['statusSource'] === held['statusSource']);
}

function regionOf({ address }: Record<string, unknown>): unknown {
  return (address as { region: string | null } | null)?.region ?? null;
}

/** In the form of the truth: lines with the bare id of their item. */
function comparable(field: string, held: unknown): unknown {
  if (field !== 'lines' || !Array.isArray(held)) return held;
  return held.map(({ externalItemId, description, quantity, amountMinor }) => ({
    externalItemId: String(externalItemId).replace(/^\w+:/, ''),
    description,
    quantity,
    amountMinor,
  }));
}
