import type { EventLog, EventRepository, LoggedEvent } from '../events';
import type { AppConfig } from '../platform/config';
import type { UnitOfWork } from '../platform/database';
import type { HeldLease } from '../platform/lease';
import type { CallWindow } from './call-window';
import type { Attempt, EndpointHealth } from './endpoint';
import { tellOf, type Telling } from './endpoint-tellings';
import type { EventBody } from './event-body';
import type { DeliveryRepository, LeasedEndpoint, TurnCommit } from './store/delivery.repository';
import type { EndpointRepository } from './store/endpoint.repository';
import type { TurnPlan } from './turn-plan';
import type { Delivery, WebhookClient } from './webhook-client';

/** Outcomes that wait for their commit: with more, no further try begins. */
const MAX_UNCOMMITTED = 500;
/** While tries go on, what comes of them within this time, or so many outcomes, is one commit. */
const COMMIT_EVERY_MS = 250;
const COMMIT_AT = 100;

/** The lease is lost: another worker may have it, and nothing may be sent or written. */
export class LeaseLost extends Error {}

export interface TurnTools {
  readonly deliveries: DeliveryRepository;
  readonly endpoints: EndpointRepository;
  readonly events: EventRepository;
  readonly log: EventLog;
  readonly client: WebhookClient;
  readonly body: EventBody;
  readonly window: CallWindow;
  readonly unitOfWork: UnitOfWork;
  readonly config: AppConfig;
  /** Told of each try. `isFirst`: of the event, and no replay. */
  readonly onAttempt: (delivery: Delivery, event: LoggedEvent, isFirst: boolean) => void;
}

interface TurnSignals {
  /** A commit has ended; with what it failed. */
  readonly ended: (failure: { readonly error: unknown } | null) => void;
  /** The endpoint is no longer what the turn began with. */
  readonly changed: () => void;
}

/** What has come of the tries of a turn, committed beside those that go on. */
export class TurnCommits {
  private attempts: Attempt[] = [];
  private tellings: Telling[] = [];
  private missedPositions = 0;
  private committedAt = 0;
  underWay = false;

  constructor(
    private readonly tools: TurnTools,
    private readonly leased: LeasedEndpoint,
    private readonly plan: TurnPlan,
    private readonly lease: HeldLease,
    private readonly signals: TurnSignals,
  ) {}

  attempted(attempt: Attempt): void {
    this.attempts.push(attempt);
  }

  tells(telling: Telling): void {
    this.tellings.push(telling);
  }

  missed(positions: number): void {
    this.missedPositions += positions;
  }

  get isFull(): boolean {
    return this.attempts.length >= MAX_UNCOMMITTED;
  }

  /** Epoch milliseconds; Infinity: nothing waits for a commit, or one is under way, which signals its end. */
  get dueAt(): number {
    return this.underWay || !this.hasOutcomes ? Infinity : this.committedAt + COMMIT_EVERY_MS;
  }

  /** `atOnce`: nothing more is to come. */
  commitIfDue(health: EndpointHealth, atOnce: boolean): void {
    if (this.underWay) return;
    const renews = this.lease.leftMs < (this.tools.config.runLeaseMs * 2) / 3;
    const waits =
      !this.hasOutcomes ||
      (!atOnce &&
        this.plan.underWayCount > 0 &&
        this.attempts.length < COMMIT_AT &&
        this.committedAt + COMMIT_EVERY_MS > Date.now());
    if (renews || !waits) this.commit(health);
  }

  private get hasOutcomes(): boolean {
    return this.attempts.length > 0 || this.missedPositions > 0 || this.plan.isDirty;
  }

  private commit(health: EndpointHealth): void {
    const progress = this.plan.takeProgress();
    const change = { health, progress, attempts: this.attempts, missed: this.missedPositions };
    const tellings = this.tellings;
    this.attempts = [];
    this.tellings = [];
    this.missedPositions = 0;
    this.underWay = true;
    this.committedAt = Date.now();
    const granted = this.lease.renewal();
    void this.write(change, tellings)
      .then(
        () => {
          granted();
          return null;
        },
        (error: unknown) => ({ error }),
      )
      .then((failure) => {
        this.underWay = false;
        this.signals.ended(failure);
      });
  }

  private async write(change: TurnCommit, tellings: readonly Telling[]): Promise<void> {
    const { deliveries, unitOfWork, config } = this.tools;
    await unitOfWork.run(async (tx) => {
      const changedAt = await deliveries.commit(tx, this.leased, config.runLeaseMs, change);
      if (changedAt === null) throw new LeaseLost();
      // where its signal was lost: another turn begins with what the endpoint has become
      if (changedAt.getTime() !== this.leased.endpoint.updatedAt.getTime()) this.signals.changed();
      for (const telling of tellings) await tellOf(this.tools, tx, this.leased.endpoint, telling);
    });
  }
}
