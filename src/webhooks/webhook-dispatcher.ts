import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EventLog, EventRepository, EVENTS_CHANNEL, type EventScope } from '../events';
import { within } from '../platform/clock';
import { AppConfig } from '../platform/config';
import { Daemon } from '../platform/daemon';
import { Notifications, UnitOfWork } from '../platform/database';
import { Drain } from '../platform/health';
import type { Environment } from '../platform/http';
import { BESIDE_US, hasEnded, HeldLease, leaseOwner } from '../platform/lease';
import { VaultError } from '../vault';
import { CallWindow } from './call-window';
import type { Signer } from './endpoint-secret';
import { EndpointTurn } from './endpoint-turn';
import { EventBody } from './event-body';
import { Signers } from './signers';
import { DeliveryRepository, type LeasedEndpoint } from './store/delivery.repository';
import { EndpointRepository } from './store/endpoint.repository';
import { LeaseLost, type TurnTools } from './turn-commits';
import { WebhookClient } from './webhook-client';
import { WebhookMetrics } from './webhook-metrics';

/** Signals that an endpoint was changed; the payload is its id. */
export const ENDPOINT_CHANNEL = 'webhook_endpoint_changed';

/** What a signal that was lost costs at most. */
const SWEEP_MS = 1_000;
const LOOK_FOR_ENDED_MS = 5_000;
/** A turn ends after so long when others wait for a place. */
const TURN_MS = 10_000;
/** Endpoints that lag have this share of the places, so that those that hang take nothing from those that answer. */
const LAGGING_SHARE = 0.25;
/** So many times the places: what is found to be late only while it is waited for gives its place to another. */
const MOST_TURNS = 2;
/** For what is under way when the process is told to stop. */
const DRAIN_MS = 5_000;
/** An endpoint whose turn broke off here, its secret not to be opened for instance. */
const BROKEN_OFF_MS = 5_000;

type Place = { readonly lagging: boolean; readonly begunAt: number; turn: EndpointTurn | null };

/**
 * Gives endpoints that have something to do their turns: a bounded number at a time in each worker, each by its lease.
 */
@Injectable()
export class WebhookDispatcher extends Daemon implements OnModuleInit {
  protected readonly name = 'webhooks';
  protected readonly intervalMs = 100;
  private readonly owner = leaseOwner();
  private readonly tools: TurnTools;
  private readonly places = new Map<string, Place>();
  private readonly inHand = new Set<Promise<void>>();
  /** Logs that have grown, as they are signalled. */
  private readonly grown = new Set<string>();
  private claiming = false;
  private sweptAt = -Infinity;
  private lookedAt = -Infinity;

  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly signers: Signers,
    private readonly notifications: Notifications,
    private readonly config: AppConfig,
    private readonly drain: Drain,
    endpoints: EndpointRepository,
    events: EventRepository,
    log: EventLog,
    client: WebhookClient,
    body: EventBody,
    unitOfWork: UnitOfWork,
    metrics: WebhookMetrics,
  ) {
    super();
    const onAttempt: TurnTools['onAttempt'] = (...attempt) => metrics.attempted(...attempt);
    const window = new CallWindow();
    this.tools = { deliveries, endpoints, events, log, client, body, window, unitOfWork, config, onAttempt };
  }

  onModuleInit(): void {
    this.notifications.subscribe(EVENTS_CHANNEL, (log) => this.logGrew(log));
    this.notifications.subscribe(ENDPOINT_CHANNEL, (id) => this.places.get(id)?.turn?.end());
    this.drain.onStart(() => this.endTurns());
  }

  async tick(): Promise<boolean> {
    const now = performance.now();
    if (BESIDE_US !== null && now - this.lookedAt > LOOK_FOR_ENDED_MS) {
      this.lookedAt = now;
      const ended = (await this.deliveries.owners(BESIDE_US)).filter(hasEnded);
      if (ended.length > 0) await this.deliveries.endLeasesOf(ended);
    }
    if (now - this.sweptAt > SWEEP_MS) {
      this.sweptAt = now;
      await this.claim(null);
    }
    await this.claimGrown();
    return false;
  }

  override async beforeApplicationShutdown(): Promise<void> {
    await super.beforeApplicationShutdown();
    this.endTurns();
    await within(DRAIN_MS, Promise.allSettled(this.inHand));
    for (const { turn } of this.places.values()) turn?.breakOff();
    await Promise.allSettled(this.inHand);
  }

  private endTurns(): void {
    this.stopped = true;
    for (const { turn } of this.places.values()) turn?.end();
  }

  private logGrew(log: string): void {
    this.grown.add(log);
    for (const { turn } of this.places.values()) if (turn && logOf(turn.scope) === log) turn.wake();
    // what fails here is claimed by the next sweep
    void this.claimGrown().catch(() => undefined);
  }

  private async claimGrown(): Promise<void> {
    if (this.claiming) return;
    this.claiming = true;
    try {
      while (this.grown.size > 0 && !this.stopped) {
        const logs = [...this.grown].map(scopeOf);
        this.grown.clear();
        await this.claim(logs);
      }
    } finally {
      this.claiming = false;
    }
  }

  /** Those that fare well first; each kind within its share. */
  private async claim(only: readonly EventScope[] | null): Promise<void> {
    for (const lagging of [false, true]) {
      if (this.stopped) return;
      const limit = this.freePlaces(lagging);
      if (limit <= 0) {
        this.endLongTurns(lagging);
        continue;
      }
      const { runLeaseMs: leaseMs } = this.config;
      const lease = (): HeldLease => new HeldLease(leaseMs);
      const leases = Array.from({ length: limit }, lease);
      const claimed = await this.deliveries.claim({ owner: this.owner, leaseMs, limit, lagging, only });
      for (const leased of claimed) this.begin(leased, lagging, leases.pop()!);
    }
  }

  private freePlaces(lagging: boolean): number {
    const { concurrency } = this.config.webhooks;
    const share = Math.max(1, Math.floor(concurrency * LAGGING_SHARE));
    const taken = [...this.places.values()].filter((each) => isLagging(each) === lagging).length;
    const ofKind = (lagging ? share : concurrency - share) - taken;
    return Math.min(ofKind, MOST_TURNS * concurrency - this.places.size);
  }

  /** Others wait for their places. */
  private endLongTurns(lagging: boolean): void {
    const now = performance.now();
    for (const each of this.places.values()) {
      if (isLagging(each) === lagging && now - each.begunAt > TURN_MS) each.turn?.end();
    }
  }

  private begin(leased: LeasedEndpoint, lagging: boolean, lease: HeldLease): void {
    const { id } = leased.endpoint;
    const place: Place = { lagging, begunAt: performance.now(), turn: null };
    this.places.set(id, place);
    const turn = this.takeTurn(leased, lease, place).finally(() => {
      if (this.places.get(id) === place) this.places.delete(id);
      this.inHand.delete(turn);
      // between its last reading and its end
      if (place.turn?.wasWoken) this.grown.add(logOf(leased.endpoint));
    });
    this.inHand.add(turn);
  }

  /** Never fails. */
  private async takeTurn(leased: LeasedEndpoint, lease: HeldLease, place: Place): Promise<void> {
    try {
      const signers = await this.signersOf(leased);
      place.turn = await EndpointTurn.open(this.tools, leased, signers, lease);
      if (this.stopped) place.turn.end();
      await place.turn.run();
    } catch (error) {
      if (error instanceof LeaseLost) return;
      this.log.warn({ msg: 'deliveries broke off', endpointId: leased.endpoint.id, err: error });
      const wakeAt = new Date(Date.now() + BROKEN_OFF_MS);
      // where the database is away the lease lapses
      await this.deliveries.giveBack(leased, { wakeAt, takesNew: false }).catch(() => undefined);
    }
  }

  /** Where its secret does not open for want of its key, whoever asks why nothing is sent is told. */
  private async signersOf(leased: LeasedEndpoint): Promise<Signer[]> {
    try {
      const signers = await this.signers.of(leased.endpoint);
      if (leased.wasUnsigned) await this.deliveries.canSign(leased);
      return signers;
    } catch (error) {
      if (error instanceof VaultError && (error.transient || error.lacksKey)) {
        await this.deliveries.cannotSign(leased, error.lacksKey);
      }
      throw error;
    }
  }
}

function isLagging({ lagging, turn }: Place): boolean {
  return lagging || turn?.isLate === true;
}

function logOf({ merchantId, environment }: EventScope): string {
  return `${merchantId}/${environment}`;
}

function scopeOf(log: string): EventScope {
  const [merchantId, environment] = log.split('/') as [string, Environment];
  return { merchantId, environment };
}
