import type { ManifestFields, ManifestLines, ManifestRule, ManifestSource } from '../manifest';
import type { Target, Targets } from '../record-targets';
import { evaluated } from './expression-shape';
import { pathsOfRule, ruleOf } from './simulated-shape';
import { SIMULATED_CURRENCY } from './simulated-values';

/** A value that the manifest gives no meaning: its row belongs in quarantine. */
export class WithoutMeaning extends Error {}

const DECIMALS: Readonly<Record<string, number>> = { JPY: 0, UGX: 0, ISK: 0, MGA: 2 };

/**
 * What the fields of a row mean, as the manifest declares them: written apart from `RecordMapping`, so that a fault of
 * the one shows in the other.
 */
export class RowMeaning {
  private currency = SIMULATED_CURRENCY;

  constructor(private readonly instants: ReadonlyMap<unknown, number>) {}

  /** Throws WithoutMeaning. */
  of(row: unknown, fields: ManifestFields, targets: Targets): Record<string, unknown> {
    this.currency = SIMULATED_CURRENCY;
    if ('currency' in fields) {
      this.currency =
        (this.field(row, 'currency', fields['currency']!, targets['currency']!) as string | null) ?? SIMULATED_CURRENCY;
    }
    const meant = this.fields(row, fields, targets);
    return 'currency' in fields ? { ...meant, currency: this.currency } : meant;
  }

  private fields(row: unknown, fields: ManifestFields, targets: Targets): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(fields).map(([name, source]) => [name, this.field(row, name, source, targets[name]!)]),
    );
  }

  private field(row: unknown, name: string, source: ManifestFields[string], target: Target): unknown {
    if (target.kind === 'part') {
      const part = this.fields(row, source as ManifestFields, target.fields);
      return Object.values(part).every((value) => value === null) ? null : part;
    }
    if (target.kind === 'list') {
      const { each, fields } = source as ManifestLines;
      const entries = (valueAt(row, each) ?? []) as readonly unknown[];
      return entries.map((entry) => this.fields(entry, fields, target.fields));
    }
    const rule = ruleOf(source as ManifestSource);
    let value = sourced(row, name, rule);
    if (value === null && rule.otherwise !== undefined) value = rule.otherwise;
    if (value !== null && rule.words) value = wordFor(value, rule.words);
    return this.read(value, rule, target);
  }

  private read(value: unknown, rule: ManifestRule, target: Target): unknown {
    if (target.kind === 'flag') return value === null ? target.whenAbsent : ['true', '1'].includes(textOf(value));
    if (target.kind === 'quantity') return value === null ? 1 : Number(value);
    if (value === null) {
      if ('required' in target && target.required) throw new WithoutMeaning();
      return null;
    }
    switch (target.kind) {
      case 'text':
        return textOf(value).slice(0, target.maxLength).trimEnd();
      case 'id':
        if (!/^[\w.:~-]{1,128}$/.test(textOf(value))) throw new WithoutMeaning();
        return (rule.prefix ?? '') + textOf(value);
      case 'phone':
        return textOf(value).replaceAll(' ', '');
      case 'time':
        return this.instant(value);
      case 'currency':
        return textOf(value).toUpperCase();
      case 'word':
        return known(textOf(value).toLowerCase(), target.words);
      case 'money':
        return wholeFrom(rule.unit === 'minor' ? Number(value) : Number(value) * 10 ** (DECIMALS[this.currency] ?? 2));
      default:
        return wholeFrom(Number(value));
    }
  }

  private instant(value: unknown): string {
    const ms = this.instants.get(value);
    if (ms === undefined) throw new WithoutMeaning();
    return new Date(ms).toISOString();
  }
}

/** What a path (`a.0.b`) leads to. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

function sourced(row: unknown, name: string, rule: ManifestRule): unknown {
  if (rule.value !== undefined) return rule.value;
  const values =
    rule.cel === undefined ? pathsOfRule(rule, name).map((path) => valueAt(row, path)) : [calculated(rule.cel, row)];
  return values.find((value) => value !== undefined && value !== null && value !== '') ?? null;
}

function calculated(cel: string, row: unknown): unknown {
  try {
    return evaluated(cel, row);
  } catch {
    throw new WithoutMeaning();
  }
}

function wordFor(value: unknown, words: Readonly<Record<string, string | boolean>>): unknown {
  const found = Object.entries(words).find(([word]) => word.toLowerCase() === textOf(value).toLowerCase());
  if (!found && !('*' in words)) throw new WithoutMeaning();
  return found ? found[1] : words['*'];
}

function known(word: string, words: readonly string[]): string {
  if (!words.includes(word)) throw new WithoutMeaning();
  return word;
}

/** Money and counts are exact, and no money is negative. */
function wholeFrom(value: number): number {
  const whole = Math.round(value);
  if (!(Math.abs(whole - value) < 1e-6) || whole < 0) throw new WithoutMeaning();
  return whole;
}

function textOf(value: unknown): string {
  if (typeof value === 'object') throw new WithoutMeaning();
  return String(value as string | number | boolean);
}
