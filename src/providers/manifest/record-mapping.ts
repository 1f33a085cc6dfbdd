import { currencyCode, toMinor } from '../money';
import { phoneNumber } from '../phone';
import type { GoodRow, ProviderSettings } from '../provider';
import type { NormalisedRecord, ResourceType } from '../records';
import { flag, fullName, isRow, optionalId, quantityIn, RowProblem, text, wholeNumber, type Row } from '../row';
import { scalarText } from '../scalar';
import { Expression } from './expression';
import type { StepsOfPage } from './expression-cost';
import type {
  ManifestFields,
  ManifestLines,
  ManifestRule,
  ManifestSource,
  ManifestTimes,
  StreamManifest,
} from './manifest';
import { RECORD_TARGETS, type Target, type Targets } from './record-targets';
import { pathIn } from './row-path';
import { TimeReading } from './time-reading';

/** What every field of one row is read by. */
interface Reading {
  readonly settings: ProviderSettings;
  readonly currency: string;
  readonly steps: StepsOfPage;
}

/** Reads one field. Throws a RowProblem that names the place and holds no value. */
type Read = (row: Row, reading: Reading) => unknown;

const SETTLED = new Set<unknown>(['paid', 'void', 'refunded']);

/** A row of a stream as a normalised record. Only what the manifest names is read. */
export class RecordMapping {
  private readonly fields: Readonly<Record<string, Read>>;
  private readonly currency: Read | null;
  private readonly times: TimeReading;

  constructor(
    private readonly stream: StreamManifest,
    times: ManifestTimes = {},
  ) {
    this.times = new TimeReading(times);
    const targets = RECORD_TARGETS[stream.resource];
    this.fields = compiled(stream.fields, targets, this.times);
    this.currency = this.fields['currency'] ?? null;
  }

  /** A zone-less time is read by the merchant's setting. */
  get zoneless(): boolean {
    return this.times.zoneless;
  }

  map(row: Row, settings: ProviderSettings, steps: StepsOfPage): Omit<GoodRow, 'externalId'> {
    const { resource, updatedAt } = this.stream;
    const fallback = { settings, currency: settings.currency, steps };
    const currency = (this.currency?.(row, fallback) as string | null | undefined) ?? settings.currency;
    const reading = { settings, currency, steps };
    const read = Object.fromEntries(Object.entries(this.fields).map(([name, of]) => [name, of(row, reading)]));
    const record = completed(resource, { ...read, ...('currency' in RECORD_TARGETS[resource] ? { currency } : {}) });
    return {
      record,
      sourceUpdatedAt: updatedAt === undefined ? null : this.timeAt(row, updatedAt, settings),
      store: resource === 'invoices' && SETTLED.has(read['status']) ? 'if_known' : 'always',
      digest: null,
    };
  }

  timeAt(row: Row, path: string, settings: ProviderSettings): Date | null {
    return this.times.at(row, path, settings.timezone);
  }
}

function compiled(fields: ManifestFields, targets: Targets, times: TimeReading): Record<string, Read> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, source]) => [name, readingOf(source, targets[name]!, name, times)]),
  );
}

function readingOf(
  source: ManifestSource | ManifestFields | ManifestLines,
  target: Target,
  name: string,
  times: TimeReading,
): Read {
  if (target.kind === 'part') {
    const parts = Object.entries(compiled(source as ManifestFields, target.fields, times));
    return (row, reading) => {
      const part = Object.fromEntries(Object.keys(target.fields).map((key) => [key, null as unknown]));
      for (const [key, of] of parts) part[key] = of(row, reading);
      return Object.values(part).every((value) => value === null) ? null : part;
    };
  }
  if (target.kind === 'list') {
    const { each, fields } = source as ManifestLines;
    const parts = Object.entries(compiled(fields, target.fields, times));
    return (row, reading) => {
      const entries = pathIn(row, each) ?? [];
      if (!Array.isArray(entries)) throw new RowProblem(each, 'is not a list');
      return entries.map((entry: unknown, index) => {
        if (!isRow(entry)) throw new RowProblem(`${each}.${index}`, 'is not an object');
        return {
          ...{ externalItemId: null, description: null, quantity: 1 },
          ...Object.fromEntries(parts.map(([key, of]) => [key, of(entry, reading)])),
        };
      });
    };
  }
  const rule: ManifestRule = typeof source === 'string' ? { from: source } : (source as ManifestRule);
  const valueOf = sourceOf(rule, name);
  return (row, reading) => converted(valueOf(row, reading), rule, target, { path: pathOf(rule, name), reading, times });
}

function sourceOf(rule: ManifestRule, name: string): Read {
  if (rule.value !== undefined) return () => rule.value;
  if (rule.cel !== undefined) {
    const expression = new Expression(rule.cel);
    return (row, { steps }) => orElse(expression.of(row, name, steps), rule);
  }
  const paths = [rule.from ?? name].flat();
  return (row) => {
    for (const path of paths) {
      const value = pathIn(row, path);
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return orElse(null, rule);
  };
}

function orElse(value: unknown, { otherwise }: ManifestRule): unknown {
  return value === null || value === undefined || value === '' ? (otherwise ?? null) : value;
}

function pathOf({ from }: ManifestRule, name: string): string {
  return [from ?? name].flat()[0]!;
}

function converted(
  given: unknown,
  rule: ManifestRule,
  target: Target,
  { path, reading, times }: { readonly path: string; readonly reading: Reading; readonly times: TimeReading },
): unknown {
  const value = rule.words ? wordIn(given, rule.words, path) : given;
  const row: Row = { [path]: value };
  switch (target.kind) {
    case 'text': {
      const read = text(row, path, target.maxLength);
      if (read === null && target.required) throw new RowProblem(path, 'is missing');
      return read;
    }
    case 'id': {
      const read = optionalId(row, path);
      return read === null ? null : (rule.prefix ?? '') + read;
    }
    case 'phone':
      return phoneNumber(text(row, path, 64), null);
    case 'time':
      return times.of(value, path, reading.settings.timezone)?.toISOString() ?? null;
    case 'whole':
      return wholeNumber(row, path);
    case 'quantity':
      return quantityIn({ quantity: value }, path);
    case 'currency':
      return value === null ? null : currencyCode(value, path);
    case 'flag':
      return flag(row, path, target.whenAbsent);
    case 'money':
      return amountIn(row, path, rule, target, reading.currency);
    case 'word':
      return knownWord(value, target, path);
    default:
      throw new RowProblem(path, 'is not a field');
  }
}

function amountIn(
  row: Row,
  path: string,
  { unit = 'major' }: ManifestRule,
  { required }: { readonly required?: true },
  currency: string,
): number | null {
  const value = row[path];
  if (value === null || value === undefined || value === '') {
    if (required) throw new RowProblem(path, 'is missing');
    return null;
  }
  const minor = unit === 'minor' ? wholeNumber(row, path)! : toMinor(value, currency, path);
  // money that went back is told by a status: a sign alone could mean anything
  if (minor < 0) throw new RowProblem(path, 'is negative');
  return minor;
}

/** Throws for a word that the manifest does not name, unless it says what any other stands for. */
function wordIn(value: unknown, words: Readonly<Record<string, string | boolean>>, path: string): unknown {
  if (value === null || value === undefined) return null;
  const word = scalarText(value)?.trim().toLowerCase();
  const found =
    Object.keys(words).find((each) => each.toLowerCase() === word) ?? (Object.hasOwn(words, '*') ? '*' : null);
  if (found === null) throw new RowProblem(path, 'is not a known word');
  return words[found];
}

function knownWord(
  value: unknown,
  { words, required }: { readonly words: readonly string[]; readonly required?: true },
  path: string,
): string | null {
  if (value === null || value === undefined || value === '') {
    if (required) throw new RowProblem(path, 'is missing');
    return null;
  }
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (!words.includes(word)) throw new RowProblem(path, 'is not a known word');
  return word;
}

const EMPTY: Readonly<Record<ResourceType, Readonly<Record<string, unknown>>>> = {
  customers: {
    ...{ name: null, firstName: null, lastName: null, email: null, phone: null, address: null },
    ...{ externalReference: null, active: true },
  },
  products: { amountMinor: null, interval: null, visits: null, active: true },
  invoices: {
    ...{ number: null, customerExternalId: null, statusSource: 'provider', balanceMinor: null, refundedMinor: 0 },
    ...{ issuedAt: null, dueAt: null, lines: [] },
  },
  payments: {
    ...{ invoiceExternalId: null, customerExternalId: null, refundedMinor: 0, method: null, paidAt: null },
    origin: 'provider',
  },
  devices: { name: null, serial: null, platform: null, lastSeenAt: null },
};

function completed(resource: ResourceType, read: Readonly<Record<string, unknown>>): NormalisedRecord {
  const record: Record<string, unknown> = { ...EMPTY[resource], ...read };
  if (resource === 'customers') {
    record['name'] ??= fullName(record['firstName'] as string | null, record['lastName'] as string | null);
  }
  if (resource === 'invoices') {
    if (SETTLED.has(record['status'])) record['balanceMinor'] ??= 0;
    if (record['status'] === 'unknown') record['statusSource'] = 'unknown';
  }
  if (record['status'] === 'refunded' && !('refundedMinor' in read)) {
    record['refundedMinor'] = record['totalMinor'] ?? record['amountMinor'];
  }
  return record as unknown as NormalisedRecord;
}
