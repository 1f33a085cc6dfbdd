import { setMaxListeners } from 'node:events';
import type { EventFilter, EventScope, LoggedEvent } from '../events';
import { HeldLease } from '../platform/lease';
import { ProviderFailure } from '../platform/outbound';
import {
  healthAfterFailure,
  healthAfterSuccess,
  LATE_MS,
  nextTryAt,
  probeWaitMs,
  STALLED_AFTER,
  type Failed,
} from './delivery-rules';
import { filterOf, type Attempt, type EndpointHealth } from './endpoint';
import type { Signer } from './endpoint-secret';
import { failingSince } from './endpoint-tellings';
import { READ_AHEAD } from './log-reading';
import type { LeasedEndpoint } from './store/delivery.repository';
import { LeaseLost, TurnCommits, type TurnTools } from './turn-commits';
import { nextTurn } from './turn-end';
import { TurnPlan, type Job } from './turn-plan';
import type { Delivery } from './webhook-client';

/** A turn that waits for less keeps its lease. */
const WORTH_WAITING_MS = 1_000;

/**
 * What one worker does for one endpoint while it holds its lease: reads the log, tries events, several at a time, and
 * commits how far the endpoint has come together with what failed. A kill repeats what had no commit.
 */
export class EndpointTurn {
  private readonly plan: TurnPlan;
  private readonly lease: HeldLease;
  private readonly filter: EventFilter;
  private readonly commits: TurnCommits;
  private readonly abort = new AbortController();
  private health: EndpointHealth;
  private ending = false;
  private failure: { readonly error: unknown } | null = null;
  private probeAt = new Date(0);
  private nextSendAt = 0;
  /** When the tries under way began, by `performance.now()`, the first one first. */
  private readonly begunAt = new Map<Job, number>();
  private signal: () => void = () => undefined;
  /** The log has grown since it was read. */
  wasWoken = false;

  private constructor(
    private readonly tools: TurnTools,
    private readonly leased: LeasedEndpoint,
    private readonly signers: readonly Signer[],
    plan: TurnPlan,
    lease: HeldLease,
  ) {
    this.plan = plan;
    this.lease = lease;
    this.health = leased.health;
    this.commits = new TurnCommits(tools, leased, plan, lease, {
      ended: (failure) => {
        if (failure) this.failure ??= failure;
        this.signal();
      },
      changed: () => (this.ending = true),
    });
    // one listener for each call under way
    setMaxListeners(0, this.abort.signal);
    this.filter = filterOf(leased.endpoint);
  }

  /** `lease`: counted from before it was asked for. */
  static async open(
    tools: TurnTools,
    leased: LeasedEndpoint,
    signers: readonly Signer[],
    lease: HeldLease,
  ): Promise<EndpointTurn> {
    const { id, ordering } = leased.endpoint;
    const [held, replays] = await Promise.all([
      leased.hasHeld ? tools.deliveries.held(id) : [],
      leased.hasReplays ? tools.deliveries.replays(id) : [],
    ]);
    return new EndpointTurn(tools, leased, signers, new TurnPlan(ordering, leased.position, held, replays), lease);
  }

  get endpointId(): string {
    return this.leased.endpoint.id;
  }

  /** The log grew. */
  wake(): void {
    this.wasWoken = true;
    this.plan.wake();
    this.signal();
  }

  /** An answer that it waits for is late. */
  get isLate(): boolean {
    const [first] = this.begunAt.values();
    return first !== undefined && performance.now() - first > LATE_MS;
  }

  get scope(): EventScope {
    return this.leased.endpoint;
  }

  /** Begins nothing new; what is under way comes to its end. */
  end(): void {
    this.ending = true;
    this.signal();
  }

  /** Breaks off what is under way: it is tried again, with the same id, by whoever takes the lease next. */
  breakOff(): void {
    this.ending = true;
    this.abort.abort(new LeaseLost());
    this.signal();
  }

  async run(): Promise<void> {
    try {
      for (;;) {
        const something = new Promise<void>((resolve) => (this.signal = resolve));
        if (this.failure) throw this.failure.error;
        const until = this.ending ? null : await this.begin();
        this.commits.commitIfDue(this.health, this.ending);
        const idle = !this.commits.underWay && (this.plan.underWayCount === 0 || this.abort.signal.aborted);
        if (idle && (until === null || until - Date.now() > WORTH_WAITING_MS)) break;
        await this.waitFor(something, Math.min(until ?? Infinity, this.commits.dueAt));
      }
    } catch (error) {
      // nothing goes on behind the back of whoever has the lease next
      this.abort.abort(new LeaseLost());
      throw error;
    }
    const { plan, stalled, probeAt, health } = this;
    const { hasRoom, underWayCount, hasQueued } = plan;
    const left = { stalled, probeAt, hasRoom, underWayCount, hasQueued, nextDueAt: plan.nextDueAt() };
    await this.tools.deliveries.giveBack(
      this.leased,
      nextTurn({ now: new Date(), notBefore: health.notBefore, ...left }),
    );
  }

  /**
   * Begins as many tries as may begin. Returns when the next may, in epoch milliseconds; null: nothing is known to
   * come.
   */
  private async begin(): Promise<number | null> {
    for (;;) {
      const now = new Date();
      if (this.lease.leftMs <= 0) throw new LeaseLost();
      const { notBefore, concurrency } = this.health;
      if (notBefore && notBefore > now) return notBefore.getTime();
      if (this.plan.underWayCount >= concurrency || this.commits.isFull) return null;
      if (this.nextSendAt > now.getTime()) return this.nextSendAt;
      const stalled = this.stalled;
      const mayRead = !stalled || (this.probeAt <= now && this.plan.underWayCount === 0);
      const hungry = mayRead ? this.plan.hungry : null;
      if (hungry) await this.read(hungry);
      if (this.ending) return null;
      const job = this.plan.next(now, { stalled, probeAt: this.probeAt });
      // a replay of what the endpoint has yet to come to waits for it, and its own events are still to be read
      if (!job && hungry && this.plan.hungry) continue;
      if (!job) return this.nextTime(now);
      const { ratePerSecond } = this.leased.endpoint;
      if (ratePerSecond !== null) this.nextSendAt = Math.max(this.nextSendAt, now.getTime()) + 1000 / ratePerSecond;
      void this.attempt(job);
    }
  }

  private async read(into: NonNullable<TurnPlan['hungry']>): Promise<void> {
    this.wasWoken = false;
    const { readTo: position, untilPosition } = into;
    const range = { position, ...(untilPosition === null ? {} : { until: untilPosition }) };
    const extract = await this.tools.events.after(this.leased.endpoint, range, this.filter, READ_AHEAD);
    this.commits.missed(this.plan.add(into, extract));
  }

  private nextTime(now: Date): number | null {
    const due = this.plan.nextDueAt();
    const times = [due?.getTime(), this.stalled ? this.probeAt.getTime() : undefined];
    const coming = times.filter((time): time is number => time !== undefined && time > now.getTime());
    return coming.length === 0 ? null : Math.min(...coming);
  }

  private get stalled(): boolean {
    return this.health.failures >= STALLED_AFTER;
  }

  /** Never fails: what goes wrong ends the turn. */
  private async attempt(job: Job): Promise<void> {
    const leave = await this.tools.window.enter();
    this.begunAt.set(job, performance.now());
    try {
      const event = job.event ?? (await this.tools.events.find(this.leased.endpoint, [job.eventId]))[0];
      if (!event) {
        // erased, or no longer kept
        this.plan.settle(job, 'dropped');
        return;
      }
      const { endpoint } = this.leased;
      const body = await this.tools.body.of(event, endpoint.includeData);
      let isSent = false;
      const mayDispatch = (): void => {
        this.lease.assertHeld();
        if (this.ending) throw new ProviderFailure('network', 'The endpoint was changed.', { nothingSent: true });
        isSent = true;
      };
      const control = { signal: this.abort.signal, mayDispatch };
      const delivery = await this.tools.client.send(endpoint, this.signers, { id: event.id, body }, control);
      // not sent because the lease was over: says nothing of the endpoint
      if (this.lease.leftMs <= 0) throw new LeaseLost();
      if (this.ending && !isSent) {
        this.plan.settle(job, job.isProbe ? 'as_before' : { attempts: job.attempts, dueAt: new Date() });
        return;
      }
      this.tools.onAttempt(delivery, event, job.reading?.replayId === null);
      this.settle(job, event, delivery);
    } catch (error) {
      if (!this.abort.signal.aborted) this.failure ??= { error };
    } finally {
      leave();
      this.begunAt.delete(job);
      this.signal();
    }
  }

  private settle(job: Job, event: LoggedEvent, delivery: Delivery): void {
    const now = new Date();
    const { result } = delivery;
    const note = (error: string | null, nextAction: Attempt['nextAction'], nextAttemptAt: Date | null): void => {
      const { id: eventId, type: eventType, integrationId } = event;
      const { attemptedAt, durationMs, answer } = delivery;
      const about = { eventId, eventType, integrationId, attempt: job.attempts + 1, attemptedAt, durationMs, answer };
      this.commits.attempted({ ...about, status: result.status, error, nextAction, nextAttemptAt });
    };
    if (result.kind === 'delivered') {
      const wasStalled = this.stalled;
      this.health = healthAfterSuccess(this.health, now, delivery.durationMs);
      this.plan.settle(job, 'delivered');
      if (wasStalled) this.plan.hastenFailed(now);
      return note(null, 'none', null);
    }
    if (result.kind === 'gone') {
      this.ending = true;
      this.plan.settle(job, { attempts: job.attempts, dueAt: now });
      this.commits.tells({ type: 'webhook_endpoint.disabled', reason: 'gone' });
      return note('The endpoint answered 410: it is gone.', 'disabled', null);
    }
    this.failed(job, event, result, now, note);
  }

  private failed(
    job: Job,
    event: LoggedEvent,
    result: Failed,
    now: Date,
    note: (error: string, nextAction: Attempt['nextAction'], nextAttemptAt: Date | null) => void,
  ): void {
    const { health, warns, disables } = healthAfterFailure(this.health, result, now);
    this.health = health;
    if (this.stalled) this.probeAt = new Date(now.getTime() + probeWaitMs(health.failures));
    if (warns) this.commits.tells(failingSince(health.failingSince!));
    if (disables === 'failing') {
      this.ending = true;
      this.commits.tells({ type: 'webhook_endpoint.disabled', reason: disables });
    }
    const { scheduleMs } = this.tools.config.webhooks;
    if (job.isProbe) {
      this.plan.settle(job, 'as_before');
      return note(result.message, disables ? 'disabled' : 'retry', disables ? null : this.probeAt);
    }
    const attempts = job.attempts + 1;
    const dueAt = nextTryAt(scheduleMs, attempts, now, result);
    if (dueAt === null) {
      this.plan.settle(job, 'parked');
      // of what is told about endpoints nothing more is told, or two that fail would tell each other without end
      if (!event.type.startsWith('webhook_endpoint.')) {
        this.commits.tells({ type: 'webhook_endpoint.event_parked', event });
      }
      return note(result.message, 'parked', null);
    }
    this.plan.settle(job, { attempts, dueAt });
    note(result.message, disables ? 'disabled' : 'retry', disables ? null : dueAt);
  }

  private async waitFor(something: Promise<void>, until: number): Promise<void> {
    const longestMs = this.tools.config.runLeaseMs / 4;
    const waitMs = Math.min(Math.max(until - Date.now(), 1), longestMs);
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
    await Promise.race([something, timeUp]);
    clearTimeout(timer);
  }
}
