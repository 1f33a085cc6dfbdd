import { Account, type ResourceDefinition, type Sizes } from './account';
import { FaultRules, type FaultRule } from './fault-rules';
import type { ProviderTruth } from './provider-truth';
import { mix } from './random';
import { replayOf, type AccountReport } from './replay';
import { RequestLog } from './request-log';
import {
  changeRows,
  createRows,
  deleteRows,
  trueRows,
  wholeCount,
  type ChangeInput,
  type CreateInput,
  type RowChoice,
} from './row-control';
import { defaultSettings, overlaid, readSettings, type SimulatorSettings } from './settings';
import type { SandboxRow } from './table';
import type { Variant } from './variant';

const mostRows = 5_000_000;
const mostAccounts = 100_000;

/** What a provider's simulator is made of. */
export interface SimulatorDefinition {
  mainKey: string;
  sizes: Sizes;
  settings?: Partial<SimulatorSettings>;
  resources: Record<string, ResourceDefinition>;
  scopes?: string[];
  /** Points in which accounts may differ. */
  variants?: readonly Variant[];
  /** Fields whose words the setting `words` rules, as `resource.field`. */
  wordFields?: readonly string[];
  /** Fields that lists call by another name, by resource. */
  listNames?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What the service should hold of an account, by the provider's page. */
  truth?(account: Account): ProviderTruth;
}

export interface SimulatorOptions {
  apiKey?: string;
  seed?: number;
  sizes?: Sizes;
  settings?: Partial<SimulatorSettings>;
  /** The instant that all times of computed rows are relative to. */
  referenceMs: number;
  nowMs: () => number;
}

export interface AccountInput {
  apiKey: string;
  /** Name in the request log. */
  name?: string;
  seed?: number;
  sizes?: Sizes;
  scopes?: string[];
  settings?: Partial<SimulatorSettings>;
}

/** State of one provider's simulator, and the handle that tests in the same process steer it by. */
export class Simulator {
  readonly log = new RequestLog();
  readonly faults = new FaultRules();
  readonly apiKey: string;
  /** What broke in the simulator itself, not by an order: a caller sees no more than status 500. */
  crash: Error | null = null;
  private readonly accounts = new Map<string, Account>();
  private shared: SimulatorSettings;
  private seed: number;
  private referenceMs: number;
  private serial = 0;

  constructor(
    readonly definition: SimulatorDefinition,
    private readonly options: SimulatorOptions,
  ) {
    this.apiKey = options.apiKey ?? definition.mainKey;
    this.seed = options.seed ?? 1;
    this.referenceMs = options.referenceMs;
    this.shared = this.initialSettings();
    this.addMain(options.sizes);
  }

  clockMs(): number {
    return this.options.nowMs();
  }

  find(apiKey: string | undefined): Account | undefined {
    return apiKey === undefined ? undefined : this.accounts.get(apiKey);
  }

  /** The account of a key; the main one without a key. */
  account(apiKey: string = this.apiKey): Account {
    const account = this.accounts.get(apiKey);
    if (!account) throw new Error('no account has this key');
    return account;
  }

  get settings(): SimulatorSettings {
    return this.shared;
  }

  /** As at the start, with other data if told so; with `apiKey` only the rows of that account. */
  reset(input: { apiKey?: string; seed?: number; sizes?: Sizes; reference?: number | string } = {}): void {
    if (input.reference !== undefined) this.referenceMs = instant(input.reference);
    if (input.apiKey !== undefined && input.apiKey !== this.apiKey) {
      const { options, overrides } = this.account(input.apiKey);
      const account = this.build({ ...options, seed: input.seed ?? options.seed, sizes: input.sizes ?? options.sizes });
      account.overrides = overrides;
      return;
    }
    if (input.seed !== undefined) this.seed = input.seed;
    this.accounts.clear();
    this.crash = null;
    this.faults.clear();
    this.log.clear();
    this.serial = 0;
    this.shared = this.initialSettings();
    this.addMain(input.sizes ?? this.options.sizes);
  }

  /** Opens a further account with rows of its own; a key that is known already starts afresh. */
  addAccount(input: AccountInput): { name: string; apiKey: string; sizes: Sizes } {
    if (!/^acct-[\w.-]{1,200}$/.test(input.apiKey)) throw new Error('apiKey must have the form acct-<name>');
    if (this.accounts.size >= mostAccounts && !this.accounts.has(input.apiKey))
      throw new Error('there are too many accounts');
    if ((input.name ?? '').length > 200 || (input.scopes ?? []).length > 100)
      throw new Error('name or scopes are too long');
    const account = this.build({
      apiKey: input.apiKey,
      name: input.name ?? `account-${this.accounts.size + 1}`,
      seed: input.seed ?? mix(this.seed, input.apiKey),
      sizes: input.sizes ?? {},
      scopes: input.scopes,
    });
    account.overrides = this.readSettings(input.settings ?? {});
    return { name: account.options.name, apiKey: input.apiKey, sizes: account.options.sizes };
  }

  removeAccount(apiKey: string): boolean {
    return apiKey !== this.apiKey && this.accounts.delete(apiKey);
  }

  /** Changes settings of all accounts, or of one. */
  configure(settings: Partial<SimulatorSettings>, apiKey?: string): SimulatorSettings {
    const checked = this.readSettings(settings);
    if (apiKey === undefined) {
      this.shared = overlaid(this.shared, checked);
    } else {
      const account = this.account(apiKey);
      account.overrides = overlaid(account.overrides, checked);
    }
    for (const account of this.accounts.values()) {
      account.bucket.refill();
      account.forgetViews();
    }
    return apiKey === undefined ? this.shared : this.account(apiKey).settings;
  }

  addFaults(rules: FaultRule[]): number[] {
    return this.faults.add(rules);
  }

  clearFaults(): void {
    this.faults.clear();
  }

  /** Changes rows as their owner would at the provider; answers with their ids. */
  change(input: ChangeInput): unknown[] {
    return changeRows(this.account(input.apiKey), input, () => ++this.serial);
  }

  create(input: CreateInput): unknown[] {
    return createRows(this.account(input.apiKey), input);
  }

  /** Takes rows away without a trace, as providers do: no list tells that they were there. */
  delete(input: RowChoice): unknown[] {
    return deleteRows(this.account(input.apiKey), input, () => ++this.serial);
  }

  /** The calls seen, of one account when its key is given. */
  requests(filter: { apiKey?: string; path?: string } = {}): ReturnType<RequestLog['read']> {
    const account = filter.apiKey === undefined ? undefined : this.account(filter.apiKey).options.name;
    return this.log.read({
      ...(account !== undefined && { account }),
      ...(filter.path !== undefined && { path: filter.path }),
    });
  }

  /** The rows as they really are, late ones included. */
  truth(input: Omit<RowChoice, 'count'>): SandboxRow[] {
    return trueRows(this.account(input.apiKey), input);
  }

  /** The points in which accounts of this provider may differ, each with its values. */
  get variants(): readonly Variant[] {
    return this.definition.variants ?? [];
  }

  /** What the service should hold of an account once it has synced, by the provider's page. */
  providerTruth(input: { apiKey?: string } = {}): ProviderTruth {
    return this.definition.truth?.(this.account(input.apiKey)) ?? {};
  }

  /** Makes an account look like one that was reported; answers with what of the report cannot be shown. */
  replay(report: AccountReport, apiKey: string = this.apiKey): string[] {
    const account = this.account(apiKey);
    // Laid over nothing: fields are looked up as the account has them with its own variants, without those of an
    // earlier report.
    const { settings: first } = replayOf(account, this.definition, { ...report, fields: {} });
    this.configure(first, apiKey);
    const { settings, notReplayed } = replayOf(account, this.definition, report);
    this.configure(settings, apiKey);
    return notReplayed;
  }

  private readSettings(input: object): Partial<SimulatorSettings> {
    return readSettings(input, this.variants);
  }

  private initialSettings(): SimulatorSettings {
    const usual = Object.fromEntries(this.variants.map((variant) => [variant.key, variant.default]));
    const defaults = overlaid(defaultSettings, this.readSettings({ variants: usual, ...this.definition.settings }));
    return overlaid(defaults, this.readSettings(this.options.settings ?? {}));
  }

  private addMain(sizes: Sizes | undefined): void {
    this.build({ apiKey: this.apiKey, name: 'main', seed: this.seed, sizes: sizes ?? {} });
  }

  private build(input: {
    apiKey: string;
    name: string;
    seed: number;
    sizes: Sizes;
    scopes?: string[] | undefined;
  }): Account {
    const { sizes, scopes, resources } = this.definition;
    const options = {
      ...input,
      sizes: allSizes(sizes, input.sizes),
      scopes: input.scopes ?? scopes ?? [],
      referenceMs: this.referenceMs,
    };
    const account = new Account(options, resources, () => this.shared, this.options.nowMs);
    this.accounts.set(input.apiKey, account);
    return account;
  }
}

function allSizes(defaults: Sizes, asked: Sizes): Sizes {
  const rest = asked['*'];
  const sizes: Sizes = {};
  for (const [resource, size] of Object.entries(defaults)) {
    sizes[resource] = Math.min(mostRows, wholeCount(asked[resource] ?? rest ?? size));
  }
  for (const resource of Object.keys(asked)) {
    if (resource !== '*' && !Object.hasOwn(defaults, resource)) throw new Error(`unknown resource ${resource}`);
  }
  return sizes;
}

function instant(value: number | string): number {
  const ms = typeof value === 'number' ? value : Date.parse(value);
  if (!Number.isFinite(ms)) throw new Error('reference is no time');
  return ms;
}
