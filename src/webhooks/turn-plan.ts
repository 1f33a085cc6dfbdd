import type { LogExtract, LoggedEvent } from '../events';
import { MAX_HELD } from './delivery-rules';
import type { EventReplay, HeldEvent, Ordering } from './endpoint';
import { LogReading } from './log-reading';

/** One try to be made. */
export interface Job {
  readonly eventId: string;
  readonly position: number;
  readonly integrationId: string | null;
  /** null: held, and to be read. */
  readonly event: LoggedEvent | null;
  /** Tries that counted so far. */
  readonly attempts: number;
  /** null: it is held. */
  readonly reading: LogReading | null;
  /** Earlier than it is due: to find out whether the endpoint is back. */
  readonly isProbe: boolean;
}

/** What has become of an event. */
export type Outcome =
  'delivered' | 'parked' | 'dropped' | 'as_before' | { readonly attempts: number; readonly dueAt: Date };

/** What is to be committed. */
export interface TurnProgress {
  readonly position: number;
  readonly replays: readonly EventReplay[];
  readonly held: readonly HeldEvent[];
  /** No longer held. */
  readonly released: readonly string[];
  readonly parked: readonly HeldEvent[];
}

/** How an event is stored from now on. */
type Fate = { readonly as: 'held' | 'parked'; readonly event: HeldEvent } | { readonly as: 'released' };

export interface Permission {
  /** One event at a time is tried, to find out whether the endpoint is back. */
  readonly stalled: boolean;
  /** Stalled: when the next one may be. What is due is tried anyway. */
  readonly probeAt: Date;
}

/**
 * Which event is tried next, and how far the endpoint has come. Knows no clock, no database and no network. In strict
 * order an event of an integration waits for the one before: what follows one that failed is held behind it.
 */
export class TurnPlan {
  private readonly held: Map<string, HeldEvent>;
  private readonly own: LogReading;
  private readonly replays: LogReading[];
  /** The replays first. */
  private readonly readings: readonly LogReading[];
  private readonly underWay = new Map<string, Job>();
  /** What has become of events since the last commit: one thing of each, the last. */
  private fates = new Map<string, Fate>();

  constructor(
    private readonly ordering: Ordering,
    position: number,
    held: readonly HeldEvent[],
    replays: readonly EventReplay[],
    private readonly random: () => number = Math.random,
  ) {
    this.held = new Map(
      held.toSorted((one, other) => one.position - other.position).map((each) => [each.eventId, each]),
    );
    this.own = new LogReading(null, position, null);
    this.replays = replays.map((each) => new LogReading(each.id, each.position, each.untilPosition));
    this.readings = [...this.replays, this.own];
  }

  get heldCount(): number {
    return this.held.size;
  }

  /** Whether another event may come to be held. */
  get hasRoom(): boolean {
    return this.held.size < MAX_HELD;
  }

  /** Everything up to here has an outcome. */
  get position(): number {
    return this.own.settledTo;
  }

  get underWayCount(): number {
    return this.underWay.size;
  }

  /** What wants events to be read, the replays first. */
  get hungry(): LogReading | null {
    return this.readings.find((each) => each.isHungry) ?? null;
  }

  /** The log grew. */
  wake(): void {
    this.own.isDry = false;
  }

  /** Returns how many positions were removed before the endpoint came to them. */
  add(into: LogReading, extract: LogExtract): number {
    const missed = into.add(extract);
    return into === this.own ? missed : 0;
  }

  /** The next try, or null: none may begin now. */
  next(now: Date, { stalled, probeAt }: Permission): Job | null {
    const due = this.nextHeld((each) => each.dueAt <= now);
    if (due) return this.begin(jobOf(due, false));
    if (!stalled) return this.nextNew(now);
    if (probeAt > now || this.underWay.size > 0) return null;
    return this.nextProbe(now);
  }

  /**
   * Any of those that may go, and in parallel a new one as often: one that is refused for what it is must not stand for
   * all.
   */
  private nextProbe(now: Date): Job | null {
    const heads = [...this.heads()];
    const fresh = heads.length === 0 || (this.ordering === 'parallel' && this.random() < 0.5);
    const job = fresh ? this.nextNew(now) : null;
    if (job || heads.length === 0) return job;
    return this.begin(jobOf(heads[Math.floor(this.random() * heads.length)]!, true));
  }

  private nextNew(now: Date): Job | null {
    for (const each of this.readings) {
      const job = this.nextOf(each, now);
      if (job) return this.begin(job);
    }
    return null;
  }

  /** When the next held event is due that need not wait for another; null: none is. */
  nextDueAt(): Date | null {
    let earliest: Date | null = null;
    for (const { eventId, dueAt } of this.heads()) {
      if (!this.underWay.has(eventId) && (earliest === null || dueAt < earliest)) earliest = dueAt;
    }
    return earliest;
  }

  /** Whether an event waits that was read and may be begun as soon as there is room. */
  get hasQueued(): boolean {
    return this.readings.some(({ queue }) => queue.length > 0);
  }

  settle(job: Job, outcome: Outcome): void {
    this.underWay.delete(job.eventId);
    job.reading?.open.delete(job.position);
    if (outcome === 'as_before') return;
    if (typeof outcome === 'object') {
      const { eventId, position, integrationId } = job;
      this.hold({ eventId, position, integrationId, ...outcome });
      return;
    }
    const { eventId, position, integrationId, attempts } = job;
    const wasHeld = this.held.delete(eventId);
    if (outcome === 'parked') {
      const event = { eventId, position, integrationId, attempts: attempts + 1, dueAt: new Date(0) };
      this.fates.set(eventId, { as: 'parked', event });
      // a parked one that is replayed has a row still
    } else if (wasHeld || job.reading?.replayId) this.fates.set(eventId, { as: 'released' });
  }

  /** The endpoint is back: what failed with it is tried at once. */
  hastenFailed(now: Date): void {
    for (const each of this.held.values()) if (each.dueAt > now) this.hold({ ...each, dueAt: now });
  }

  get isDirty(): boolean {
    return this.fates.size > 0 || this.readings.some((each) => each.hasMoved);
  }

  /** Everything that has become of events since the last call. */
  takeProgress(): TurnProgress {
    const fates = [...this.fates];
    const eventsAs = (as: 'held' | 'parked'): HeldEvent[] =>
      fates.flatMap(([, fate]) => (fate.as === as ? [fate.event] : []));
    const progress = {
      position: this.own.settledTo,
      replays: this.replays
        .filter((each) => each.hasMoved)
        .map((each) => ({ id: each.replayId!, position: each.settledTo, untilPosition: each.untilPosition! })),
      held: eventsAs('held'),
      released: fates.flatMap(([eventId, { as }]) => (as === 'released' ? [eventId] : [])),
      parked: eventsAs('parked'),
    };
    this.fates = new Map();
    for (const each of this.readings) each.takenTo = each.settledTo;
    return progress;
  }

  private begin(job: Job): Job {
    this.underWay.set(job.eventId, job);
    return job;
  }

  private nextOf(from: LogReading, now: Date): Job | null {
    for (let index = 0; index < from.queue.length; index++) {
      if (this.held.size >= MAX_HELD) return null;
      const event = from.queue[index]!;
      // what the endpoint has yet to come to is sent in its order, and not by a replay before it
      if (this.ordering === 'strict' && from !== this.own && event.position > this.position) return null;
      const known = this.held.get(event.id);
      const isBusy = this.underWay.has(event.id);
      if (known || isBusy) {
        // a replay of what is held anyway
        if (known && !isBusy) this.hold({ ...known, dueAt: now });
        from.skip(index--);
        continue;
      }
      if (this.ordering === 'strict') {
        const { id: eventId, position, integrationId } = event;
        if (this.keyIsHeld(integrationId)) {
          this.hold({ eventId, position, integrationId, attempts: 0, dueAt: now });
          from.skip(index--);
          continue;
        }
        if (this.keyIsUnderWay(integrationId)) continue;
      }
      from.queue.splice(index, 1);
      const { id: eventId, position, integrationId } = event;
      return { eventId, position, integrationId, event, attempts: 0, reading: from, isProbe: false };
    }
    return null;
  }

  private hold(event: HeldEvent): void {
    this.held.set(event.eventId, event);
    this.fates.set(event.eventId, { as: 'held', event });
  }

  private nextHeld(isMeant: (event: HeldEvent) => boolean): HeldEvent | null {
    for (const each of this.heads()) if (isMeant(each) && !this.underWay.has(each.eventId)) return each;
    return null;
  }

  /** Held events that wait for none before them, in the order of the log. */
  private *heads(): Generator<HeldEvent> {
    if (this.ordering === 'parallel') return yield* this.held.values();
    const first = new Map<string | null, HeldEvent>();
    for (const each of this.held.values()) {
      const before = first.get(each.integrationId);
      if (!before || each.position < before.position) first.set(each.integrationId, each);
    }
    for (const each of first.values()) {
      if (this.underWay.has(each.eventId) || !this.keyIsUnderWay(each.integrationId)) yield each;
    }
  }

  private keyIsHeld(integrationId: string | null): boolean {
    for (const each of this.held.values()) if (each.integrationId === integrationId) return true;
    return false;
  }

  private keyIsUnderWay(integrationId: string | null): boolean {
    for (const each of this.underWay.values()) if (each.integrationId === integrationId) return true;
    return false;
  }
}

function jobOf({ eventId, position, integrationId, attempts }: HeldEvent, isProbe: boolean): Job {
  return { eventId, position, integrationId, event: null, attempts, reading: null, isProbe };
}
