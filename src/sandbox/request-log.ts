const keptEntries = 20_000;

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
  private counters = freshCounters();

  open(entry: RequestEntry): void {
    // Cut in blocks: dropping one entry a call would move the whole array every time.
    if (this.entries.length >= keptEntries * 2) this.entries = this.entries.slice(-keptEntries);
    this.entries.push(entry);
    this.counters.total += 1;
    this.counters.inFlight += 1;
    this.counters.maxInFlight = Math.max(this.counters.maxInFlight, this.counters.inFlight);
    count(this.counters.byPath, `${entry.method} ${entry.path}`);
    count(this.counters.byAccount, entry.account ?? 'unknown');
  }

  close(entry: RequestEntry, status: number | null, durationMs: number): void {
    entry.status = status;
    entry.durationMs = durationMs;
    this.counters.inFlight = Math.max(0, this.counters.inFlight - 1);
    count(this.counters.byStatus, status === null ? 'none' : String(status));
  }

  read(filter: { account?: string; path?: string }): { counters: RequestCounters; requests: RequestEntry[] } {
    const requests = this.entries.filter(
      (entry) =>
        (filter.account === undefined || entry.account === filter.account) &&
        (filter.path === undefined || entry.path === filter.path),
    );
    return { counters: structuredClone(this.counters), requests };
  }

  clear(): void {
    this.entries = [];
    const { inFlight } = this.counters;
    this.counters = { ...freshCounters(), inFlight, maxInFlight: inFlight };
  }
}

function freshCounters(): RequestCounters {
  return { total: 0, inFlight: 0, maxInFlight: 0, byStatus: {}, byPath: {}, byAccount: {} };
}

function count(tally: Record<string, number>, name: string): void {
  tally[name] = (tally[name] ?? 0) + 1;
}
