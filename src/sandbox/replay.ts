import type { Account } from './account';
import type { SimulatorSettings } from './settings';
import type { SandboxRow } from './table';
import { isValueOf, type Variant } from './variant';

/**
 * What somebody has seen of a real account: no value of a row, no personal data. Resources are named as the simulator
 * does.
 */
export interface AccountReport {
  /** Which value of a variant the account shows. Keys and values that the simulator does not know are told back. */
  variants?: Record<string, string>;
  /** Every field seen on a row by resource, in lists and in single answers. */
  fields?: Record<string, string[]>;
  /** Every word seen in a field that has few, by `resource.field`. */
  words?: Record<string, string[]>;
}

/** What of a simulator a report is read against. */
interface Replayed {
  readonly variants?: readonly Variant[];
  readonly wordFields?: readonly string[];
  readonly listNames?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Replay {
  settings: Partial<SimulatorSettings>;
  /** What of the report the simulator cannot show, in words. */
  notReplayed: string[];
}

const sampled = 50;
const mostNames = 500;

/** Settings with which the simulated account looks like the reported one, and what of it they cannot show. */
export function replayOf(account: Account, simulator: Replayed, report: AccountReport): Replay {
  const notReplayed: string[] = [];
  const chosen: Record<string, string> = {};
  for (const [key, value] of entriesOf(report.variants)) {
    const variant = simulator.variants?.find((one) => one.key === key);
    if (variant && isValueOf(variant, value)) chosen[key] = value;
    else notReplayed.push(`variant ${key}: ${String(value)}`);
  }
  const settings: Required<Pick<SimulatorSettings, 'words' | 'hiddenFields' | 'addedFields'>> = {
    words: {},
    hiddenFields: {},
    addedFields: {},
  };
  for (const [field, words] of entriesOf(report.words)) {
    if (isTexts(words) && words.length > 0 && simulator.wordFields?.includes(field)) settings.words[field] = words;
    else notReplayed.push(`words of ${field}`);
  }
  for (const [resource, seen] of entriesOf(report.fields)) {
    if (!account.has(resource) || !isTexts(seen)) {
      notReplayed.push(`fields of ${resource}`);
      continue;
    }
    const own = fieldsOf(account, resource);
    const listed = simulator.listNames?.[resource] ?? {};
    const isSeen = (field: string): boolean => seen.includes(field) || seen.includes(listed[field] ?? field);
    settings.hiddenFields[resource] = own.filter((field) => field !== 'id' && !isSeen(field));
    const known = [...own, ...own.map((field) => listed[field])];
    // Nobody has told a value: the field is there, and empty.
    settings.addedFields[resource] = Object.fromEntries(
      seen.filter((field) => !known.includes(field)).map((field) => [field, null]),
    );
  }
  return { settings: { variants: chosen, ...settings }, notReplayed };
}

/** Fields of the computed rows, by the names that a single row has. */
function fieldsOf(account: Account, resource: string): string[] {
  const table = account.table(resource);
  const names = new Set<string>();
  for (let ordinal = 1; ordinal <= Math.min(sampled, table.highest); ordinal++) {
    const row: SandboxRow | undefined = table.get(ordinal);
    for (const name of Object.keys(row ? account.show(resource, row) : {})) names.add(name);
  }
  return [...names];
}

function entriesOf(map: unknown): [string, unknown][] {
  return typeof map === 'object' && map !== null ? Object.entries(map).slice(0, mostNames) : [];
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= mostNames && value.every((one) => typeof one === 'string');
}
