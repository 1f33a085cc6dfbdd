import type { LoggedEvent } from '../events';
import { MAX_HELD } from './delivery-rules';
import type { HeldEvent } from './endpoint';
import { READ_AHEAD } from './log-reading';
import { TurnPlan, type Job } from './turn-plan';

const NOW = new Date('2026-05-01T00:00:00Z');
const LATER = new Date(NOW.getTime() + 60_000);
const FREE = { stalled: false, probeAt: NOW };

const event = (position: number, integrationId: string | null = null): LoggedEvent => ({
  id: `event-${position}`,
  type: 'sync.completed',
  data: {},
  position,
  integrationId,
  provider: null,
  occurredAt: NOW,
});
const held = (position: number, more: Partial<HeldEvent> = {}): HeldEvent => ({
  eventId: `event-${position}`,
  position,
  integrationId: null,
  attempts: 1,
  dueAt: LATER,
  ...more,
});
const read = (plan: TurnPlan, events: LoggedEvent[], head = events.at(-1)?.position ?? 0): void => {
  plan.add(plan.hungry!, { generation: 1, head, trimmed: 0, events });
};
const take = (plan: TurnPlan, permission = FREE): Job[] => {
  const jobs: Job[] = [];
  for (let job = plan.next(NOW, permission); job; job = plan.next(NOW, permission)) jobs.push(job);
  return jobs;
};
const positions = (jobs: readonly Job[]): number[] => jobs.map(({ position }) => position);

describe('the plan of a turn', () => {
  it('moves the place up to what has an outcome, never past what has none', () => {
    const plan = new TurnPlan('parallel', 0, [], []);
    read(plan, [event(2), event(5), event(7)], 9);
    const [first, second, third] = take(plan) as [Job, Job, Job];
    plan.settle(second, 'delivered');
    expect(plan.takeProgress().position).toBe(1);
    plan.settle(first, 'delivered');
    expect(plan.takeProgress().position).toBe(6);
    plan.settle(third, { attempts: 1, dueAt: LATER });
    expect(plan.takeProgress()).toMatchObject({ position: 9, held: [{ position: 7, attempts: 1 }] });
    expect(plan.takeProgress().held).toEqual([]);
  });

  it('replays nothing in strict order that the endpoint has yet to come to', () => {
    const plan = new TurnPlan('strict', 1, [], [{ id: 'replay', position: 0, untilPosition: 3 }]);
    read(plan, [event(1, 'one'), event(3, 'one')], 3);
    read(plan, [event(2, 'one'), event(3, 'one')], 3);
    const order: number[] = [];
    for (let [job] = take(plan); job; [job] = take(plan)) {
      order.push(job.position);
      plan.settle(job, 'delivered');
    }
    expect(order).toEqual([1, 2, 3, 3]);
  });

  it('reads on where a reading was full, and waits for the log to grow where it was not', () => {
    const plan = new TurnPlan('parallel', 0, [], []);
    read(
      plan,
      Array.from({ length: READ_AHEAD }, (_, index) => event(index + 1)),
      10_000,
    );
    expect(plan.hungry).toBeNull();
    take(plan);
    expect(plan.hungry).toMatchObject({ readTo: READ_AHEAD });
    read(plan, [], 10_000);
    expect(plan.hungry).toBeNull();
    plan.wake();
    expect(plan.hungry).toMatchObject({ readTo: 10_000 });
  });

  it('counts what was removed before it was read', () => {
    const plan = new TurnPlan('parallel', 10, [], []);
    expect(plan.add(plan.hungry!, { generation: 1, head: 50, trimmed: 30, events: [event(31)] })).toBe(20);
  });

  it('in parallel tries later events while an earlier one waits, and that one when it is due', () => {
    const plan = new TurnPlan('parallel', 2, [held(1), held(2, { dueAt: NOW })], []);
    read(plan, [event(3), event(4)]);
    expect(positions(take(plan))).toEqual([2, 3, 4]);
    expect(plan.nextDueAt()).toEqual(LATER);
  });

  it('in strict order has one event of an integration under way, and others of other integrations beside it', () => {
    const plan = new TurnPlan('strict', 0, [], []);
    read(plan, [event(1, 'a'), event(2, 'a'), event(3, 'b'), event(4, 'b'), event(5)]);
    const jobs = take(plan);
    expect(positions(jobs)).toEqual([1, 3, 5]);
    plan.settle(jobs[0]!, 'delivered');
    expect(positions(take(plan))).toEqual([2]);
  });

  it('in strict order holds what follows one that failed, and lets it go when that one was taken or given up', () => {
    for (const end of ['delivered', 'parked'] as const) {
      const plan = new TurnPlan('strict', 0, [], []);
      read(plan, [event(1, 'a'), event(2, 'a'), event(3, 'a')]);
      plan.settle(take(plan)[0]!, { attempts: 1, dueAt: NOW });
      const [again, ...none] = take(plan);
      expect([again!.position, again!.attempts, none]).toEqual([1, 1, []]);
      // all three are held: the place has passed them
      expect(plan.takeProgress()).toMatchObject({
        position: 3,
        held: [{ position: 1 }, { position: 2 }, { position: 3 }],
      });
      plan.settle(again!, end);
      expect(positions(take(plan))).toEqual([2]);
      expect(plan.takeProgress()).toMatchObject({
        released: end === 'delivered' ? ['event-1'] : [],
        parked: end === 'parked' ? [{ position: 1, attempts: 2 }] : [],
      });
    }
  });

  it('keeps the order over a turn that ended between the failure and the next try', () => {
    const plan = new TurnPlan(
      'strict',
      3,
      [held(3, { integrationId: 'a' }), held(1, { integrationId: 'a', dueAt: NOW })],
      [],
    );
    read(plan, [event(4, 'a'), event(5, 'b')]);
    expect(positions(take(plan))).toEqual([1, 5]);
    expect(plan.takeProgress().held).toMatchObject([{ position: 4, attempts: 0 }]);
  });

  it('a stalled endpoint has one event at a time tried, early, and what is due', () => {
    const tried = (random: number, more: Partial<HeldEvent> = {}, probeAt = NOW) => {
      const plan = new TurnPlan('parallel', 2, [held(1, more), held(2)], [], () => random);
      read(plan, [event(3), event(4)]);
      return take(plan, { stalled: true, probeAt });
    };
    expect(tried(0.9)).toMatchObject([{ position: 2, isProbe: true }]);
    expect(tried(0.1)).toMatchObject([{ position: 3, isProbe: false }]);
    expect(tried(0.9, {}, LATER)).toEqual([]);
    expect(tried(0.9, { dueAt: NOW }, LATER)).toMatchObject([{ position: 1, isProbe: false }]);
  });

  it('a probe that fails changes nothing', () => {
    const plan = new TurnPlan('parallel', 2, [held(1)], [], () => 0.9);
    const [probe] = take(plan, { stalled: true, probeAt: NOW });
    plan.settle(probe!, 'as_before');
    expect(plan.takeProgress()).toMatchObject({ held: [], released: [], parked: [] });
    expect(plan.heldCount).toBe(1);
  });

  it('holds a bounded number, and leaves the rest in the log', () => {
    const full = Array.from({ length: MAX_HELD - 1 }, (_, index) => held(index + 1));
    const plan = new TurnPlan('parallel', 5_000, full, []);
    read(plan, [event(5_001), event(5_002)]);
    const [job] = take(plan);
    plan.settle(job!, { attempts: 1, dueAt: LATER });
    expect(plan.hasRoom).toBe(false);
    const rest = new TurnPlan('parallel', 5_001, [...full, held(5_001)], []);
    read(rest, [event(5_002)]);
    expect(take(rest)).toEqual([]);
    expect(rest.takeProgress().position).toBe(5_001);
  });

  it('tries at once what failed, when the endpoint is back', () => {
    const plan = new TurnPlan('parallel', 2, [held(1), held(2)], []);
    plan.hastenFailed(NOW);
    expect(positions(take(plan))).toEqual([1, 2]);
  });

  it('replays a part of the log to its end, beside what is new', () => {
    const plan = new TurnPlan('parallel', 10, [held(4)], [{ id: 'r', position: 2, untilPosition: 5 }]);
    expect(plan.hungry).toMatchObject({ replayId: 'r', untilPosition: 5 });
    read(plan, [event(3), event(4), event(5)], 12);
    read(plan, [event(11)], 12);
    const jobs = take(plan);
    // 4 is held: it is tried where it is held
    expect(positions(jobs)).toEqual([3, 5, 4, 11]);
    for (const job of jobs) plan.settle(job, 'delivered');
    expect(plan.takeProgress()).toMatchObject({
      position: 12,
      replays: [{ id: 'r', position: 5, untilPosition: 5 }],
      released: expect.arrayContaining(['event-3', 'event-4', 'event-5']),
    });
  });

  it('has something to commit where a replay came to its end and nothing of it was sent', () => {
    const plan = new TurnPlan('parallel', 9, [], [{ id: 'r', position: 2, untilPosition: 5 }]);
    expect(plan.isDirty).toBe(false);
    read(plan, [], 9);
    expect([plan.isDirty, plan.takeProgress().replays]).toEqual([true, [{ id: 'r', position: 5, untilPosition: 5 }]]);
    expect([plan.isDirty, plan.takeProgress().replays]).toEqual([false, []]);
  });

  it('commits of an event what has become of it last', () => {
    const replayed = { id: 'r', position: 0, untilPosition: 1 };
    const again = { attempts: 1, dueAt: LATER };
    for (const first of ['parked', 'delivered'] as const) {
      for (const second of ['parked', 'delivered', again] as const) {
        const plan = new TurnPlan('parallel', 1, [held(1, { attempts: 9, dueAt: NOW })], [replayed]);
        plan.settle(plan.next(NOW, FREE)!, first);
        read(plan, [event(1)], 1);
        const replay = plan.next(NOW, FREE)!;
        expect(replay.reading?.replayId).toBe('r');
        plan.settle(replay, second);
        const { held: kept, parked, released } = plan.takeProgress();
        const ids = [kept.map(({ eventId }) => eventId), parked.map(({ eventId }) => eventId), released];
        const [one, none] = [['event-1'], []];
        if (second === 'parked') expect(ids).toEqual([none, one, none]);
        else if (second === 'delivered') expect(ids).toEqual([none, none, one]);
        else expect(ids).toEqual([one, none, none]);
      }
    }
  });
});
