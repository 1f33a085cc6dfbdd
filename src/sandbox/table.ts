/** One row as its provider writes it. Rows are never changed in place: a write puts a new object. */
export type SandboxRow = Record<string, unknown>;

/** Rows computed from a seed. Ordinals count from 1; ordinals past `size` serve rows that are created later. */
export interface RowSource {
  readonly size: number;
  row(ordinal: number): SandboxRow;
  /** The instant of `row(ordinal)`'s last announced change, cheaper than making the row. */
  updatedAtMs(ordinal: number): number | null;
  /** The same, read from a row that a write has replaced. */
  readUpdatedAtMs(row: SandboxRow): number | null;
}

/** A question that can be asked again: equal keys must mean equal `accepts` and order. */
export interface Selection {
  key: string;
  accepts(ordinal: number): boolean;
  /** Without it rows come in order of their ordinals. */
  sortKey?(ordinal: number): string | number;
  descending?: boolean;
}

interface View extends Selection {
  ordinals: number[];
  seen: number;
}

interface LateWrite {
  ordinal: number;
  row: SandboxRow | null;
  visibleAtMs: number;
}

const keptViews = 24;
const rebuildBeyond = 200;
const keptChanges = 100_000;
/** Rows of a table that lie in memory, written or on their way. */
const mostWritten = 500_000;

/**
 * The rows of one resource of one account. Rows nobody wrote are computed when asked for, so 100,000 rows cost next to
 * no memory; answers to filters are kept and patched with the rows written since, so that paging does not filter again.
 */
export class Table {
  private readonly written = new Map<number, SandboxRow>();
  private readonly gone = new Set<number>();
  private readonly views = new Map<string, View>();
  private changes: number[] = [];
  private late: LateWrite[] = [];
  private earliestLateMs = Number.POSITIVE_INFINITY;
  private top: number;

  constructor(
    private readonly source: RowSource,
    private readonly nowMs: () => number,
  ) {
    this.top = source.size;
  }

  /** The row as callers of the provider see it; `undefined` when deleted or never there. */
  get(ordinal: number): SandboxRow | undefined {
    this.settle();
    return this.committed(ordinal);
  }

  /** The row with the writes that callers cannot see yet. */
  getLatest(ordinal: number): SandboxRow | undefined {
    for (let at = this.late.length - 1; at >= 0; at--) {
      const write = this.late[at];
      if (write?.ordinal === ordinal) return write.row ?? undefined;
    }
    return this.committed(ordinal);
  }

  updatedAtMs(ordinal: number): number | null {
    const row = this.written.get(ordinal);
    return row ? this.source.readUpdatedAtMs(row) : this.source.updatedAtMs(ordinal);
  }

  /** A fresh row for the next ordinal, not stored yet. */
  draft(): { ordinal: number; row: SandboxRow } {
    this.top += 1;
    return { ordinal: this.top, row: this.source.row(this.top) };
  }

  get highest(): number {
    return this.top;
  }

  /** Stores a row, or deletes it with `null`. With `lateMs` callers see it only that much later. */
  write(ordinal: number, row: SandboxRow | null, lateMs = 0): void {
    if (this.written.size + this.gone.size + this.late.length >= mostWritten) throw new Error('the table is full');
    if (lateMs > 0) {
      const visibleAtMs = this.nowMs() + lateMs;
      this.late.push({ ordinal, row, visibleAtMs });
      this.earliestLateMs = Math.min(this.earliestLateMs, visibleAtMs);
      return;
    }
    // An earlier write that is still on its way must not undo this one.
    if (this.late.length > 0) this.late = this.late.filter((write) => write.ordinal !== ordinal);
    this.commit(ordinal, row);
  }

  /** Ordinals of the accepted rows, in order. The array must not be changed. */
  select(selection: Selection): readonly number[] {
    this.settle();
    const known = this.views.get(selection.key);
    if (known) this.views.delete(selection.key);
    const view = known ? this.patched(known) : this.built(selection);
    this.views.set(selection.key, view);
    if (this.views.size > keptViews) this.views.delete(this.views.keys().next().value ?? '');
    return view.ordinals;
  }

  /** Ordinals of all rows that exist once every late write has landed. */
  latestOrdinals(): number[] {
    const found: number[] = [];
    const lateOnes = new Set(this.late.map((write) => write.ordinal));
    for (let ordinal = 1; ordinal <= this.top; ordinal++) {
      if (lateOnes.has(ordinal) ? this.getLatest(ordinal) : this.exists(ordinal)) found.push(ordinal);
    }
    return found;
  }

  /** Needed when something outside the rows changes what they look like (the account's time zone). */
  forgetViews(): void {
    this.views.clear();
  }

  private committed(ordinal: number): SandboxRow | undefined {
    if (!this.exists(ordinal)) return undefined;
    return this.written.get(ordinal) ?? this.source.row(ordinal);
  }

  private exists(ordinal: number): boolean {
    if (this.gone.has(ordinal)) return false;
    return (ordinal >= 1 && ordinal <= this.source.size) || this.written.has(ordinal);
  }

  private commit(ordinal: number, row: SandboxRow | null): void {
    if (row) {
      this.written.set(ordinal, row);
      this.gone.delete(ordinal);
    } else {
      this.written.delete(ordinal);
      this.gone.add(ordinal);
    }
    this.changes.push(ordinal);
    if (this.changes.length > keptChanges) {
      this.changes = [];
      this.views.clear();
    }
  }

  private settle(): void {
    const now = this.nowMs();
    if (now < this.earliestLateMs) return;
    const due = this.late.filter((write) => write.visibleAtMs <= now);
    this.late = this.late.filter((write) => write.visibleAtMs > now);
    this.earliestLateMs = this.late.reduce((least, write) => Math.min(least, write.visibleAtMs), Infinity);
    for (const write of due) this.commit(write.ordinal, write.row);
  }

  private built(selection: Selection): View {
    const ordinals: number[] = [];
    for (let ordinal = 1; ordinal <= this.top; ordinal++) {
      if (this.exists(ordinal) && selection.accepts(ordinal)) ordinals.push(ordinal);
    }
    return { ...selection, ordinals: inOrder(ordinals, selection), seen: this.changes.length };
  }

  private patched(view: View): View {
    const fresh = new Set(this.changes.slice(view.seen));
    if (fresh.size === 0) return view;
    if (fresh.size > rebuildBeyond) return this.built(view);
    const ordinals = view.ordinals.filter((ordinal) => !fresh.has(ordinal));
    for (const ordinal of fresh) {
      if (this.exists(ordinal) && view.accepts(ordinal)) ordinals.splice(placeFor(ordinals, ordinal, view), 0, ordinal);
    }
    return { ...view, ordinals, seen: this.changes.length };
  }
}

function inOrder(ordinals: number[], { sortKey, descending }: Selection): number[] {
  if (!sortKey) return descending ? ordinals.reverse() : ordinals;
  // Keys are read once each: a comparison that reads rows would make every row some twenty times.
  const keys = new Map(ordinals.map((ordinal) => [ordinal, sortKey(ordinal)]));
  const sign = descending ? -1 : 1;
  return ordinals.sort((left, right) => sign * (order(keys.get(left) ?? 0, keys.get(right) ?? 0) || left - right));
}

function placeFor(ordinals: number[], ordinal: number, { sortKey, descending }: Selection): number {
  const sign = descending ? -1 : 1;
  const key = sortKey?.(ordinal) ?? 0;
  let low = 0;
  let high = ordinals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = ordinals[middle] ?? 0;
    if (sign * (order(sortKey?.(other) ?? 0, key) || other - ordinal) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function order(left: string | number, right: string | number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
