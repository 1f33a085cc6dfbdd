import { nextTurn, type TurnEnd } from './turn-end';

const now = new Date('2026-11-30T06:00:00.000Z');
const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);
const times = [null, at(-60), now, at(60)];
const flags = [false, true];

/** Every way in which a turn may end. */
const ends: TurnEnd[] = flags.flatMap((stalled) =>
  [new Date(0), at(-60), at(60)].flatMap((probeAt) =>
    flags.flatMap((hasRoom) =>
      [0, 1].flatMap((underWayCount) =>
        flags.flatMap((hasQueued) =>
          times.flatMap((nextDueAt) =>
            times.map((notBefore) => ({
              ...{ now, stalled, probeAt, hasRoom, underWayCount, hasQueued, nextDueAt, notBefore },
            })),
          ),
        ),
      ),
    ),
  ),
);

describe('the next turn of an endpoint', () => {
  it('comes by itself unless a new event brings it', () => {
    expect(ends.filter((end) => !nextTurn(end).takesNew && nextTurn(end).wakeAt === null)).toEqual([]);
  });

  it('takes nothing new while the endpoint is stalled or may hold no more', () => {
    expect(ends.filter((end) => nextTurn(end).takesNew !== (!end.stalled && end.hasRoom))).toEqual([]);
  });

  it('comes whenever something is left to do', () => {
    const left = ends.filter((end) => end.underWayCount > 0 || end.nextDueAt !== null || end.stalled);
    expect(left.filter((end) => nextTurn(end).wakeAt === null)).toEqual([]);
  });

  it('is at once where tries were broken off, or where what was read waits', () => {
    const atOnce = ends.filter(
      (end) => end.underWayCount > 0 || (end.hasQueued && end.hasRoom && !end.stalled) || end.nextDueAt === now,
    );
    const quiet = atOnce.filter(({ notBefore }) => notBefore === null);
    expect(quiet.filter((end) => nextTurn(end).wakeAt?.getTime() !== now.getTime())).toEqual([]);
  });

  it('is never in the past, nor before the time that the endpoint asked for', () => {
    const early = ends.filter((end) => {
      const { wakeAt } = nextTurn(end);
      return wakeAt !== null && (wakeAt < now || (end.notBefore !== null && wakeAt < end.notBefore));
    });
    expect(early).toEqual([]);
  });

  it('is with what comes next, the due event or the probe', () => {
    const end = { ...ends[0]!, stalled: true, hasRoom: true, underWayCount: 0, hasQueued: false, notBefore: null };
    expect(nextTurn({ ...end, probeAt: at(60), nextDueAt: at(30) }).wakeAt).toEqual(at(30));
    expect(nextTurn({ ...end, probeAt: at(20), nextDueAt: at(30) }).wakeAt).toEqual(at(20));
    expect(nextTurn({ ...end, probeAt: new Date(0), nextDueAt: null }).wakeAt).toEqual(now);
  });
});
