import type { RecordOf, ResourceType } from '../src';
import { RECORD_FIELDS } from '../src/generated/record-fields';

const COMMON = ['externalId', 'version', 'operation', 'sourceUpdatedAt', 'syncedAt'] as const;

/** The columns of a resource type: what all records have, then the fields of their data. */
export function csvHead(resourceType: ResourceType): string {
  return [...COMMON, ...RECORD_FIELDS[resourceType]].map(cell).join(',');
}

/** A field of several parts is JSON. */
export function csvLine(record: RecordOf<ResourceType>): string {
  const data = record.data as Readonly<Record<string, unknown>>;
  const common = COMMON.map((name) => record[name]);
  return [...common, ...RECORD_FIELDS[record.resourceType].map((name) => data[name])].map(cell).join(',');
}

/** By RFC 4180. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
