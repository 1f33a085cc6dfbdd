/** What the service calls the kinds of what it stores. */
export type TruthResource = 'customers' | 'products' | 'invoices' | 'payments' | 'devices';

/** What is true of one record of an account, by the provider's page. */
export interface TrueRecord {
  /** As the service names it: the provider's id, with the kind before it where ids of several kinds meet. */
  externalId: string;
  /**
   * `must`: it cannot be understood, and stands in quarantine. `may`: it carries a word that nobody knows, so it stands
   * in quarantine or is stored as `fields` say.
   */
  quarantined?: 'must' | 'may';
  /** The store may lack it (what was settled before anybody looked); when it is there, it is like this. */
  optional?: true;
  /**
   * Members of the service's record, money in minor units. What is not named here nobody can say, or does not matter.
   */
  fields: Record<string, unknown>;
}

export type ProviderTruth = Partial<Record<TruthResource, TrueRecord[]>>;

/** Minor units of an amount with at most two decimals, read digit by digit; `undefined` for what is none. */
export function minorOf(value: unknown): number | undefined {
  // Sums of binary fractions differ from the amount by far less than a minor unit.
  const text = typeof value === 'number' ? String(Number(value.toFixed(6))) : value;
  const found = typeof text === 'string' ? /^(-?)(\d{1,13})(?:\.(\d{1,2})0*)?$/.exec(text.trim()) : null;
  if (!found) return undefined;
  const minor = Number(found[2]) * 100 + Number((found[3] ?? '').padEnd(2, '0'));
  return found[1] === '-' && minor !== 0 ? -minor : minor;
}

/** A text, or `null` for what is none or empty. */
export function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
  return text === '' ? null : text;
}

/** The rows of a list within a row; whatever else stands in its place has none. */
export function rowsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}

/** The mark of a record of which a text is no text at all. */
export function setAsideWithout(...texts: unknown[]): Pick<TrueRecord, 'quarantined'> {
  return texts.some((text) => typeof text === 'object' && text !== null) ? { quarantined: 'must' } : {};
}
