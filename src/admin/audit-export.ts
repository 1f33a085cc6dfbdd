import { microsOfTime, SECRET_OPENED, type AuditFilter } from './audit-filter';

/** A line of the chain, as the audit module gives it. */
export interface ExportedLine {
  readonly text: string;
  readonly sequence: number;
  readonly entry: ExportedEntry | null;
}
type ExportedEntry = {
  readonly occurredAt: string;
  readonly details: string;
} & Readonly<Record<(typeof FIELDS)[number], string | null>>;

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const FIELDS = [
  'id',
  'action',
  'merchantId',
  'environment',
  'actorKind',
  'actorId',
  'requestId',
  'subjectType',
  'subjectId',
  'reason',
] as const;

/** The same entries that the list shows. An entry that is gone is in an export of everything only. */
export function isExported(entry: ExportedEntry | null, filter: AuditFilter): boolean {
  const { merchantId, actorId, action = '', subjectType, subjectId, from, to, openings } = filter;
  if (entry === null) return Object.values(filter).every((value) => value === undefined);
  const at = BigInt(entry.occurredAt);
  return (
    (merchantId === undefined || entry.merchantId === merchantId) &&
    (actorId === undefined || entry.actorId === actorId) &&
    (entry.action ?? '').startsWith(action) &&
    (subjectType === undefined || entry.subjectType === subjectType) &&
    (subjectId === undefined || entry.subjectId === subjectId) &&
    (from === undefined || at >= microsOfTime(from)) &&
    (to === undefined || at < microsOfTime(to)) &&
    (openings !== 'folded' || entry.action !== SECRET_OPENED)
  );
}

export const CSV_HEAD = ['sequence', 'hash', 'entryHash', 'occurredAt', ...FIELDS, 'details'].join() + '\r\n';

/** RFC 4180. The hashes are those of the line of JSON. */
export function csvLine({ text, sequence, entry }: ExportedLine): string {
  const { hash, entryHash, occurredAt } = JSON.parse(text) as Record<string, string>;
  const values = [hash, entryHash, occurredAt, ...FIELDS.map((name) => entry?.[name]), entry?.details];
  return [String(sequence), ...values.map((value) => cell(value ?? ''))].join() + '\r\n';
}

/** A spreadsheet would calculate what begins with one of these; where a cell ends hangs on its language. */
const FORMULA = /(?<=^|[;\t\r\n])(?=[=+\-@\t\r])/g;

function cell(value: string): string {
  const safe = value.replaceAll(FORMULA, "'");
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
