import { LocalTime } from './local-time';
import { Draw, mix } from './random';
import { overlaid, type SimulatorSettings } from './settings';
import { Table, type RowSource, type SandboxRow } from './table';
import { TokenBucket } from './token-bucket';

/** Numbers of rows by resource; `*` stands for every resource that is not named. */
export type Sizes = Record<string, number>;

/** How one resource of a provider is made, changed and found. */
export interface ResourceDefinition {
  source(account: Account): RowSource;
  /** Writes the time of an announced change into the row. */
  touch(row: SandboxRow, atMs: number, account: Account): void;
  /** Makes a computed row one that was created just now. */
  birth(row: SandboxRow, atMs: number, account: Account): void;
  /** A change that shows in what integrations read. */
  mutate(row: SandboxRow, serial: number): void;
  /** What follows from fields that a control call has set, where others hang on them. */
  amend?(row: SandboxRow, set: SandboxRow): void;
  /** The row as it looks at this moment, where it depends on the time. */
  present?(row: SandboxRow, account: Account): SandboxRow;
  /** The ordinal that an id names. */
  ordinalOf(id: unknown, account: Account): number | undefined;
}

export interface AccountOptions {
  name: string;
  apiKey: string;
  seed: number;
  sizes: Sizes;
  scopes: string[];
  referenceMs: number;
}

/** A status that no provider's page knows. */
export const UNKNOWN_WORD = 'Suspended';

/** One customer account at a provider: its rows, its rate limit, its settings. */
export class Account {
  readonly bucket: TokenBucket;
  /** Settings of this account only. Replaced as a whole, never changed in place. */
  overrides: Partial<SimulatorSettings> = {};
  private readonly tables = new Map<string, Table>();
  private readonly seeds = new Map<string, number>();
  private merged?: { shared: SimulatorSettings; overrides: Partial<SimulatorSettings>; settings: SimulatorSettings };
  private zone: { name: string; times: LocalTime } = { name: 'UTC', times: new LocalTime() };

  constructor(
    readonly options: AccountOptions,
    private readonly resources: Record<string, ResourceDefinition>,
    private readonly shared: () => SimulatorSettings,
    private readonly clockMs: () => number,
  ) {
    this.bucket = new TokenBucket(clockMs);
  }

  get settings(): SimulatorSettings {
    const shared = this.shared();
    // Read for every time that a row shows: merged again only after a change.
    if (this.merged?.shared !== shared || this.merged.overrides !== this.overrides) {
      this.merged = { shared, overrides: this.overrides, settings: overlaid(shared, this.overrides) };
    }
    return this.merged.settings;
  }

  /** Now, by the provider's clock. */
  nowMs(): number {
    return this.clockMs() + this.settings.clockSkewMs;
  }

  get times(): LocalTime {
    const { timezone } = this.settings;
    if (timezone !== this.zone.name) {
      this.zone = { name: timezone, times: new LocalTime(timezone) };
      this.forgetViews();
    }
    return this.zone.times;
  }

  /** Needed when settings change what rows look like. */
  forgetViews(): void {
    for (const table of this.tables.values()) table.forgetViews();
  }

  /** The row as callers see it at this moment. */
  show(resource: string, row: SandboxRow): SandboxRow {
    const { hiddenFields, addedFields } = this.settings;
    const shown = this.definition(resource).present?.(row, this) ?? row;
    const hidden = Object.hasOwn(hiddenFields, resource) ? hiddenFields[resource] : undefined;
    const added = Object.hasOwn(addedFields, resource) ? addedFields[resource] : undefined;
    if (!hidden && !added) return shown;
    const changed: SandboxRow = { ...added, ...shown };
    for (const field of hidden ?? []) delete changed[field];
    return changed;
  }

  /**
   * One word for a field: of those that the settings name, else of `usual`; now and then one that nobody knows, where
   * they say so.
   */
  word(field: string, draw: Draw, usual: readonly [string, ...string[]]): string {
    const { words, unknownWords } = this.settings;
    const told = Object.hasOwn(words, field) ? words[field] : undefined;
    // Both are drawn always, so that one setting does not change what else the row says.
    const known = draw.pick(told && told.length > 0 ? (told as [string, ...string[]]) : usual);
    const strange = draw.chance(0.1);
    return strange && unknownWords === 'some' ? UNKNOWN_WORD : known;
  }

  size(resource: string): number {
    return this.options.sizes[resource] ?? 0;
  }

  /** A seed of its own for every row of every resource, and for every `part` that is drawn apart from the rest. */
  seedOf(resource: string, ordinal: number, part = 0): number {
    let base = this.seeds.get(resource);
    if (base === undefined) this.seeds.set(resource, (base = mix(this.options.seed, resource)));
    return mix(base, ordinal, part);
  }

  has(resource: string): boolean {
    return Object.hasOwn(this.resources, resource);
  }

  definition(resource: string): ResourceDefinition {
    const definition = Object.hasOwn(this.resources, resource) ? this.resources[resource] : undefined;
    if (!definition) throw new Error(`unknown resource ${resource}`);
    return definition;
  }

  table(resource: string): Table {
    const known = this.tables.get(resource);
    if (known) return known;
    // Late rows appear by the real clock: a skewed one may be set back while they wait.
    const table = new Table(this.definition(resource).source(this), this.clockMs);
    this.tables.set(resource, table);
    return table;
  }
}
