import type { ViewScope } from './finding-facts';

/** One reading serves all open consoles and scrapers. */
const FRESH_FOR_MS = 1_000;
/** While the next one is made, others are given the last one, from so long ago at most. */
const HELD_FOR_MS = 30_000;

interface Shared<T> {
  last: { readonly answer: T; readonly begunAt: number } | null;
  next: Promise<T> | null;
}

/** Readings of what many look at, one at a time for each scope: a slow one is not begun again while it lasts. */
export class ReadingsByScope<T, S extends ViewScope = ViewScope> {
  private readonly shared = new Map<string, Shared<T>>();

  constructor(private readonly load: (scope: S) => Promise<T>) {}

  async read(scope: S): Promise<T> {
    const now = performance.now();
    for (const [key, { last, next }] of this.shared) {
      if (next === null && (last === null || now - last.begunAt > HELD_FOR_MS)) this.shared.delete(key);
    }
    const key = JSON.stringify(Object.entries(scope).sort());
    const shared = this.shared.get(key) ?? { last: null, next: null };
    this.shared.set(key, shared);
    const { last, next } = shared;
    if (last !== null && now - last.begunAt < (next === null ? FRESH_FOR_MS : HELD_FOR_MS)) return last.answer;
    shared.next = next ?? this.begin(scope, shared, now);
    return shared.next;
  }

  private async begin(scope: S, shared: Shared<T>, begunAt: number): Promise<T> {
    try {
      const answer = await this.load(scope);
      shared.last = { answer, begunAt };
      return answer;
    } finally {
      shared.next = null;
    }
  }
}
