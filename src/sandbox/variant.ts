/** How sure a fact is, in the words of the providers' pages. */
export type VariantCertainty = 'doc' | 'live' | 'owner' | 'inferred';

/** One point in which accounts of a provider may differ, or of which nobody has shown how it is. */
export interface Variant {
  /** As it is named in the setting `variants`. */
  readonly key: string;
  /** Every one worth trying; any other text of the same form is taken where `open` says so. */
  readonly values: readonly string[];
  readonly default: string;
  /** The provider's fact that leaves the point open. */
  readonly fact: string;
  readonly certainty: VariantCertainty;
  /** `path`: any path, or `404`; `timezone`: any IANA zone. */
  readonly open?: 'path' | 'timezone';
  /** Shown only together with these of other variants. */
  readonly with?: Readonly<Record<string, string>>;
  /** The setting of every simulator that this variant stands for. */
  readonly setting?:
    'updatedFilter' | 'retryAfter' | 'timezone' | 'rowOrder' | 'totals' | 'unknownWords' | 'errorsIn200';
}

/** Whatever has settings: an account. */
interface Configured {
  readonly settings: { readonly variants: Readonly<Record<string, string>> };
}

type KeyOf<List extends readonly Variant[]> = List[number]['key'];
type ValueOf<List extends readonly Variant[], Key> = Extract<List[number], { key: Key }>['values'][number];

/** Reads an account's variants by the keys and values that `list` knows. */
export function variantReader<const List extends readonly Variant[]>(
  _list: List,
): <Key extends KeyOf<List>>(account: Configured, key: Key) => ValueOf<List, Key> {
  return (account, key) => account.settings.variants[key] as ValueOf<List, typeof key>;
}

export function isValueOf({ values, open }: Variant, value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (values.includes(value)) return true;
  if (open === 'path') return /^\/[\w/-]{1,100}$/.test(value);
  return open === 'timezone' && isTimezone(value);
}

export function isTimezone(value: unknown): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: String(value) });
    return typeof value === 'string';
  } catch {
    return false;
  }
}
