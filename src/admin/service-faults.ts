import { Injectable } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { Readiness, type Store } from '../platform/health';
import { Metrics } from '../platform/metrics';
import { KeylessSecrets } from '../vault';
import type { KeylessFact, SeenFault, ServiceFacts } from './finding-facts';
import { storeFaults, type StoreFault } from './store-faults';
import { FindingRepository } from './store/finding.repository';

/** Clocks that NTP keeps are closer by far. */
const MAX_SKEW_MS = 10_000;

type StoreFacts = Pick<ServiceFacts, 'databaseReadOnly' | 'databaseAway' | 'queueAway' | 'slowStores'>;
type SeenStoreFault = SeenFault & { readonly store: Store; readonly kind: StoreFault['kind'] };
type Faults = StoreFacts & Pick<ServiceFacts, 'clockSkew' | 'keyless'>;

/**
 * Faults that are nowhere stored: they stand since this process has seen them. It looks by itself, or they would begin
 * when somebody first opens the overview.
 */
@Injectable()
export class ServiceFaults extends Daemon {
  protected readonly name = 'fault watch';
  protected readonly intervalMs = 15_000;
  private readonly seen = new Map<string, Date>();
  private looking: Promise<Faults> | null = null;

  constructor(
    private readonly facts: FindingRepository,
    private readonly keyless: KeylessSecrets,
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  async tick(): Promise<boolean> {
    await this.look();
    return false;
  }

  /** One look at a time, for all who ask meanwhile. */
  look(): Promise<Faults> {
    this.looking ??= this.lookNow().finally(() => (this.looking = null));
    return this.looking;
  }

  private async lookNow(): Promise<Faults> {
    // first: it fails in no state of the stores
    const stores = await this.stores();
    return { ...stores, clockSkew: await this.clockSkew(), keyless: await this.keylessSecrets() };
  }

  private async keylessSecrets(): Promise<KeylessFact | null> {
    const found = await this.keyless.find();
    const fault = this.fault('keyless', found?.keptBy);
    if (found === null || fault === null) return null;
    const { count, keptBy, merchantIds, merchantCount } = found;
    const merchants = await this.facts.merchantNames(merchantIds);
    return { count, keptBy, merchants, merchantCount, since: fault.since.toISOString() };
  }

  private async stores(): Promise<StoreFacts> {
    const found = await storeFaults(this.readiness);
    const [database, queue] = [this.storeFault('database', found.database), this.storeFault('queue', found.queue)];
    return {
      databaseReadOnly: database?.kind === 'refuses' ? database : null,
      databaseAway: database?.kind === 'away' ? database : null,
      queueAway: queue === null || queue.kind === 'slow' ? null : queue,
      slowStores: [database, queue].flatMap((fault) => (fault?.kind === 'slow' ? [fault] : [])),
    };
  }

  /** A store that is away has been so since it first did not answer, which was called slow. */
  private storeFault(store: Store, fault: StoreFault | null): SeenStoreFault | null {
    const isSilent = fault !== null && fault.kind !== 'refuses';
    const silent = this.fault(`${store} is silent`, isSilent ? fault.reason : undefined);
    const refuses = this.fault(`${store} refuses`, isSilent ? undefined : fault?.reason);
    const seen = silent ?? refuses;
    return fault && seen && { ...seen, store, kind: fault.kind };
  }

  private async clockSkew(): Promise<SeenFault | null> {
    const skewMs = await this.facts.clockSkewMs();
    const gauge = this.metrics.gauge('clock_skew_seconds', 'How far the clock is ahead of the database’s.');
    gauge.set(skewMs / 1_000);
    const seconds = Math.round(Math.abs(skewMs) / 1_000);
    const side = skewMs > 0 ? 'ahead of' : 'behind';
    const isOff = Math.abs(skewMs) > MAX_SKEW_MS;
    const fault = this.fault('clock', isOff ? `is ${seconds} s ${side} the database’s` : undefined);
    // by the database's clock, since this one is wrong
    return fault && { ...fault, since: new Date(fault.since.getTime() - skewMs) };
  }

  /** Undefined: there is none, and the next one begins anew. */
  private fault(name: string, reason: string | undefined): SeenFault | null {
    if (reason === undefined) {
      this.seen.delete(name);
      return null;
    }
    const since = this.seen.get(name) ?? new Date();
    this.seen.set(name, since);
    return { reason, since };
  }
}
