import type { ViewScope } from './finding-facts';

/** One reading serves all open consoles and scrapers. */
const SHARED_FOR_MS = 1_000;

/** Readings of what many look at, one at a time for each scope. */
export class ReadingsByScope<T, S extends ViewScope = ViewScope> {
  private readonly shared = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();

  constructor(private readonly load: (scope: S) => Promise<T>) {}

  read(scope: S): Promise<T> {
    const now = performance.now();
    for (const [key, { until }] of this.shared) if (until <= now) this.shared.delete(key);
    const key = JSON.stringify(Object.entries(scope).sort());
    const known = this.shared.get(key);
    if (known) return known.answer;
    const answer = this.load(scope);
    this.shared.set(key, { until: now + SHARED_FOR_MS, answer });
    answer.catch(() => this.shared.delete(key));
    return answer;
  }
}
