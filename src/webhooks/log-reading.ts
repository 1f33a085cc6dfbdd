import type { LogExtract, LoggedEvent } from '../events';

/** Events that are read ahead of their tries. */
export const READ_AHEAD = 200;

/** A reading of the log: the endpoint's own, or a replay. */
export class LogReading {
  /** There is no more to be read, for now. */
  isDry = false;
  readonly queue: LoggedEvent[] = [];
  /** Positions that were read and have no outcome. */
  readonly open = new Set<number>();
  /** Up to here the outcomes were taken to be committed. */
  takenTo: number;

  constructor(
    /** null: the endpoint's own place. */
    readonly replayId: string | null,
    /** Everything up to here has been read. */
    public readTo: number,
    /** null: it has no end. */
    readonly untilPosition: number | null,
  ) {
    this.takenTo = readTo;
  }

  get isHungry(): boolean {
    return !this.isDry && this.queue.length < READ_AHEAD / 2;
  }

  /** Everything up to here has an outcome. */
  get settledTo(): number {
    let settled = this.readTo;
    for (const position of this.open) settled = Math.min(settled, position - 1);
    return settled;
  }

  get hasMoved(): boolean {
    return this.settledTo > this.takenTo;
  }

  /**
   * What was read behind `readTo`, at most READ_AHEAD. Returns how many positions were removed before they were read.
   */
  add({ events, head, trimmed }: LogExtract): number {
    const missed = Math.max(0, Math.min(trimmed, head) - this.readTo);
    for (const event of events) {
      this.queue.push(event);
      this.open.add(event.position);
    }
    this.isDry = events.length < READ_AHEAD;
    this.readTo = this.isDry
      ? Math.max(this.readTo, Math.min(head, this.untilPosition ?? head))
      : events.at(-1)!.position;
    return missed;
  }

  /** What is queued there has its outcome elsewhere. */
  skip(index: number): void {
    const [event] = this.queue.splice(index, 1);
    this.open.delete(event!.position);
  }
}
