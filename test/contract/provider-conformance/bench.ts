import assert from 'node:assert/strict';
import { GuardedHttpClient, ProviderFailure, RateBudget, type OutboundHttp } from '../../../src/platform/outbound';
import {
  isBadRow,
  isListedRow,
  understood,
  type FetchedRow,
  type GoodRow,
  type Page,
  type PageRequest,
  type ProviderAdapter,
  type ProviderCall,
  type ProviderSettings,
  type Stream,
} from '../../../src/providers';
import { createAdapter } from '../../../src/providers/adapters';
import { PageChain } from '../../../src/providers/page-chain';
import type { FaultRule, SandboxServer, Simulator } from '../../../src/sandbox';
import { EMPTY_CURSOR } from '../../../src/sync/cursor';
import { planScan } from '../../../src/sync/scan-plan';
import { afterPage, type ScanState } from '../../../src/sync/scan-state';
import type { ConformanceSubject, Row, StreamFacts } from './subject';

export interface Check {
  readonly name: string;
  /** Left out where it makes no sense: say why in the name. */
  readonly applies?: (subject: ConformanceSubject) => boolean;
  run(bench: Bench): Promise<void>;
}

export interface Scan {
  readonly rows: FetchedRow[];
  readonly pages: Page[];
  readonly ids: string[];
  readonly filterIgnored: boolean;
}

/** Long enough for any list here; a scan that needs more goes round in circles. */
const MAX_PAGES = 60;

class CountingBudget extends RateBudget {
  acquired = 0;
  async acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.acquired += 1;
  }
}

/** One adapter before its simulator, as it was at the start, for one check. */
export class Bench {
  readonly adapter: ProviderAdapter;
  readonly simulator: Simulator;
  readonly budget = new CountingBudget();
  /** Waits between attempts, in milliseconds; they are not waited for. */
  readonly waits: number[] = [];
  private client: GuardedHttpClient | null = null;
  private hangs = false;

  constructor(
    readonly subject: ConformanceSubject,
    private readonly server: SandboxServer,
    /** The clock of the simulator, which stands still unless a check moves it. */
    readonly clock: { nowMs: number },
    /** Plants a bug. */
    private readonly mutate: (adapter: ProviderAdapter) => ProviderAdapter = (adapter) => adapter,
  ) {
    this.adapter = this.newAdapter();
    this.simulator = server.sandbox[subject.provider];
    this.simulator.reset({ sizes: subject.sizes });
  }

  newAdapter(): ProviderAdapter {
    return this.mutate(createAdapter(this.subject.provider));
  }

  get origin(): string {
    return `${this.server.url}/sandbox/${this.subject.provider}`;
  }

  http(signal = new AbortController().signal): OutboundHttp {
    // short only where time is what is tested: a busy machine must not be taken for a provider that hangs
    this.client ??= new GuardedHttpClient({
      allowPrivate: false,
      headersTimeoutMs: this.hangs ? 250 : 15_000,
      totalTimeoutMs: this.hangs ? 1_500 : 30_000,
      sleep: async (ms) => void this.waits.push(ms),
    });
    return this.client.bind({ allowedHostSuffixes: null, exemptPrefix: this.origin, signal, budget: this.budget });
  }

  call(options: { settings?: Partial<ProviderSettings>; signal?: AbortSignal; apiKey?: string } = {}): ProviderCall {
    const signal = options.signal ?? new AbortController().signal;
    const pasted = { apiKey: options.apiKey ?? this.simulator.apiKey, baseUrl: this.origin };
    return {
      credentials: this.adapter.normaliseCredentials(pasted, 'sandbox'),
      environment: 'sandbox',
      settings: { currency: 'GBP', timezone: 'UTC', ...options.settings },
      http: this.http(signal),
      signal,
    };
  }

  get main(): Stream {
    return this.stream(this.subject.mainStream);
  }

  stream(key: string, adapter = this.adapter): Stream {
    const stream = adapter.streams.find((one) => one.key === key);
    assert.ok(stream, `no stream ${key}`);
    return stream;
  }

  facts(key: string): StreamFacts {
    return this.subject.streams[key]!;
  }

  page(key = this.subject.mainStream, request: Partial<PageRequest> = {}, call = this.call()): Promise<Page> {
    return this.stream(key).fetchPage(call, { ...FULL, ...request });
  }

  /** From the given position to the end. */
  async scan(
    key: string,
    request: Partial<PageRequest> = {},
    options: { call?: ProviderCall; adapter?: ProviderAdapter } = {},
  ): Promise<Scan> {
    const stream = this.stream(key, options.adapter);
    const call = options.call ?? this.call();
    const pages: Page[] = [];
    const chain = new PageChain();
    let scan = { ...BEGUN, position: request.position ?? null };
    // from the middle of a list its rows cannot be counted
    if (scan.position !== null) scan = { ...scan, rows: undefined };
    do {
      assert.ok(pages.length < MAX_PAGES, 'the scan does not end');
      const page: Page = await stream.fetchPage(call, { ...FULL, ...request, position: scan.position });
      chain.admit(scan, page);
      pages.push(page);
      scan = afterPage(scan, page, new Date());
    } while (scan.position !== null);
    const listed = pages.flatMap((page) => [...page.rows]);
    const stored = await (request.asStored ?? FULL.asStored)(listed.filter(isListedRow));
    const unchanged = new Set(listed.filter(isListedRow).filter((_, index) => stored[index]));
    const rows = listed.filter((row) => !isListedRow(row) || !unchanged.has(row)).map(understood);
    const ids = [
      ...rows.map(({ externalId }) => externalId ?? '?'),
      ...[...unchanged].map(({ externalId }) => externalId),
      ...pages.flatMap((page) => page.unchanged ?? []),
    ];
    return { rows, pages, ids, filterIgnored: pages.some((page) => page.filterIgnored === true) };
  }

  /** The rows that the simulator has, as the stream should name them. */
  expectedIds(key: string, apiKey?: string): string[] {
    const facts = this.facts(key);
    const rows: Row[] = this.simulator.truth({ resource: facts.resource, ...(apiKey === undefined ? {} : { apiKey }) });
    return rows.flatMap((row) => facts.externalIdOf(row) ?? []).sort();
  }

  /** Changes one row of the stream at the provider; answers with its external id. */
  change(key: string, fields?: Row): string {
    const facts = this.facts(key);
    const row = this.simulator.truth({ resource: facts.resource }).find((one) => facts.externalIdOf(one) !== null)!;
    this.simulator.change({ resource: facts.resource, ids: [row['id']], ...(fields === undefined ? {} : { fields }) });
    return facts.externalIdOf(row)!;
  }

  create(key: string, count = 1): string[] {
    const facts = this.facts(key);
    const ids = this.simulator.create({
      resource: facts.resource,
      count,
      ...(facts.newRow && { fields: facts.newRow }),
    });
    return this.simulator.truth({ resource: facts.resource, ids }).flatMap((row) => facts.externalIdOf(row) ?? []);
  }

  /** A provider that hangs does so from a check's first call on. */
  fault(...rules: FaultRule[]): void {
    this.hangs ||= rules.some(({ kind }) => kind === 'hang');
    assert.ok(!this.hangs || this.client === null);
    this.simulator.addFaults(rules);
  }

  requests(path?: string): { method: string; path: string; query: Record<string, string> }[] {
    return this.simulator.requests(path === undefined ? {} : { path }).requests;
  }

  async close(): Promise<void> {
    this.simulator.clearFaults();
    await this.client?.close();
  }
}

const BEGUN: ScanState = planScan({
  stream: { incremental: 'full', resource: 'customers' },
  cursor: EMPTY_CURSOR,
  readAs: '',
  now: new Date(),
  runId: '',
  fullResync: false,
  lookbackDays: 90,
  timezone: 'UTC',
});

export const FULL: PageRequest = {
  scan: 'full',
  since: null,
  floor: null,
  position: null,
  asStored: async (rows) => rows.map(() => false),
};

export async function failureOf(work: Promise<unknown>): Promise<ProviderFailure> {
  const outcome = await work.then(
    () => new Error('did not fail'),
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof ProviderFailure, `not a provider failure: ${String(outcome)}`);
  return outcome;
}

export function goodRow(scan: Scan, externalId: string): GoodRow {
  const row = scan.rows.find((one) => one.externalId === externalId);
  assert.ok(row !== undefined, `row ${externalId} is missing`);
  assert.ok(!isBadRow(row), `row ${externalId} is in quarantine`);
  return row;
}

/** Neither twice nor missing nor more. */
export function sameIds(actual: readonly string[], expected: readonly string[]): void {
  assert.deepEqual([...actual].sort(), [...expected].sort());
}
