/** How a turn leaves its endpoint. */
export interface TurnEnd {
  readonly now: Date;
  /** Nothing new is sent until a try succeeds. */
  readonly stalled: boolean;
  /** Stalled: when the next event is tried early. */
  readonly probeAt: Date;
  /** Another event may come to be held. */
  readonly hasRoom: boolean;
  /** Tries that were broken off. */
  readonly underWayCount: number;
  /** Events that were read and not begun. */
  readonly hasQueued: boolean;
  /** Of the held events that are not under way. */
  readonly nextDueAt: Date | null;
  /** The endpoint wants to be left alone until then. */
  readonly notBefore: Date | null;
}

/** When an endpoint has its next turn. */
export interface NextTurn {
  /** null: when the log grows. */
  readonly wakeAt: Date | null;
  /** Or when the log grows before. */
  readonly takesNew: boolean;
}

/** An endpoint that takes nothing new always has a time at which it wakes. */
export function nextTurn(end: TurnEnd): NextTurn {
  const { now, stalled, hasRoom, notBefore } = end;
  const takesNew = !stalled && hasRoom;
  const times: Date[] = [];
  if (end.underWayCount > 0 || (takesNew && end.hasQueued)) times.push(now);
  if (end.nextDueAt) times.push(end.nextDueAt);
  if (stalled) times.push(end.probeAt);
  if (times.length === 0 && takesNew) return { wakeAt: null, takesNew };
  const earliest = times.length === 0 ? now : new Date(Math.min(...times.map(Number)));
  return { wakeAt: new Date(Math.max(Number(earliest), Number(now), Number(notBefore))), takesNew };
}
