const keptEntries = 20_000;
/** Of one entry; callers choose what stands in both. */
const longestPath = 250;
const longestQuery = 1_000;
/** Of all entries, as `bytesOf` counts them. */
const mostBytes = 16 * 1024 * 1024;
/** Names that a counter tells apart; every further one counts as `other`. */
const mostNames = 10_000;

/** One call that a simulator has seen. Header values are never kept: `account` is a name, not a key. */
export interface RequestEntry {
  at: string;
  atMs: number;
  method: string;
  path: string;
  query: Record<string, string>;
  account: string | null;
  /** `null` while the call runs and when it was never answered. */
  status: number | null;
  durationMs: number | null;
}

export interface RequestCounters {
  total: number;
  inFlight: number;
  maxInFlight: number;
  byStatus: Record<string, number>;
  byPath: Record<string, number>;
  byAccount: Record<string, number>;
}

/** What was asked of a simulator: the last calls, and counters over all of them. */
export class RequestLog {
  private entries: RequestEntry[] = [];
  private bytes = 0;
  private counters = new Counters();

  open(seen: RequestEntry): RequestEntry {
    const entry = { ...seen, path: copied(seen.path, longestPath), query: shortened(seen.query) };
    this.entries.push(entry);
    this.bytes += bytesOf(entry);
    if (this.entries.length > keptEntries * 2 || this.bytes > mostBytes) this.cut();
    this.counters.total += 1;
    this.counters.inFlight += 1;
    this.counters.maxInFlight = Math.max(this.counters.maxInFlight, this.counters.inFlight);
    this.counters.byPath.add(`${entry.method} ${entry.path}`);
    this.counters.byAccount.add(entry.account ?? 'unknown');
    return entry;
  }

  /** In blocks, down to a half: dropping one entry a call would move the whole array every time. */
  private cut(): void {
    let first = this.entries.length;
    let bytes = 0;
    while (first > 0 && this.entries.length - first < keptEntries) {
      const more = bytesOf(this.entries[first - 1]!);
      if (bytes + more > mostBytes / 2) break;
      bytes += more;
      first -= 1;
    }
    this.entries = this.entries.slice(first);
    this.bytes = bytes;
  }

  close(entry: RequestEntry, status: number | null, durationMs: number): void {
    entry.status = status;
    entry.durationMs = durationMs;
    this.counters.inFlight = Math.max(0, this.counters.inFlight - 1);
    this.counters.byStatus.add(status === null ? 'none' : String(status));
  }

  read(filter: { account?: string; path?: string }): { counters: RequestCounters; requests: RequestEntry[] } {
    const requests = this.entries.filter(
      (entry) =>
        (filter.account === undefined || entry.account === filter.account) &&
        (filter.path === undefined || entry.path === filter.path),
    );
    return { counters: this.counters.read(), requests };
  }

  clear(): void {
    this.entries = [];
    this.bytes = 0;
    this.counters = new Counters(this.counters.inFlight);
  }
}

/** An estimate from above: two bytes a character, and what V8 needs for the objects. */
function bytesOf({ path, query }: RequestEntry): number {
  const parameters = Object.entries(query);
  const text = parameters.reduce((sum, [name, value]) => sum + name.length + value.length, path.length);
  return 200 + 2 * text + 64 * parameters.length;
}

/**
 * A text of its own: what `slice` gives, and what was parsed out of a request's target, keeps the whole target in
 * memory.
 */
function copied(text: string, longest: number): string {
  return Buffer.from(text.slice(0, longest)).toString();
}

class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    const counted = this.counts.has(name) || this.counts.size < mostNames ? name : 'other';
    this.counts.set(counted, (this.counts.get(counted) ?? 0) + 1);
  }

  read(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}

class Counters {
  total = 0;
  readonly byStatus = new Tally();
  readonly byPath = new Tally();
  readonly byAccount = new Tally();

  constructor(
    public inFlight = 0,
    public maxInFlight = inFlight,
  ) {}

  read(): RequestCounters {
    const { total, inFlight, maxInFlight, byStatus, byPath, byAccount } = this;
    return {
      total,
      inFlight,
      maxInFlight,
      byStatus: byStatus.read(),
      byPath: byPath.read(),
      byAccount: byAccount.read(),
    };
  }
}

/** The first parameters, as far as there is room for them. */
function shortened(query: Record<string, string>): Record<string, string> {
  let room = longestQuery;
  const kept: [string, string][] = [];
  for (const [name, value] of Object.entries(query)) {
    room -= name.length;
    if (room <= 0) break;
    kept.push([copied(name, longestQuery), copied(value, room)]);
    room -= value.length;
  }
  return Object.fromEntries(kept);
}
