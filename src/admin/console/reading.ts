import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { addressOf, get, type Answer, type Entry, type ListPath, type PathOf, type Values } from './api';

/** Whatever is shown is read again so often while somebody looks, unless its page asks for more. */
const EVERY_MS = 10_000;
const TICK_MS = 500;
/** A list that somebody has made longer is read again on demand only: each of its pages is a call. */
const MOST_PAGES = 5;

/** Shows the answer when it is still the latest question; tells whether there was one. */
type Question = (isLatest: () => boolean) => Promise<boolean>;

/** One thing that a page shows. */
class Reading {
  /** null: not read yet. */
  readAt: number | null = null;
  mayRepeat = true;
  private asked = 0;
  private askedAt = 0;
  private isAsking = false;

  constructor(
    private readonly everyMs: number,
    private readonly whole: Question,
  ) {}

  isDue(now: number): boolean {
    return this.mayRepeat && !this.isAsking && now - this.askedAt >= this.everyMs;
  }

  /** Takes the place of a question that is under way: it may have been asked before an act. */
  async again(): Promise<void> {
    const askedAt = Date.now();
    if (!(await this.instead(this.whole))) return;
    this.readAt = askedAt;
    tell();
  }

  /** Whether it was answered and is still the latest. */
  async instead(question: Question): Promise<boolean> {
    const mine = ++this.asked;
    const isLatest = (): boolean => this.asked === mine;
    this.isAsking = true;
    this.askedAt = performance.now();
    const isAnswered = await question(isLatest);
    if (isLatest()) this.isAsking = false;
    return isAnswered && isLatest();
  }

  /** Nobody waits for what is under way. */
  end(): void {
    this.asked++;
  }
}

const readings = new Set<Reading>();
const watchers = new Set<() => void>();
const tell = (): void => watchers.forEach((watcher) => watcher());

function tick(): void {
  if (document.hidden) return;
  const now = performance.now();
  for (const reading of readings) if (reading.isDue(now)) void reading.again();
}
setInterval(tick, TICK_MS);
document.addEventListener('visibilitychange', tick);

function useReading(key: string, everyMs: number, whole: Question): Reading {
  const latest = useRef(whole);
  latest.current = whole;
  const reading = useMemo(() => new Reading(everyMs, (isLatest) => latest.current(isLatest)), [key, everyMs]);
  useEffect(() => {
    readings.add(reading);
    void reading.again();
    return () => {
      readings.delete(reading);
      reading.end();
      tell();
    };
  }, [reading]);
  return reading;
}

/** When the oldest part of the page was read; null: nothing was read yet. */
export function useFreshness(): { readAt: string | null; refresh: () => void } {
  const [, changed] = useState(0);
  useEffect(() => {
    const watcher = (): void => changed((count) => count + 1);
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }, []);
  const times = [...readings].flatMap(({ readAt }) => readAt ?? []);
  return {
    readAt: times.length > 0 ? new Date(Math.min(...times)).toISOString() : null,
    refresh: () => readings.forEach((reading) => void reading.again()),
  };
}

export interface Loaded<T> {
  data: T | null;
  error: string | null;
  reload: () => void;
}

/** Keeps what it had while it asks again. */
export function useLoaded<P extends PathOf<'get'>>(
  path: P,
  values: Values = {},
  everyMs = EVERY_MS,
): Loaded<Answer<P>> {
  const key = addressOf(path, values);
  const [state, setState] = useState<{ key: string; data: Answer<P> | null; error: string | null }>({
    key,
    data: null,
    error: null,
  });
  const reading = useReading(key, everyMs, (isLatest) =>
    get(path, values).then(
      (data) => {
        if (isLatest()) setState({ key, data, error: null });
        return true;
      },
      ({ message }: Error) => {
        if (isLatest()) setState(({ key: of, data }) => ({ key, data: of === key ? data : null, error: message }));
        return false;
      },
    ),
  );
  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : null,
    error: isCurrent ? state.error : null,
    reload: () => void reading.again(),
  };
}

export interface Pages<T> {
  /** null: not read yet. What was there stays while other rows are asked for. */
  rows: T[] | null;
  next: string | null;
  error: string | null;
  more: () => void;
  reload: () => void;
}

/** A list that grows page by page, and is read again as long as it is shown; asking for other rows begins anew. */
export function usePages<P extends ListPath>(path: P, values: Values = {}, everyMs = EVERY_MS): Pages<Entry<P>> {
  type Page = { data: Entry<P>[]; nextCursor: string | null };
  const key = addressOf(path, values);
  const [state, setState] = useState<{ key: string; rows: Entry<P>[]; next: string | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const count = useMemo(() => ({ pages: 1 }), [key]);
  /** `rows`: those before the cursor. */
  const read =
    (pages: number, rows: Entry<P>[] = [], cursor?: string): Question =>
    async (isLatest) => {
      try {
        let next: string | null = cursor ?? null;
        let all = rows;
        for (let page = 0; page < pages && (page === 0 || next !== null) && isLatest(); page++) {
          const answer = (await get(path, { ...values, cursor: next ?? undefined })) as unknown as Page;
          all = [...all, ...answer.data];
          next = answer.nextCursor;
        }
        if (isLatest()) {
          setError(null);
          setState({ key, rows: all, next });
        }
        return true;
      } catch (failure) {
        if (isLatest()) setError((failure as Error).message);
        return false;
      }
    };
  const reading = useReading(key, everyMs, (isLatest) => read(count.pages)(isLatest));
  const more = async (): Promise<void> => {
    if (state?.key !== key || !state.next || !(await reading.instead(read(1, state.rows, state.next)))) return;
    count.pages++;
    reading.mayRepeat = count.pages <= MOST_PAGES;
  };
  return {
    rows: state?.rows ?? null,
    next: state?.next ?? null,
    error,
    more: () => void more(),
    reload: () => void reading.again(),
  };
}
